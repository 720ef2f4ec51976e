// Keys of a companion for which its account does not vouch are not used, and the account's other devices have the message.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { linkedWorld } from '../lib/linked.mjs';
import { until } from '../lib/process.mjs';
import { chatId } from '../lib/world.mjs';

const [ours, friend] = ['491594000001', '491594000002'];

test('nothing is encrypted for a companion whose identity is forged', async t => {
  const { sandbox, gateway, end } = await linkedWorld([ours, friend], { pacing: 'off' });
  t.after(end);
  const peer = await makePeer({ url: sandbox.ws });
  t.after(() => peer.stop());
  await peer.link(sandbox, friend);
  await sandbox.fault({ kind: 'forged_device_identity', account: friend });
  await gateway.sendText('default', chatId(friend), 'for your eyes only');
  await until('the phone to have it', async () => (await sandbox.received(friend)).some(({ text }) => text === 'for your eyes only'));
  const written = async () => (await sandbox.trace(`?account=${ours}`))
    .filter(({ direction, device, stanza }) => direction === 'in' && device === 1 && stanza.startsWith('<message ')).map(({ stanza }) => stanza);
  const [first] = await written();
  assert.equal(first.match(/<to jid="/g).length, 2, `the phones alone: ${first}`);
  assert.ok(gateway.process.log.some(line => line.includes('no_session') && line.includes('bad_signature')), 'it is told');

  await sandbox.clearFaults();
  await gateway.sendText('default', chatId(friend), 'and yours');
  await until('the companion to have the next one', () => peer.texts.some(({ text }) => text === 'and yours'));
});
