// Unmodified Baileys as a linked device of a sandbox account.
import { once, EventEmitter } from 'node:events';
import { Agent } from 'node:https';
import { readFileSync } from 'node:fs';
import pino from 'pino';
import { scratch, until } from './process.mjs';

const versions = { 7: 'baileys', 6: 'baileys6' };

export async function makePeer({ version = 7, url, caFile, folder = scratch(), browser = ['Ubuntu', 'Chrome', '22.04'], config = {} }) {
  const baileys = await import(versions[version]);
  const makeWASocket = baileys.makeWASocket ?? baileys.default;
  const peer = new EventEmitter();
  peer.folder = folder;
  peer.texts = [];       // {id, from, key, text, message} in order of arrival, not our own
  peer.statuses = {};    // id -> highest status: 2 server, 3 delivered, 4 read
  peer.ended = false;

  const raise = (id, status) => { peer.statuses[id] = Math.max(peer.statuses[id] ?? 0, status ?? 0); };

  async function open() {
    const { state, saveCreds } = await baileys.useMultiFileAuthState(folder);
    const sock = makeWASocket({
      auth: state,
      // Node asks the system for localhost, and a bare one may not know it; the certificate names the address too.
      waWebSocketUrl: url.replace('//localhost:', '//127.0.0.1:'),
      logger: pino({ level: process.env.BAILEYS_LOG ?? 'silent' }),
      agent: caFile ? new Agent({ ca: readFileSync(caFile) }) : undefined,
      browser,
      syncFullHistory: false,
      getMessage: async id => peer.sent?.[id.id],
      ...config,
    });
    peer.sock = sock;
    let saved = Promise.resolve();
    sock.ev.on('creds.update', () => { saved = saved.then(saveCreds); });
    sock.ev.on('connection.update', update => {
      if (update.qr) peer.emit('qr', update.qr);
      // Open, and told that all that had waited was delivered: that goes through a queue of its own in Baileys 7, which
      // live messages overtake.
      if (update.receivedPendingNotifications) peer.emit('open');
      if (update.connection !== 'close') return;
      const code = update.lastDisconnect?.error?.output?.statusCode;
      peer.emit('closed', code);
      if (!peer.ended && code !== 401) setTimeout(() => saved.then(() => peer.ended || open()), code === 515 ? 0 : 200);
    });
    sock.ev.on('messages.upsert', ({ messages }) => {
      for (const message of messages) {
        const text = message.message?.conversation || message.message?.extendedTextMessage?.text;
        // What comes while Baileys still buffers the message itself is told only as part of it: its status, and in groups who has it.
        if (message.key.fromMe) {
          raise(message.key.id, message.status);
          for (const { readTimestamp } of message.userReceipt ?? []) raise(message.key.id, readTimestamp ? 4 : 3);
          continue;
        }
        if (!text) continue;
        peer.texts.push({ id: message.key.id, from: message.key.remoteJid, key: message.key, text, message });
        peer.emit('text');
      }
    });
    sock.ev.on('messages.update', updates => updates.forEach(({ key, update }) => raise(key.id, update.status)));
    sock.ev.on('message-receipt.update', updates =>
      updates.forEach(({ key, receipt }) => raise(key.id, receipt.readTimestamp ? 4 : 3)));
  }

  peer.sent = {};
  peer.send = async (to, text, options = {}) => {
    const message = await peer.sock.sendMessage(to, { text }, options);
    peer.sent[message.key.id] = message.message;
    return message.key.id;
  };
  peer.link = async (sandbox, phone) => {
    const opened = once(peer, 'open');
    const [qr] = await once(peer, 'qr');
    const reopened = once(peer, 'closed').then(() => once(peer, 'open'));
    await sandbox.scan(phone, qr);
    await Promise.race([opened, reopened]);
  };
  peer.untilTexts = (count, seconds) => until(`${count} texts (has ${peer.texts.length})`, () => peer.texts.length >= count, seconds);
  peer.stop = () => {
    peer.ended = true;
    peer.sock.end(undefined);
  };
  await open();
  return peer;
}
