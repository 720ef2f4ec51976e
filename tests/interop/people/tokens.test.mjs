// Privacy tokens between pigeond, Baileys and the service: given, shown, waited for, and what a caller
// is told when nothing helps.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { key, makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, chatId, makeSandbox, pnJid } from '../lib/world.mjs';

const ours = '491560000001';
const theirs = '491560000002';
const other = '491560000003';

// Without the salt from which tokens for strangers are made: linking/history.test.mjs has those.
async function makeWorld(t, contact = {}) {
  const sandbox = await makeSandbox(t);
  for (const phone of [ours, theirs, other]) await sandbox.account(phone, { salt: false, ...phone === theirs ? contact : {} });
  const peer = await makePeer({ url: sandbox.url });
  t.after(peer.stop);
  await peer.link(sandbox, theirs);
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop('SIGTERM'));
  await gateway.link(sandbox, 'default', ours, { webhooks: [{ url: receiver.url, events: ['session.status'] }] });
  return { sandbox, peer, gateway, receiver };
}

const messagesTo = async (sandbox, phone) => (await textsTo(sandbox, phone))
  .filter(stanza => stanza.includes(`peer_recipient_pn="${phone}@`));

// By either address.
const textsTo = async (sandbox, phone) => (await sandbox.call('GET', `/trace?account=${ours}`))
  .filter(entry => entry.direction === 'in' && entry.stanza.startsWith('<message '))
  .map(entry => entry.stanza)
  .filter(stanza => stanza.includes(`peer_recipient_pn="${phone}@`) || stanza.includes(` to="${phone}@`));

// The answer of a send that is refused.
async function refusedSend(gateway, phone, text) {
  const started = Date.now();
  const response = await fetch(`${gateway.base}/api/sendText`, {
    method: 'POST', headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ session: 'default', chatId: chatId(phone), text }),
  });
  return { status: response.status, body: await response.json(), seconds: (Date.now() - started) / 1000 };
}

const pid = gateway => gateway.process.child.pid;
const statuses = receiver => receiver.events('session.status').map(event => event.payload.status);

test('tokens are given, and shown with the texts that follow, both ways', async t => {
  const { sandbox, peer, gateway } = await makeWorld(t);
  await gateway.sendText('default', chatId(theirs), 'hello');
  await peer.untilTexts(1);
  await peer.send(peer.texts[0].from, 'hello yourself');
  await until('the contact\'s token', async () => (await sandbox.call('GET', `/trace?account=${ours}`))
    .some(entry => entry.stanza.includes('type="privacy_token"')));
  await gateway.sendText('default', chatId(theirs), 'how are you?');
  await peer.untilTexts(2);
  const sent = await messagesTo(sandbox, theirs);
  assert.equal(sent.length, 2);
  assert.doesNotMatch(sent[0], /<tctoken>/);
  assert.match(sent[1], /<tctoken>/);
  await until('Baileys to hold ours', async () => {
    const lid = (await sandbox.call('GET', `/accounts/${ours}`)).lid;
    return (await peer.sock.authState.keys.get('tctoken', [lid]))[lid]?.token?.length > 0;
  });
  await peer.send(peer.texts[0].from, 'fine');
  await assertNoViolations(sandbox);
});

test('463 until a token is presented: it is waited for, and the call succeeds', async t => {
  const { sandbox, peer, gateway } = await makeWorld(t, { token_to_watchers: true });
  // The contact's phone gives its token, and the notification never comes.
  await sandbox.call('POST', `/accounts/${theirs}/tokens`, { to: ours, notify: false });
  await sandbox.fault({ kind: 'token_required', account: ours, to: theirs });
  const answer = await gateway.sendText('default', chatId(theirs), 'it is me');
  await peer.untilTexts(1);
  assert.equal(peer.texts.filter(text => text.text === 'it is me').length, 1);
  const sent = await textsTo(sandbox, theirs);
  // As it was meant, to the other address, and with the token that came when the contact was looked up.
  assert.deepEqual(sent.map(stanza => [stanza.includes(` to="${theirs}@`) ? 'pn' : 'lid', stanza.includes('<tctoken>')]),
    [['lid', false], ['pn', false], ['lid', true]]);
  for (const stanza of sent) assert.ok(stanza.includes(answer.key.id));
  const { steps } = await gateway.call('GET', '/api/sessions/default/health');
  assert.deepEqual(steps.map(({ scope, step, cause, code, outcome }) => ({ scope, step, cause, code, outcome })),
    [{ scope: 'chat', step: 'present_token', cause: 'token_missing', code: 463, outcome: 'healed' },
      { scope: 'chat', step: 'other_form', cause: 'token_missing', code: 463, outcome: 'failed' }]);
  await gateway.sendText('default', chatId(theirs), 'again');
  assert.equal((await textsTo(sandbox, theirs)).length, 4);
  await assertNoViolations(sandbox);
});

test('463 for good is one clear error, nothing restarts, other chats go on', async t => {
  const { sandbox, gateway, receiver } = await makeWorld(t);
  await gateway.sendText('default', chatId(other), 'before');
  await sandbox.fault({ kind: 'ack_error', code: 463, account: ours, to: theirs });
  const before = pid(gateway);
  const told = statuses(receiver);
  for (let i = 0; i < 4; i++) {
    const refusal = await refusedSend(gateway, theirs, `refused ${i}`);
    assert.equal(refusal.status, 422, JSON.stringify(refusal.body));
    assert.equal(refusal.body.cause, 'token_missing');
    assert.equal(refusal.body.code, 463);
    t.diagnostic(`answered after ${refusal.seconds} s`);
    await gateway.sendText('default', chatId(other), `between ${i}`);
  }
  assert.equal(await gateway.status('default'), 'WORKING');
  assert.deepEqual(statuses(receiver), told);
  assert.equal(pid(gateway), before);
  // Each once by either address: there was no token to be had.
  assert.equal((await messagesTo(sandbox, theirs)).length, 4);
  assert.equal((await textsTo(sandbox, theirs)).length, 8);
  const logins = (await sandbox.call('GET', `/trace?account=${ours}`)).filter(entry => entry.stanza.startsWith('<success'));
  assert.equal(logins.length, 1);
  await assertNoViolations(sandbox);
});

test('a locked account says so and until when, and tells when that changes', async t => {
  const { sandbox, gateway, receiver } = await makeWorld(t);
  await until('the answer that there is no lock', async () =>
    (await gateway.call('GET', '/api/sessions/default/timelock'))?.isActive === false);
  const { until: end } = await sandbox.call('PUT', `/accounts/${ours}/timelock`, { seconds: 3600, type: 'BIZ_QUALITY' });
  const told = await receiver.until('the lock', 'session.status', event => event.payload.data?.reachoutTimelock?.isActive);
  assert.equal(told.payload.status, 'WORKING');
  const lock = { enforcementType: 'BIZ_QUALITY', isActive: true, timeEnforcementEnds: end };
  assert.deepEqual(told.payload.data.reachoutTimelock, lock);
  assert.deepEqual(await gateway.call('GET', '/api/sessions/default/timelock'), lock);
  assert.deepEqual((await gateway.call('GET', '/api/sessions/default/me')).reachoutTimelock, lock);
  const refusal = await refusedSend(gateway, theirs, 'no');
  assert.equal(refusal.status, 429, JSON.stringify(refusal.body));
  assert.equal(refusal.body.cause, 'reachout_locked');
  assert.equal(refusal.body.code, 463);
  assert.deepEqual(refusal.body.reachoutTimelock, lock);
  assert.match(refusal.body.message, new RegExp(new Date(end * 1000).toISOString().slice(0, 19)));
  assert.equal((await messagesTo(sandbox, theirs)).length, 1);
  await sandbox.call('DELETE', `/accounts/${ours}/timelock`);
  await receiver.until('its end', 'session.status', event => event.payload.data?.reachoutTimelock?.isActive === false);
  await gateway.sendText('default', chatId(theirs), 'now');
  await assertNoViolations(sandbox);
});

test('a capped account says so and until when', async t => {
  const { sandbox, gateway } = await makeWorld(t);
  await sandbox.call('PUT', `/accounts/${ours}/capping`, { status: 'CAPPED', total: 5, used: 5, seconds: 3600 });
  await until('the cap', async () => (await gateway.call('GET', '/api/sessions/default/capping'))?.cappingStatus === 'CAPPED');
  const capping = await gateway.call('GET', '/api/sessions/default/capping');
  assert.equal(capping.totalQuota, 5);
  const refusal = await refusedSend(gateway, theirs, 'no');
  assert.equal(refusal.status, 429);
  assert.equal(refusal.body.cause, 'chats_capped');
  assert.equal(refusal.body.code, 475);
  assert.deepEqual(refusal.body.messageCapping, capping);
  assert.match(refusal.body.message, new RegExp(new Date(capping.cycleEnd * 1000).toISOString().slice(0, 19)));
  assert.equal(await gateway.status('default'), 'WORKING');
  await assertNoViolations(sandbox);
});

test('Baileys gives, shows and fetches tokens as the service wants it', async t => {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  await sandbox.account(theirs);
  const a = await makePeer({ url: sandbox.url });
  t.after(a.stop);
  await a.link(sandbox, ours);
  const b = await makePeer({ url: sandbox.url });
  t.after(b.stop);
  await b.link(sandbox, theirs);
  for (let i = 0; i < 3; i++) {
    await a.send(pnJid(theirs), `to ${i}`);
    await b.untilTexts(i + 1);
    await b.send(b.texts[0].from, `back ${i}`);
    await a.untilTexts(i + 1);
  }
  const shown = (await sandbox.call('GET', '/trace')).filter(entry => entry.direction === 'in' && entry.stanza.includes('<tctoken>'));
  assert.ok(shown.length >= 2, 'tokens shown');
  await assertNoViolations(sandbox);
});
