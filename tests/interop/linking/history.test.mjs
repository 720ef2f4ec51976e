// The history that a phone sends to a companion that was just linked: read for what later messages need, whatever
// happens to the file on its way, and called read only when it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { assertNoViolations, chatId, makeSandbox, pnJid } from '../lib/world.mjs';

const ours = '491570000001';
const friend = '491570000002';
const stranger = '491570000003';

const received = async (sandbox, pattern) => (await sandbox.call('GET', `/trace?account=${ours}&limit=1000`))
  .filter(entry => entry.direction === 'in' && pattern.test(entry.stanza)).map(entry => entry.stanza);
const read = (sandbox, count = 3) => until('the history to be read', async () =>
  (await received(sandbox, /^<receipt .*type="hist_sync"/)).length >= count);
const textTo = async (sandbox, phone) => (await received(sandbox, /^<message /))
  .filter(stanza => stanza.includes(`peer_recipient_pn="${phone}@`) || stanza.includes(` to="${phone}@`));

// An account with a chat from before: its friend wrote, and so gave it a token.
async function makeWorld(t, { tls = false, account = {} } = {}) {
  const sandbox = await makeSandbox(t, { tls });
  await sandbox.account(ours, { name: 'Our Shop', salt: false, ...account });
  await sandbox.account(friend, { name: 'An old friend' });
  await sandbox.account(stranger);
  await sandbox.sendAs(friend, ours, 'long ago');
  await sandbox.fault({ kind: 'token_required', account: ours });
  return sandbox;
}

for (const [name, account, tls] of [['that comes along', { history: 'inline' }, false], ['from a media server', {}, false],
  ['from a media server under TLS', {}, true]]) {
  test(`with the tokens of a history ${name} an old contact is reached`, async t => {
    const sandbox = await makeWorld(t, { account, tls });
    const gateway = await makeGateway(sandbox);
    t.after(() => gateway.stop('SIGTERM'));
    await gateway.link(sandbox, 'default', ours);
    await read(sandbox);
    await gateway.sendText('default', chatId(friend), 'it is me');
    const sent = await textTo(sandbox, friend);
    assert.equal(sent.length, 1);
    assert.match(sent[0], /<tctoken>/);
    assert.equal((await gateway.call('GET', '/api/sessions/default/me')).pushName, 'Our Shop');
    await assertNoViolations(sandbox);
  });
}

test('with the salt of a history strangers are reached', async t => {
  const sandbox = await makeWorld(t, { account: { salt: true } });
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop('SIGTERM'));
  await gateway.link(sandbox, 'default', ours);
  await read(sandbox);
  await gateway.sendText('default', chatId(stranger), 'good day');
  const sent = await textTo(sandbox, stranger);
  assert.equal(sent.length, 1);
  assert.match(sent[0], /<cstoken>/);
  await assertNoViolations(sandbox);
});

for (const kind of ['media_gone', 'media_wrong']) {
  test(`a history that can't be had (${kind}) is uploaded again`, async t => {
    const sandbox = await makeWorld(t);
    await sandbox.fault({ kind, account: ours, count: 2 });
    const gateway = await makeGateway(sandbox);
    t.after(() => gateway.stop('SIGTERM'));
    await gateway.link(sandbox, 'default', ours);
    await read(sandbox);
    assert.equal((await received(sandbox, /^<receipt .*type="server-error"/)).length, 2);
    await gateway.sendText('default', chatId(friend), 'it is me');
    assert.match((await textTo(sandbox, friend))[0], /<tctoken>/);
    await assertNoViolations(sandbox);
  });
}

test('a connection that breaks in the middle of a history is no reason to trouble the phone', async t => {
  const sandbox = await makeWorld(t);
  await sandbox.fault({ kind: 'media_cut', account: ours, count: 1 });
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop('SIGTERM'));
  await gateway.link(sandbox, 'default', ours);
  await until('the history to be read', async () => (await received(sandbox, /^<receipt .*type="hist_sync"/)).length >= 3, 60);
  assert.equal((await received(sandbox, /^<receipt .*type="server-error"/)).length, 0);
  await gateway.sendText('default', chatId(friend), 'it is me');
  assert.match((await textTo(sandbox, friend))[0], /<tctoken>/);
  await assertNoViolations(sandbox);
});

test('killed while a long history is read, the gateway reads it after all', async t => {
  const sandbox = await makeWorld(t, { account: { history_messages: 20_000 } });
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop('SIGTERM'));
  await gateway.link(sandbox, 'default', ours);
  for (let i = 0; i < 3; i++) {
    await until('it to be told of', async () => (await received(sandbox, /^<receipt .*type="peer_msg"/)).length >= 4);
    await new Promise(resolve => setTimeout(resolve, 30 * (i + 1)));
    await gateway.stop('SIGKILL');
    await gateway.start();
  }
  await until('the history to be read', async () => (await received(sandbox, /^<receipt .*type="hist_sync"/)).length >= 3, 60);
  await gateway.sendText('default', chatId(friend), 'it is me');
  assert.match((await textTo(sandbox, friend))[0], /<tctoken>/);
  await assertNoViolations(sandbox);
});

// Where Baileys looks for the file stands in its program: here that name leads to the sandbox.
test('Baileys gets the history as well', async t => {
  const sandbox = await makeWorld(t);
  await sandbox.clearFaults();
  const { fetch } = globalThis;
  const fetched = [], told = [];
  globalThis.fetch = (url, options) => {
    const there = String(url).replace('https://mmg.whatsapp.net', sandbox.media);
    if (there !== String(url)) {
      fetched.push(there);
      peer.sock.ev.on('messaging-history.set', set => told.push(set));
    }
    return fetch(there, options);
  };
  t.after(() => { globalThis.fetch = fetch; });
  const peer = await makePeer({ url: sandbox.url });
  t.after(peer.stop);
  await peer.link(sandbox, ours);
  await until('the file to be fetched', () => fetched.length > 0);
  await until('the history', () => told.some(({ chats }) => chats.length > 0));
  await peer.send(pnJid(friend), 'it is me');
  await until('the text', async () => (await sandbox.received(friend)).some(message => message.text === 'it is me'));
  await assertNoViolations(sandbox);
});
