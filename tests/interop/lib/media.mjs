// Unmodified Baileys with the sandbox's media servers. It names each file's host itself, always by https, and its hooks alone lead
// it elsewhere: uploads go through `fetchAgent` (Node's https), downloads through a dispatcher of `options` (Node's fetch). Both
// connect to the sandbox whatever the host is: under TLS where it has that, and else in clear.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { downloadMediaMessage } from 'baileys';
import { makePeer } from './baileys.mjs';
import { until } from './process.mjs';

export const sha256 = bytes => createHash('sha256').update(bytes).digest('hex');
export const content = (size, seed = randomBytes(16)) => {
  const out = Buffer.alloc(size);
  for (let i = 0; i < size; i++) out[i] = (seed[i % 16] + i * 7 + (i >> 8)) & 255;
  return out;
};

const socketTo = sandbox => {
  const port = Number(new URL(sandbox.caFile ? sandbox.media_tls : sandbox.media).port);
  return sandbox.caFile ? connectTls({ host: '127.0.0.1', port, servername: 'localhost', ca: readFileSync(sandbox.caFile) })
    : connect({ host: '127.0.0.1', port });
};

class SandboxAgent extends Agent {
  constructor(sandbox) {
    super({ keepAlive: false });
    this.sandbox = sandbox;
  }
  createConnection() { return socketTo(this.sandbox); }
}

// Node's fetch takes a dispatcher of its own undici alone, whose class is that of the one it uses when none is given.
async function dispatcherTo(sandbox) {
  await fetch('data:,');
  const { constructor: Dispatcher } = globalThis[Symbol.for('undici.globalDispatcher.1')];
  return new Dispatcher({
    pipelining: 0,
    connect: (_, done) => {
      const socket = socketTo(sandbox);
      const ready = sandbox.caFile ? 'secureConnect' : 'connect';
      once(socket, ready).then(() => done(null, socket), error => done(error, null));
    },
  });
}

// A peer that is linked, with `files`: what it got that is a file, in order.
export async function makeMediaPeer(t, sandbox, phone) {
  const options = { dispatcher: await dispatcherTo(sandbox) };
  const peer = await makePeer({ url: sandbox.url, caFile: sandbox.caFile, config: { fetchAgent: new SandboxAgent(sandbox) } });
  t.after(() => peer.stop());
  await peer.link(sandbox, phone);
  peer.files = [];
  peer.sock.ev.on('messages.upsert', ({ messages }) => peer.files.push(...messages.filter(each => !each.key.fromMe && each.message)));
  peer.sendFile = async (to, message, more) => (await peer.sock.sendMessage(to, message, more)).key.id;
  peer.file = id => until(`the file ${id}`, () => peer.files.find(({ key }) => key.id === id));
  // Node's own fetch, where a connection that breaks is to be seen: Baileys 7 does not catch it, and it ends the process.
  peer.fetch = async path => Buffer.from(await (await fetch(`https://mmg.whatsapp.net${path}`, options)).arrayBuffer());
  peer.download = async message => downloadMediaMessage(message, 'buffer', { options });
  return peer;
}

// What a phone has of a file.
export const phoneFile = (sandbox, phone, id) => until(`${id} at the phone`, async () =>
  (await sandbox.received(phone)).find(message => message.id === id && message.media)?.media);

// The fields by which a message names a file, of one that no message tells of yet.
export const madeFile = async (sandbox, phone, kind, size = 10) => {
  const { url, directPath, fileLength, ...hashes } = await sandbox.call('POST', `/accounts/${phone}/files`, { kind, size });
  return { url, directPath, fileLength, ...Object.fromEntries(Object.entries(hashes).map(([name, text]) => [name, Buffer.from(text, 'base64')])) };
};

export const sendFile = (sandbox, phone, to, file) => sandbox.call('POST', `/accounts/${phone}/media`, { to, ...file });
export const uploadedBy = async (sandbox, phone) => (await sandbox.call('GET', '/media/files'))
  .filter(({ account, kind }) => account === phone && !kind.startsWith('md-'));
export const lose = (sandbox, path, status = 404) => sandbox.call('PUT', `/media/files/${path.split('?')[0].split('/').pop()}`, { status });
