// A text that is refused: what its caller is told is what its webhooks are told, under one id.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, chatId, makeSandbox } from '../lib/world.mjs';

const ours = '491570000001';
const friend = '491570000002';
const stranger = '491570000003';
const nobody = '491570009999';

async function makeWorld(t) {
  const sandbox = await makeSandbox(t);
  // Without the salt that makes tokens for strangers: with one a locked account is heard.
  for (const phone of [ours, friend, stranger]) await sandbox.account(phone, { salt: false });
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  const webhooks = [{ url: receiver.url, events: ['message.any', 'message.ack'] }];
  await gateway.link(sandbox, 'default', ours, { webhooks });
  const refusal = (chat, extra) =>
    gateway.sendText('default', chatId(chat), 'x', extra).then(() => assert.fail('sent'), error => error);
  const lost = id => receiver.until('the ack of an error', 'message.ack', ({ payload }) => payload.id === id && payload.ack === -1);
  return { sandbox, receiver, gateway, refusal, lost };
}

test('a number that is not on WhatsApp is named, and the refusal has the id of its events', async t => {
  const { sandbox, receiver, gateway, refusal, lost } = await makeWorld(t);
  for (let i = 0; i < 2; i++) {  // the second time it is remembered
    const { status, body } = await refusal(nobody);
    assert.equal(status, 422);
    assert.equal(body.message, `chatId: ${nobody} is not on WhatsApp`);
    assert.equal(body.cause, 'not_on_whatsapp');
    assert.equal(body.hint, 'check the number');
    await lost(body.id);
    assert.equal(receiver.events('message.any').filter(({ payload }) => payload.id === body.id).length, 1);
  }
  // Under a key the same refusal again, and no other message.
  const call = () => fetch(`${gateway.base}/api/sendText`, {
    method: 'POST', headers: { 'x-api-key': 'interop-key', 'idempotency-key': 'once' },
    body: JSON.stringify({ chatId: nobody, text: 'x' }),
  });
  const [first, second] = [await call(), await call()];
  assert.deepEqual([first.status, second.status], [422, 422]);
  assert.deepEqual(await first.json(), await second.json());
  await assertNoViolations(sandbox);
});

test('whatever ends a text that its caller waits for, no event tells of an id that the caller never got', async t => {
  const { sandbox, receiver, gateway, refusal, lost } = await makeWorld(t);
  await gateway.sendText('default', chatId(friend), 'hello');
  const given = [];
  const ends = async (statuses, cause, error) => {
    assert.ok(statuses.includes(error.status), `${error.status} for ${cause}`);
    assert.equal(error.body.cause, cause);
    given.push(error.body.id);
    await lost(error.body.id);
  };
  await ends([422], 'not_on_whatsapp', await refusal(nobody));
  for (const [code, status, cause] of [[463, 422, 'token_missing'], [403, 422, 'forbidden'], [400, 502, 'bad_request']]) {
    const { id } = await sandbox.fault({ kind: 'ack_error', code, account: ours, to: stranger });
    const beside = refusal(stranger);
    if (code === 400) await gateway.sendText('default', chatId(friend), 'another chat is well');
    await ends([status], cause, await beside);
    await sandbox.clearFaults();
  }
  await sandbox.call('PUT', `/accounts/${ours}/timelock`, { seconds: 3600 });
  await until('the lock', async () => (await gateway.call('GET', '/api/sessions/default/timelock'))?.isActive);
  await ends([429], 'reachout_locked', await refusal(stranger));
  await sandbox.call('DELETE', `/accounts/${ours}/timelock`);

  // Refused before it was accepted: no id, and no event.
  for (const extra of [{ reply_to: 'NONE' }, { id: 'a/b' }, { text: '' }]) {
    const { status, body } = await refusal(friend, extra);
    assert.equal(status, 400);
    assert.equal(body.id, undefined);
  }
  // Answered with 202 before: its end is told under the id of that answer.
  const pending = await gateway.sendText('default', chatId('491570009998'), 'x', { async: true });
  assert.equal(pending.ack, 0);
  await lost(pending.id);
  given.push(pending.id);
  const lostIds = receiver.events('message.ack').filter(({ payload }) => payload.ack === -1).map(({ payload }) => payload.id);
  assert.deepEqual(lostIds, given);
  await assertNoViolations(sandbox);
});

test("a caller's own id is plain, and comes back as it is", async t => {
  const { gateway, refusal } = await makeWorld(t);
  const sent = await gateway.sendText('default', chatId(friend), 'x', { id: 'my_order-17.a' });
  assert.equal(sent.id, `true_${chatId(friend)}_my_order-17.a`);
  assert.equal(sent._data.id, 'my_order-17.a');
  // The long form names the same message, which has ended: it is answered with its outcome.
  assert.equal((await gateway.sendText('default', chatId(friend), 'x', { id: sent.id })).id, sent.id);
  for (const id of ['a b', 'a\n', 'a\0b', '<a>', 'ä', 'a/b', 'x'.repeat(65)]) {
    const { status, body } = await refusal(friend, { id });
    assert.equal(status, 400, id);
    assert.match(body.message[0], /^id must be 1 to 64 characters of A-Z, a-z, 0-9, \., _ and -$/);
  }
});
