// Messages that can't be shown yet: they are told as that, hide nothing, are asked for, and come once when they come.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { linkedWorld } from '../lib/linked.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, chatId } from '../lib/world.mjs';

const ours = '491580000001';
const friend = '491580000002';
const companion = { account: ours, device: 1 };

async function world(t, events = ['message', 'message.any', 'message.waiting']) {
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const made = await linkedWorld([ours, friend], { webhooks: [{ url: receiver.url, events }] });
  t.after(made.end);
  const { sandbox, gateway } = made;
  await sandbox.sendAs(friend, ours, 'hello');
  await receiver.until('the first text', 'message', event => event.payload.body === 'hello');
  // A process that is killed may have told what it will tell again: under the same id.
  const told = name => [...new Map(receiver.events(name).map(event => [event.id, event.payload])).values()]
    .filter(({ body }) => body !== 'hello');
  return { sandbox, gateway, receiver, told };
}

const waits = receiver => receiver.until('message.waiting', 'message.waiting', () => true);
const arrives = (receiver, text) => receiver.until(text, 'message.any', event => event.payload.body === text);
const requests = async sandbox => (await sandbox.trace(`?account=${ours}&limit=100000`))
  .filter(({ direction, stanza }) => direction === 'in' && /^<message [^>]*category="peer"/.test(stanza));
const answered = sandbox => until('all to be answered', async () =>
  (await sandbox.call('GET', `/accounts/${ours}`)).companions[0].waiting === 0);

// That nothing follows can only be seen behind something that does.
async function expectOnce({ sandbox, receiver, told }, text, name = 'message') {
  await sandbox.sendAs(friend, ours, 'the end');
  await arrives(receiver, 'the end');
  const [waiting, ...more] = told('message.waiting');
  assert.deepEqual(more, []);
  assert.deepEqual(told(name).map(({ body }) => body).filter(body => body !== 'the end'), [text]);
  assert.equal(told(name)[0].id, waiting.id);
  await answered(sandbox);
  await assertNoViolations(sandbox);
}

test('a message without a content waits, and its text is one message when it comes under the same id', async t => {
  const all = await world(t);
  const { sandbox, receiver, told } = all;
  await sandbox.fault({ kind: 'resend_unanswered', account: ours });
  await sandbox.fault({ kind: 'withheld', ...companion, count: 1 });
  await sandbox.sendAs(friend, ours, 'late');
  const { payload } = await waits(receiver);
  assert.equal(payload.reason, 'no_content');
  assert.equal(payload.body, '');
  assert.equal(payload.fromMe, false);
  assert.equal(payload.from, chatId(friend));
  await new Promise(resolve => setTimeout(resolve, 1000));
  assert.deepEqual(told('message.any'), [], 'a bot sees no empty message');
  await sandbox.call('POST', `/accounts/${ours}/release`, {});
  await arrives(receiver, 'late');
  await expectOnce(all, 'late');
});

test('it is taken also after the program was killed meanwhile', async t => {
  const all = await world(t);
  const { sandbox, gateway, receiver } = all;
  await sandbox.fault({ kind: 'resend_unanswered', account: ours });
  await sandbox.fault({ kind: 'withheld', ...companion, count: 1 });
  await sandbox.sendAs(friend, ours, 'late');
  await waits(receiver);
  await gateway.stop('SIGKILL');
  await gateway.start();  // what was withheld comes with the next login
  await arrives(receiver, 'late');
  await expectOnce(all, 'late');
});

for (const type of ['', 'bare'])
  test(`the phone gives what came without a content${type && ', and without a word why'}`, async t => {
    const all = await world(t);
    const { sandbox, receiver } = all;
    await sandbox.fault({ kind: 'unavailable', type, ...companion, count: 1 });
    await sandbox.sendAs(friend, ours, 'from an advertisement');
    await waits(receiver);
    await arrives(receiver, 'from an advertisement');
    await expectOnce(all, 'from an advertisement');
    assert.equal((await requests(sandbox)).length, 1);
  });

test('what can not be decrypted is asked of its sender, and had from the phone', async t => {
  const all = await world(t);
  const { sandbox, receiver } = all;
  await sandbox.fault({ kind: 'garbled', ...companion, count: 6 });  // and each time that it is sent again
  await sandbox.sendAs(friend, ours, 'garbled for good');
  assert.equal((await waits(receiver)).payload.reason, 'undecryptable');
  await arrives(receiver, 'garbled for good');
  await expectOnce(all, 'garbled for good');
});

test('the phone is asked also after the program was killed before it had been', async t => {
  const all = await world(t);
  const { sandbox, gateway, receiver } = all;
  await sandbox.fault({ kind: 'garbled', ...companion, count: 6 });
  await sandbox.sendAs(friend, ours, 'garbled for good');
  await waits(receiver);
  await gateway.stop('SIGKILL');
  await gateway.start();
  await arrives(receiver, 'garbled for good');
  await expectOnce(all, 'garbled for good');
});

test('a message of the account itself is had from its phone as well', async t => {
  const all = await world(t);
  const { sandbox, receiver } = all;
  await sandbox.fault({ kind: 'unavailable', ...companion, count: 1 });
  await sandbox.sendAs(ours, friend, 'from my phone');
  assert.equal((await waits(receiver)).payload.fromMe, true);
  await arrives(receiver, 'from my phone');
  await expectOnce(all, 'from my phone', 'message.any');
});

test('what only the phone may open is told as that, and asked of nobody', async t => {
  const { sandbox, receiver, told } = await world(t);
  await sandbox.fault({ kind: 'unavailable', type: 'view_once', ...companion, count: 1 });
  await sandbox.sendAs(friend, ours, 'once');
  assert.equal((await waits(receiver)).payload.reason, 'view_once');
  await sandbox.sendAs(friend, ours, 'the end');
  await arrives(receiver, 'the end');
  assert.deepEqual(told('message').map(({ body }) => body), ['the end']);
  assert.deepEqual(await requests(sandbox), []);
  await answered(sandbox);
  await assertNoViolations(sandbox);
});

test('a device of a contact that nobody announced gets what it asks for, and what follows', async t => {
  const { sandbox, gateway } = await world(t);
  await gateway.sendText('default', chatId(friend), 'before it was linked');
  await sandbox.fault({ kind: 'unannounced', account: friend, count: 1 });
  const peer = await makePeer({ url: sandbox.url });
  t.after(() => peer.stop());
  await peer.link(sandbox, friend);
  const { id } = await gateway.sendText('default', chatId(friend), 'asked for');
  await peer.untilTexts(1);
  await gateway.sendText('default', chatId(friend), 'sent to it');
  await peer.untilTexts(2);
  assert.deepEqual(peer.texts.map(({ text }) => text), ['asked for', 'sent to it']);
  assert.ok(id.endsWith(peer.texts[0].id));
  await answered(sandbox);
  await assertNoViolations(sandbox);
});

test('a receipt that says that its device could not take the message is none of delivery', async t => {
  const { sandbox, gateway, receiver } = await world(t, ['message.ack', 'message']);
  await sandbox.fault({ kind: 'incapable', account: friend, count: 1 });
  const first = await gateway.sendText('default', chatId(friend), 'not taken');
  const second = await gateway.sendText('default', chatId(friend), 'taken');
  await receiver.until('the delivery of the second', 'message.ack', ({ payload }) => payload.id === second.id && payload.ack === 2);
  const levels = receiver.events('message.ack').filter(({ payload }) => payload.id === first.id).map(({ payload }) => payload.ack);
  assert.deepEqual(levels, [1]);
  await answered(sandbox);
  await assertNoViolations(sandbox);
});
