// The main job: pigeond and Baileys, two numbers, both ways; through kills, restarts and lost links.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertInOrder, assertNoViolations, chatId, makeSandbox, pnJid } from '../lib/world.mjs';

const ours = '491520000001';
const theirs = '491520000002';
const rounds = 200;

async function makePair(t, { tls = false, version = 7 } = {}) {
  const sandbox = await makeSandbox(t, { tls });
  await sandbox.account(ours, { name: 'Gateway' });
  await sandbox.account(theirs, { name: 'Peer' });
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop('SIGTERM'));
  const webhooks = [{ url: receiver.url, events: ['message', 'message.ack', 'session.status'] }];
  await gateway.link(sandbox, 'default', ours, { webhooks });
  const peer = await makePeer({ version, url: sandbox.url, caFile: sandbox.caFile });
  t.after(() => peer.stop());
  await peer.link(sandbox, theirs);
  const inbox = () => receiver.events('message').map(event => event.payload.body);
  const acks = () => {
    const levels = {};
    for (const { payload } of receiver.events('message.ack')) {
      const id = payload.id.split('_')[2];
      levels[id] = Math.max(levels[id] ?? 0, payload.ack);
    }
    return levels;
  };
  // First texts that cross make libsignal-node drop one of the two sessions, and ask again out of order.
  await gateway.sendText('default', chatId(theirs), 'hello');
  await peer.untilTexts(1);
  // Baileys 6 keeps a session for the number and another for the LID of the same device: it stays with one.
  await peer.send(version === 6 ? peer.texts[0].from : pnJid(ours), 'hello yourself');
  await until('the first text', () => inbox().length === 1);
  return { sandbox, receiver, gateway, peer, inbox, acks };
}

// Half of the texts in bursts, one side at a time, the other half in turns. (Baileys takes the same message key for two
// texts when a send overlaps a receive of the same session, so only a peer that waits its turn stays in order.)
async function exchange({ gateway, peer, inbox, acks }, label, count) {
  const texts = () => peer.texts.map(text => text.text);
  const before = { texts: peer.texts.length, inbox: inbox().length };
  const chat = peer.texts[0].from;
  const sent = [];
  const out = async i => sent.push((await gateway.sendText('default', chatId(theirs), `${label} out ${i}`)).key.id);
  const arrived = (here, there) => until(`texts of ${label}`, () =>
    texts().length === before.texts + here && inbox().length === before.inbox + there);

  const half = count / 2;
  for (let i = 0; i < half; i++) await out(i);
  await arrived(half, 0);
  for (let i = 0; i < half; i++) await peer.send(chat, `${label} in ${i}`);
  await arrived(half, half);
  for (let i = half; i < count; i++) {
    await out(i);
    await arrived(i + 1, i);
    await peer.send(chat, `${label} in ${i}`);
    await arrived(i + 1, i + 1);
  }
  assertInOrder(texts(), `${label} out`, count);
  assertInOrder(inbox(), `${label} in`, count);
  await until('delivery acks', () => sent.every(id => acks()[id] >= 2));
  await peer.sock.readMessages(peer.texts.slice(before.texts).map(text => text.key));
  await until('read acks', () => sent.every(id => acks()[id] >= 3));
}

for (const tls of [false, true]) {
  test(`pigeond and Baileys 7 exchange ${rounds} texts each way over ${tls ? 'wss' : 'ws'}`, async t => {
    const pair = await makePair(t, { tls });
    await exchange(pair, 'first', rounds);

    // Killed without warning: the link is taken up again, with no new QR.
    await pair.gateway.stop('SIGKILL');
    await pair.gateway.start();
    await pair.gateway.working('default');
    await exchange(pair, 'after kill', rounds);

    // The link is cut, and messages wait at the server until it is back.
    await pair.gateway.stop('SIGTERM');
    for (let i = 0; i < 20; i++) await pair.peer.send(pair.peer.texts[0].from, `offline in ${i}`);
    await pair.gateway.start();
    await until('offline messages', () => pair.inbox().filter(text => text.startsWith('offline')).length >= 20);
    assertInOrder(pair.inbox(), 'offline in', 20);
    await pair.sandbox.disconnect(ours);
    // What waits for Baileys at its login goes through a queue of its own there, and what comes live overtakes it, though
    // the service writes it afterwards: its order says something of the service only while nothing waits.
    const back = once(pair.peer, 'open');
    await pair.sandbox.disconnect(theirs);
    await back;
    await pair.gateway.working('default');
    // Baileys handles live messages beside each other, and with the empty caches of a new login the first of a burst
    // take longer than those behind them: one goes ahead.
    const seen = pair.peer.texts.length;
    await pair.gateway.sendText('default', chatId(theirs), 'back again');
    await pair.peer.untilTexts(seen + 1);
    await exchange(pair, 'after cut', tls ? 20 : rounds);
    await assertNoViolations(pair.sandbox);
  });
}

test('pigeond and Baileys 6 exchange texts', async t => {
  const pair = await makePair(t, { version: 6 });
  await exchange(pair, 'six', 50);
  await assertNoViolations(pair.sandbox);
});

test('a reply quotes the message it answers, and mentions arrive', async t => {
  const pair = await makePair(t);
  await pair.peer.send(pnJid(ours), 'what time is it?');
  const question = await pair.receiver.until('the question', 'message', event => event.payload.body === 'what time is it?');
  await pair.gateway.sendText('default', question.payload.from, `noon, @${theirs}`,
    { reply_to: question.payload.id, mentions: [chatId(theirs)] });
  await pair.peer.untilTexts(2);
  const context = pair.peer.texts[1].message.message.extendedTextMessage.contextInfo;
  assert.equal(context.stanzaId, question.payload.id.split('_')[2]);
  assert.equal(context.quotedMessage.extendedTextMessage.text, 'what time is it?');
  assert.equal(context.mentionedJid.length, 1);
  await assertNoViolations(pair.sandbox);
});

test('a message to oneself reaches the phone', async t => {
  const { sandbox, gateway } = await makePair(t);
  await gateway.sendText('default', chatId(ours), 'note to self');
  await until('the note', async () => (await sandbox.received(ours)).some(message => message.text === 'note to self'));
  await assertNoViolations(sandbox);
});

test('two sessions live in one process and know nothing of each other', async t => {
  const { sandbox, gateway, peer } = await makePair(t);
  const second = '491520000003';
  await sandbox.account(second);
  await gateway.link(sandbox, 'second', second);
  await gateway.sendText('default', chatId(theirs), 'from the first');
  await gateway.sendText('second', chatId(theirs), 'from the second');
  await peer.untilTexts(3);
  assert.deepEqual(peer.texts.slice(1).map(text => text.text).sort(), ['from the first', 'from the second']);
  await gateway.call('POST', '/api/sessions/second/logout');
  assert.equal(await gateway.status('default'), 'WORKING');
  await assertNoViolations(sandbox);
});
