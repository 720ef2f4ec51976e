// Baileys in a process of its own, driven over the IPC channel: what a gateway around it costs at the least.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(new URL('../tests/interop/package.json', import.meta.url));
const { makeWASocket, useMultiFileAuthState } = await import(pathToFileURL(require.resolve('baileys')));
const pino = (await import(pathToFileURL(require.resolve('pino')))).default;

const [url, ...folders] = process.argv.slice(2);
const sockets = [];
const waiting = new Map();  // message id -> resolve, until the server's ack
const early = new Set();    // acks that came before sendMessage() gave the id

async function open(folder, index) {
  const { state, saveCreds } = await useMultiFileAuthState(folder);
  const sock = makeWASocket({ auth: state, waWebSocketUrl: url, logger: pino({ level: 'silent' }), syncFullHistory: false });
  sockets[index] = sock;
  let saved = Promise.resolve();
  sock.ev.on('creds.update', () => { saved = saved.then(saveCreds); });
  sock.ev.on('connection.update', ({ qr, connection, lastDisconnect }) => {
    if (qr) process.send({ qr, index });
    if (connection === 'open') process.send({ open: index });
    if (connection === 'close' && lastDisconnect?.error?.output?.statusCode === 515) saved.then(() => open(folder, index));
  });
  sock.ws.on('CB:ack,class:message', ({ attrs: { id } }) => (waiting.has(id) ? waiting.get(id)() : early.add(id)));
}

async function sendOne(to, text) {
  const began = performance.now();
  await sendAndWait(to, text);
  return performance.now() - began;
}

async function sendAndWait(to, text) {
  const sent = await sockets[0].sendMessage(to, { text });
  if (early.delete(sent.key.id)) return;
  await new Promise(resolve => waiting.set(sent.key.id, resolve));
  waiting.delete(sent.key.id);
}

process.on('message', async ({ send }) => {
  if (!send) return;
  const { to, count, concurrency } = send;
  let next = 0;
  const took = [];
  const work = async () => { while (next < count) took.push(await sendOne(to, `text ${next++}`)); };
  await Promise.all(Array.from({ length: concurrency }, work));
  process.send({ sent: took });
});

await Promise.all(folders.map(open));
