// By number or by LID: what the account's migration says, and what the service takes for a chat.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { assertNoViolations, chatId, makeSandbox } from '../lib/world.mjs';

const ours = '491580000001';
const theirs = '491580000002';

const sentTo = async sandbox => (await sandbox.call('GET', `/trace?account=${ours}&limit=1000`))
  .filter(entry => entry.direction === 'in' && entry.stanza.startsWith('<message ') && !entry.stanza.includes('category="peer"'))
  .map(entry => / to="[^"]*@([a-z.]+)"/.exec(entry.stanza)[1]);

async function makeWorld(t, account = {}) {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours, account);
  await sandbox.account(theirs);
  const peer = await makePeer({ url: sandbox.url });
  t.after(peer.stop);
  await peer.link(sandbox, theirs);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop('SIGTERM'));
  await gateway.link(sandbox, 'default', ours);
  return { sandbox, peer, gateway };
}

test('an account whose chats were not migrated writes by number, and is answered', async t => {
  const { sandbox, peer, gateway } = await makeWorld(t, { lid_migrated: false });
  await gateway.sendText('default', chatId(theirs), 'hello');
  await peer.untilTexts(1);
  await peer.send(peer.texts[0].from, 'hello yourself');
  await until('the answer', async () => (await sandbox.received(ours)).some(message => message.text === 'hello yourself'));
  await gateway.sendText('default', chatId(theirs), 'how are you?');
  await peer.untilTexts(2);
  assert.deepEqual(await sentTo(sandbox), ['s.whatsapp.net', 's.whatsapp.net']);
  assert.deepEqual((await gateway.call('GET', '/api/sessions/default/health')).steps, []);
  await assertNoViolations(sandbox);
});

test('one that was migrated before its devices were told so learns it from the settings, and keeps it', async t => {
  const { sandbox, peer, gateway } = await makeWorld(t, { client_props: false });
  await gateway.stop();
  await gateway.start();
  await gateway.working('default');
  await gateway.sendText('default', chatId(theirs), 'hello');
  await peer.untilTexts(1);
  assert.deepEqual(await sentTo(sandbox), ['lid']);
  await assertNoViolations(sandbox);
});

for (const [form, code, ways] of [['lid', 400, ['lid', 's.whatsapp.net']], ['lid', 463, ['lid', 's.whatsapp.net']]]) {
  test(`a chat that is refused by ${form} (${code}) goes on in the other form, also after a restart`, async t => {
    const { sandbox, peer, gateway } = await makeWorld(t);
    await sandbox.fault({ kind: 'ack_error', code, account: ours, to: theirs, form });
    await gateway.sendText('default', chatId(theirs), 'hello');
    await peer.untilTexts(1);
    await gateway.stop('SIGKILL');
    await gateway.start();
    await gateway.working('default');
    await gateway.sendText('default', chatId(theirs), 'again');
    await peer.untilTexts(2);
    assert.deepEqual(await sentTo(sandbox), [...ways, ways[1]]);
    await assertNoViolations(sandbox);
  });
}

test('where nobody has told of a migration, a contact who takes nothing by number (463) is reached by LID', async t => {
  const { sandbox, peer, gateway } = await makeWorld(t, { client_props: false, migration_setting: false });
  await sandbox.fault({ kind: 'ack_error', code: 463, account: ours, to: theirs, form: 'pn' });
  await gateway.sendText('default', chatId(theirs), 'hello');
  await peer.untilTexts(1);
  await gateway.sendText('default', chatId(theirs), 'again');
  await peer.untilTexts(2);
  assert.deepEqual(await sentTo(sandbox), ['s.whatsapp.net', 'lid', 'lid']);
  await assertNoViolations(sandbox);
});
