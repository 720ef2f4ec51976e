// What waited while a session was away comes in whole and in order, and nothing that the service sends stays unanswered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { linkedWorld } from '../lib/linked.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertInOrder, assertNoViolations, chatId, pnJid } from '../lib/world.mjs';

const ours = '491560000001';
const theirs = '491560000002';
const friend = '491560000003';

async function world(t, events = ['message']) {
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const made = await linkedWorld([ours, theirs, friend], { webhooks: [{ url: receiver.url, events }] });
  t.after(made.end);
  return { ...made, receiver };
}

const companion = async sandbox => (await sandbox.call('GET', `/accounts/${ours}`)).companions[0];
const stanzas = sandbox => sandbox.trace(`?account=${ours}&limit=100000`);
const settled = sandbox => until('all to be answered', async () => (await companion(sandbox)).waiting === 0);
const bodies = receiver => receiver.events('message').map(event => event.payload.body);

test('a backlog of a thousand texts comes in whole and in order, also when the link is lost in the middle', async t => {
  const { sandbox, gateway, receiver } = await world(t);
  await sandbox.sendAs(theirs, ours, 'hello');
  await receiver.until('the first text', 'message', event => event.payload.body === 'hello');
  await gateway.call('POST', '/api/sessions/default/stop');
  for (let i = 0; i < 1000; i++) await sandbox.sendAs(theirs, ours, `away ${i}`);
  await sandbox.sendAs(friend, ours, 'me too');
  await gateway.call('POST', '/api/sessions/default/start');
  await until('a part of it', () => bodies(receiver).length > 150);
  await sandbox.disconnect(ours);
  await until(`all of it (${bodies(receiver).length})`, () => bodies(receiver).length >= 1002);
  await settled(sandbox);
  assertInOrder(bodies(receiver), 'away', 1000);
  assert.equal(bodies(receiver).length, 1002);
  assert.ok(bodies(receiver).includes('me too'));
  // It was asked for, as the service wants it.
  const asked = (await stanzas(sandbox)).filter(entry => entry.direction === 'in' && /<offline_batch count="200"\/>/.test(entry.stanza));
  assert.ok(asked.length >= 5, `${asked.length} batches`);
  await assertNoViolations(sandbox);
});

test('killed while a backlog comes in, the gateway tells each text once and in order', async t => {
  const { sandbox, gateway, receiver } = await world(t);
  await gateway.call('POST', '/api/sessions/default/stop');
  for (let i = 0; i < 1000; i++) await sandbox.sendAs(theirs, ours, `away ${i}`);
  await gateway.call('POST', '/api/sessions/default/start');
  for (const part of [100, 400, 700]) {
    await until('a part of it', () => bodies(receiver).length > part);
    await gateway.stop('SIGKILL');
    await gateway.start();
  }
  await until('all of it', () => new Set(bodies(receiver)).size >= 1000);
  await settled(sandbox);
  // A webhook that was under way when the process died comes again, under its id.
  const told = new Map(receiver.events('message').map(event => [event.id, event.payload.body]));
  assertInOrder([...told.values()], 'away', 1000);
  assert.equal(told.size, 1000, 'each has one event');
  await assertNoViolations(sandbox);
});

test('an answer goes out when what it answers is in, and not before', async t => {
  const { sandbox, gateway, receiver } = await world(t);
  await sandbox.sendAs(theirs, ours, 'hello');
  await receiver.until('the first text', 'message', event => event.payload.body === 'hello');
  await gateway.call('POST', '/api/sessions/default/stop');
  for (let i = 0; i < 300; i++) await sandbox.sendAs(theirs, ours, `away ${i}`);
  const sent = gateway.sendText('default', chatId(theirs), 'later', { queue: true });
  assert.equal((await sent).ack, 0);
  await gateway.call('POST', '/api/sessions/default/start');
  await until('the answer', async () => (await sandbox.received(theirs)).some(message => message.text === 'later'));
  // By then the last of the backlog had been given to the gateway.
  const trace = await stanzas(sandbox);
  const over = trace.find(entry => entry.direction === 'out' && /<offline count="300"/.test(entry.stanza));
  const out = trace.find(entry => entry.direction === 'in' && entry.stanza.startsWith('<message '));
  assert.ok(out.index > over.index);
  await assertNoViolations(sandbox);
});

test('a stanza of a kind that nobody knows is refused, and does not hold up what follows', async t => {
  const { sandbox, receiver } = await world(t);
  await sandbox.call('POST', `/accounts/${ours}/stanzas`, { tag: 'hologram' });
  await sandbox.sendAs(theirs, ours, 'after it');
  await receiver.until('the text', 'message', event => event.payload.body === 'after it');
  await settled(sandbox);
  assert.ok((await companion(sandbox)).connected);
  await assertNoViolations(sandbox);
});

test('a copy of a message from the own phone that can not be read is settled, asked for once, and told when it is read', async t => {
  const { sandbox, receiver } = await world(t, ['message.any']);
  await sandbox.sendAs(ours, theirs, 'readable');
  await receiver.until('the first copy', 'message.any', event => event.payload.body === 'readable');
  await sandbox.fault({ kind: 'garbled', account: ours, device: 1, count: 1 });
  await sandbox.sendAs(ours, theirs, 'garbled at first');
  await receiver.until('the copy', 'message.any', event => event.payload.body === 'garbled at first');
  await settled(sandbox);
  // For good: it is not asked for for ever, and nothing waits at the service.
  await sandbox.fault({ kind: 'garbled', account: ours, device: 1 });
  await sandbox.sendAs(ours, theirs, 'garbled for good');
  await settled(sandbox);
  await sandbox.clearFaults();
  await sandbox.sendAs(ours, theirs, 'readable again');
  await receiver.until('the next one', 'message.any', event => event.payload.body === 'readable again');
  await assertNoViolations(sandbox);
});

test('Baileys, which asks for a hundred and once, reads what waited and then what comes', async t => {
  const { sandbox, gateway } = await world(t);
  const peer = await makePeer({ url: sandbox.url });
  await peer.link(sandbox, theirs);
  await gateway.sendText('default', chatId(theirs), 'hello');
  await peer.untilTexts(1);
  await peer.send(pnJid(ours), 'hello yourself');
  peer.stop();
  for (let i = 0; i < 60; i++) await gateway.sendText('default', chatId(theirs), `away ${i}`);
  const again = await makePeer({ url: sandbox.url, folder: peer.folder });
  t.after(() => again.stop());
  await again.untilTexts(60);
  await gateway.sendText('default', chatId(theirs), 'live');
  await again.untilTexts(61);
  assertInOrder(again.texts.map(text => text.text), 'away', 60);
  assert.equal(again.texts.at(-1).text, 'live');
});
