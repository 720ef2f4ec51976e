// What Baileys can't judge, because it takes anything: forged signatures, and how JIDs are encoded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNode, walk } from '../lib/binary-node.mjs';
import { makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { assertNoViolations, chatId, makeSandbox } from '../lib/world.mjs';

const ours = '491550000001';
const friend = '491550000002';

async function makeWorld(t) {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  await sandbox.account(friend, { reply: 'echo' });
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  return { sandbox, gateway };
}

const logged = (gateway, pattern) => until(`a log line like ${pattern}`, () => gateway.process.log.some(line => pattern.test(line)));

test('a forged certificate chain is refused before anything about the account is said', async t => {
  const { sandbox, gateway } = await makeWorld(t);
  await sandbox.fault({ kind: 'forged_certificate' });
  await gateway.call('POST', '/api/sessions', { name: 'default' });
  await logged(gateway, /bad_signature/);
  assert.equal((await sandbox.trace()).filter(entry => entry.direction === 'in').length, 0);
  assert.notEqual(await gateway.status('default'), 'WORKING');
  await sandbox.clearFaults();
  await sandbox.scan(ours, await gateway.qr('default'));
  await gateway.working('default');
});

test('a forged account signature ends the pairing, and nothing of it is kept', async t => {
  const { sandbox, gateway } = await makeWorld(t);
  await gateway.call('POST', '/api/sessions', { name: 'default' });
  await sandbox.fault({ kind: 'forged_account_signature' });
  await assert.rejects(gateway.qr('default').then(qr => sandbox.scan(ours, qr)));
  assert.equal((await gateway.session('default')).me, null);
  await sandbox.clearFaults();
  await sandbox.scan(ours, await until('a QR', () => gateway.qr('default').catch(() => undefined)));
  await gateway.working('default');
});

test('a bundle with a forged signed pre-key gets no message', async t => {
  const { sandbox, gateway } = await makeWorld(t);
  await gateway.link(sandbox, 'default', ours);
  await sandbox.fault({ kind: 'forged_signed_pre_key', account: friend });
  await assert.rejects(gateway.sendText('default', chatId(friend), 'for your eyes only'));
  assert.deepEqual((await sandbox.received(friend)).filter(message => message.text), []);
  await sandbox.clearFaults();
  await gateway.sendText('default', chatId(friend), 'again');
  await until('the text', async () => (await sandbox.received(friend)).some(message => message.text === 'again'));
});

test('every JID that pigeond writes is encoded as one', async t => {
  const { sandbox, gateway } = await makeWorld(t);
  await gateway.link(sandbox, 'default', ours);
  for (let i = 0; i < 3; i++) await gateway.sendText('default', chatId(friend), `text ${i}`);
  await gateway.sendText('default', chatId(ours), 'note');
  await until('receipts', async () => (await sandbox.trace()).some(entry => entry.direction === 'in' && entry.stanza.startsWith('<receipt')));
  const nodes = (await sandbox.trace('?limit=1000')).filter(entry => entry.direction === 'in').map(entry => readNode(entry.bytes));
  const values = nodes.flatMap(node => [...walk(node)]).flatMap(node => Object.entries(node.attrs).map(([name, value]) => ({ tag: node.tag, name, ...value })));
  const jids = values.filter(({ name, text }) => text.includes('@') || ['to', 'from', 'jid', 'participant', 'recipient'].includes(name));
  assert.ok(jids.some(value => value.form === 'ad-jid') || jids.length > 10);
  assert.deepEqual(jids.filter(({ form }) => form !== 'jid-pair' && form !== 'ad-jid'), []);
  // A device other than the first needs the form that carries it, with the domain byte of its server.
  assert.deepEqual(jids.filter(({ form, text }) => /:[1-9]\d*@/.test(text) && form !== 'ad-jid'), []);
  assert.deepEqual(jids.filter(({ text }) => text.endsWith('@undefined')), []);
  await assertNoViolations(sandbox);
});
