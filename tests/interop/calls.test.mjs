// Somebody calls: the account's companions answer as they have to, so that its phone rings, with a second client that hears the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from './lib/baileys.mjs';
import { makeGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { assertNoViolations, makeSandbox } from './lib/world.mjs';

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
