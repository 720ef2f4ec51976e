// Somebody calls: the account's companions answer as they have to, so that its phone rings, with a second client that hears the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, chatId, makeSandbox, pnJid } from '../lib/world.mjs';

const ours = '491580000001';
const friend = '491580000002';

test('a call is acknowledged, and answered with the receipt of its offer', async t => {
  const sandbox = await makeSandbox(t);
  for (const phone of [ours, friend]) await sandbox.account(phone);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  await gateway.link(sandbox, 'default', ours);
  const peer = await makePeer({ url: sandbox.url });
  t.after(() => peer.stop());
  await peer.link(sandbox, ours);

  // What another client makes of the same stanza.
  const heard = new Promise(resolve => peer.sock.ev.on('call', ([call]) => resolve(call)));
  const { id } = await sandbox.call('POST', `/accounts/${friend}/call`, { to: ours, video: true });
  const theirs = await heard;
  assert.equal(theirs.id, id);
  assert.equal(theirs.isVideo, true);
  const sent = async () => (await sandbox.trace(`?account=${ours}`)).filter(each => each.direction === 'in' && each.device === 1);
  const receipt = await until('the receipt', async () =>
    (await sent()).find(({ stanza }) => stanza.startsWith('<receipt') && stanza.includes(`call-id="${id}"`)));
  assert.match(receipt.stanza, /^<receipt to="\d+@lid" id="[^"]+" from="\d+:1@lid"><offer call-id="[0-9A-F]{32}" call-creator="\d+@lid"\/><\/receipt>$/);
  assert.ok((await sent()).some(({ stanza }) => stanza.startsWith('<ack class="call"')));
  await assertNoViolations(sandbox);
});

test('a call is told once, then how it ended, also across a restart of the gateway', async t => {
  const sandbox = await makeSandbox(t);
  for (const phone of [ours, friend]) await sandbox.account(phone);
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  const events = ['call.received', 'call.accepted', 'call.rejected'];
  await gateway.link(sandbox, 'default', ours, { webhooks: [{ url: receiver.url, events }] });
  const act = more => sandbox.call('POST', `/accounts/${friend}/call`, { to: ours, ...more });
  const told = id => receiver.deliveries.map(({ body }) => body).filter(({ payload }) => payload.id === id);
  const names = id => told(id).map(({ event }) => event);

  // Of the caller's number there is the caller's word alone, until a message or the service names it.
  await sandbox.sendAs(friend, pnJid(ours), 'I am about to call');
  const { id } = await act({ video: true });
  await until('that it rings', () => names(id).length === 1);
  const [{ payload }] = told(id);
  assert.deepEqual({ ...payload, timestamp: 0, _data: 0 },
    { id, from: chatId(friend), timestamp: 0, isVideo: true, isGroup: false, _data: 0 });
  assert.equal(payload._data.offline, false);
  await act({ id, video: true });
  await gateway.stop();
  await gateway.start();
  await gateway.working('default');
  await act({ id, video: true });
  await act({ id, action: 'terminate', reason: 'accepted_elsewhere' });
  await act({ id, action: 'terminate' });
  const { id: later } = await act({});
  await act({ id: later, action: 'terminate', reason: 'timeout' });
  await until('the end of the later one', () => names(later).length === 2);
  assert.deepEqual(names(id), ['call.received', 'call.accepted']);
  assert.deepEqual(names(later), ['call.received', 'call.rejected']);

  await gateway.stop();
  const { id: missed } = await act({});
  await gateway.start();
  await until('the missed one', () => names(missed).length === 1);
  assert.equal(told(missed)[0].payload._data.offline, true);
  await assertNoViolations(sandbox);
});
