// A message has one id for life, also where the number of its chat becomes known after it was told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, makeSandbox, pnJid } from '../lib/world.mjs';

const [ours, theirs] = ['491595000001', '491595000002'];

test('a message to a LID keeps its id when the number becomes known', async t => {
  const sandbox = await makeSandbox(t);
  const lids = {};
  for (const phone of [ours, theirs]) lids[phone] = (await sandbox.account(phone)).lid;
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  await gateway.link(sandbox, 'default', ours, { webhooks: [{ url: receiver.url, events: ['message.any', 'message.ack'] }] });

  const key = { 'Idempotency-Key': 'once' };
  const send = () => gateway.call('POST', '/api/sendText', { session: 'default', chatId: lids[theirs], text: 'who are you?' }, key);
  const sent = await send();
  const told = await receiver.until('the message', 'message.any', ({ payload }) => payload.fromMe);
  assert.equal(sent.id, told.payload.id);
  const acks = () => receiver.events('message.ack').filter(({ payload }) => payload._data.id === sent._data.id);

  // Their answer names the number.
  await sandbox.sendAs(theirs, pnJid(ours), 'me');
  await receiver.until('the answer', 'message.any', ({ payload }) => payload.body === 'me');
  const { pn } = await gateway.call('GET', `/api/default/lids/${encodeURIComponent(lids[theirs])}`);
  assert.equal(pn, `${theirs}@c.us`);
  await gateway.stop();
  await gateway.start();
  await gateway.working('default');
  const [message] = (await sandbox.received(theirs)).filter(({ text }) => text === 'who are you?');
  await sandbox.call('POST', `/accounts/${theirs}/read`, { chat: message.chat, ids: [message.id] });
  await until('it is read', () => acks().some(({ payload }) => payload.ack === 3));
  assert.deepEqual([...new Set(acks().map(({ payload }) => payload.id))], [sent.id]);
  assert.equal((await send()).id, sent.id);
  await assertNoViolations(sandbox);
});
