// Unlinking while the service does not answer: what callers are told, what calls it off, and what insists.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { chatId, makeSandbox } from '../lib/world.mjs';

const ours = '491540000001';
const friend = '491540000002';
const gone = call => call.then(() => false, error => error.status === 404);

async function linkedAndDeaf(t) {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  await gateway.link(sandbox, 'default', ours);
  await sandbox.fault({ kind: 'silence', account: ours });  // for good: of each of its links
  return { sandbox, gateway };
}

test('a removal that nobody confirms is pending, a start calls it off, and then the account is as it was', async t => {
  const { sandbox, gateway } = await linkedAndDeaf(t);
  const told = await gateway.call('DELETE', '/api/sessions/default');
  assert.equal(told.unlinked, false);
  assert.equal(told.pending, true);
  assert.match(told.hint, /force=true/);
  assert.equal((await gateway.session('default')).me.id, `${ours}@c.us`);
  await sandbox.clearFaults();
  await gateway.call('POST', '/api/sessions/default/start');
  await gateway.working('default');
  assert.equal((await gateway.session('default')).me.id, `${ours}@c.us`);
});

test('a removal that is pending is done when the service answers again', async t => {
  const { sandbox, gateway } = await linkedAndDeaf(t);
  assert.equal((await gateway.call('DELETE', '/api/sessions/default')).pending, true);
  await sandbox.clearFaults();
  await sandbox.disconnect(ours).catch(() => {});  // the deaf link, if it is there still
  await until('the session to be gone', () => gone(gateway.session('default')));
});

test('force waits for nobody: the account is erased, and the caller told that the phone may list it', async t => {
  const { sandbox, gateway } = await linkedAndDeaf(t);
  const told = await gateway.call('DELETE', '/api/sessions/default?force=true');
  assert.equal(told.unlinked, false);
  assert.equal(told.pending, false);
  assert.match(told.hint, /Linked devices/);
  assert.ok(await gone(gateway.session('default')));
  await sandbox.clearFaults();
  // The name is free again, and nothing of the account is left.
  const created = await gateway.call('POST', '/api/sessions', { name: 'default' });
  assert.equal(created.me, null);
});

// Its queue of events goes with the session, so what ends then has to be taken before.
test('the end of what was accepted and not sent reaches the receiver before the session goes', async t => {
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const sandbox = await makeSandbox(t);
  for (const phone of [ours, friend]) await sandbox.account(phone);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  await gateway.link(sandbox, 'default', ours, { webhooks: [{ url: receiver.url, events: ['message.ack'] }] });
  await gateway.call('POST', '/api/sessions/default/stop');
  const sent = await gateway.sendText('default', chatId(friend), 'never', { queue: true });
  assert.ok(sent.pending);
  assert.equal((await gateway.call('DELETE', '/api/sessions/default')).unlinked, true);
  await until('the session to be gone', () => gone(gateway.session('default')));
  assert.deepEqual(
    receiver.events('message.ack').map(({ payload: { id, ack, cause } }) => [id, ack, cause.name]), [[sent.id, -1, 'logged_out']]);
  assert.deepEqual((await sandbox.received(friend)).filter(({ text }) => text === 'never'), []);
});
