// Somebody who goes by a username: no number of theirs is known anywhere, and nothing expects one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpError } from '../lib/http.mjs';
import { linkedWorld } from '../lib/linked.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations } from '../lib/world.mjs';

const [ours, theirs] = ['491599000001', '491599000002'];

test('a person without a number is told by the LID, answered, read, shown typing and heard calling by it', async t => {
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const { sandbox, gateway, end } = await linkedWorld([ours, [theirs, { name: 'only.a.name', hides_number: true }]],
    { webhooks: [{ url: receiver.url, events: ['*'] }] });
  t.after(end);
  const { lid } = await sandbox.call('GET', `/accounts/${theirs}`);
  const { lid: me } = await sandbox.call('GET', `/accounts/${ours}`);

  await sandbox.sendAs(theirs, me, 'hello');
  const { payload } = await receiver.until('the text', 'message', event => event.payload.body === 'hello');
  assert.equal(payload.from, lid);
  assert.match(payload.id, new RegExp(`^false_${lid}_`));
  assert.deepEqual({ pn: payload._data.pn, lid: payload._data.lid, name: payload._data.notifyName }, { pn: null, lid, name: 'only.a.name' });

  const sent = await gateway.sendText('default', lid, 'hello you', { reply_to: payload.id });
  assert.match(sent.id, new RegExp(`^true_${lid}_`));
  await until('the answer', async () => (await sandbox.received(theirs)).some(({ text, reply_to }) => text === 'hello you' && reply_to));
  await receiver.until('that it was delivered', 'message.ack', event => event.payload.id === sent.id && event.payload.ack >= 2);
  assert.deepEqual(await gateway.call('POST', '/api/sendSeen', { chatId: lid }), { ids: [payload.id] });
  await gateway.call('POST', '/api/default/presence', { presence: 'typing', chatId: lid });
  assert.deepEqual(await gateway.call('GET', `/api/default/lids/${encodeURIComponent(lid)}`), { lid, pn: null });
  await gateway.call('GET', `/api/contacts/profile-picture?contactId=${encodeURIComponent(lid)}`);
  const { id } = await sandbox.call('POST', `/accounts/${theirs}/call`, { to: ours });
  const call = await receiver.until('the call', 'call.received', event => event.payload.id === id);
  assert.equal(call.payload.from, lid);
  const nobody = await gateway.sendText('default', theirs, 'by number').then(() => assert.fail('it was sent'), caught => caught);
  assert.ok(nobody instanceof HttpError && nobody.status === 422, String(nobody));
  await assertNoViolations(sandbox);
});
