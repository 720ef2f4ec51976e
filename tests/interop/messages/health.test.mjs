// Send health with a real client as the recipient: what goes wrong heals without any action by the caller, and what
// can't be healed is said, where it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, chatId, makeSandbox } from '../lib/world.mjs';

const ours = '491530000001';
const theirs = '491530000002';
const others = '491530000003';
const second = '491530000004';

async function makePair(t, env = {}) {
  const sandbox = await makeSandbox(t);
  for (const phone of [ours, theirs, others, second]) await sandbox.account(phone);
  const receiver = await startReceiver();
  t.after(receiver.stop);
  Object.assign(process.env, env);
  t.after(() => Object.keys(env).forEach(name => delete process.env[name]));
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop('SIGTERM'));
  await gateway.link(sandbox, 'default', ours, { webhooks: [{ url: receiver.url, events: ['session.status'] }] });
  const peer = await makePeer({ url: sandbox.url });
  t.after(() => peer.stop());
  await peer.link(sandbox, theirs);
  await gateway.sendText('default', chatId(theirs), 'hello');
  await peer.untilTexts(1);
  return { sandbox, receiver, gateway, peer };
}

const health = gateway => gateway.call('GET', '/api/sessions/default/health');
const texts = peer => peer.texts.map(text => text.text);

// Each text once, however it came through.
async function assertOnce(peer, expected) {
  await peer.untilTexts(expected.length);
  assert.deepEqual(texts(peer), expected);
}

test('an account that is refused until it reconnects sends without any action by the caller', async t => {
  const { sandbox, receiver, gateway, peer } = await makePair(t);
  await sandbox.fault({ kind: 'ack_error', code: 400, account: ours, device: 1, until: 'reconnect' });
  const sent = await gateway.sendText('default', chatId(theirs), 'through it all');
  assert.equal(sent.ack, 1);
  await assertOnce(peer, ['hello', 'through it all']);
  const seen = await health(gateway);
  assert.equal(seen.state, 'ok');
  assert.ok(seen.lastSuccess > 0);
  assert.ok(seen.failures.bad_request >= 1);
  const [restart, ...rest] = seen.steps;
  assert.deepEqual([restart.scope, restart.step, restart.cause, restart.code, restart.outcome],
    ['session', 'restart', 'bad_request', 400, 'healed']);
  assert.ok(rest.some(step => step.step === 'renew_chat' && step.outcome === 'failed' && step.chatId === chatId(theirs)));
  assert.deepEqual((await gateway.session('default')).health.steps, seen.steps);
  const statuses = receiver.events('session.status').map(event => event.payload.status);
  assert.deepEqual(statuses.slice(-2), ['STARTING', 'WORKING']);

  // What was done can still be read after the process has died.
  await gateway.stop('SIGKILL');
  await gateway.start();
  await gateway.working('default');
  assert.deepEqual((await health(gateway)).steps, seen.steps);
  await assertNoViolations(sandbox);
});

test('one chat that is refused once is healed by itself', async t => {
  const { sandbox, gateway, peer } = await makePair(t);
  await sandbox.fault({ kind: 'ack_error', code: 479, account: ours, device: 1, to: theirs, count: 1 });
  await gateway.sendText('default', chatId(theirs), 'in new sessions');
  await assertOnce(peer, ['hello', 'in new sessions']);
  const { steps } = await health(gateway);
  assert.deepEqual(steps.map(step => [step.step, step.outcome]), [['renew_chat', 'healed']]);
  await peer.send(peer.texts[0].from, 'and back');
  await assertNoViolations(sandbox);
});

// The recipient's receipt proves what the missing ack would have said; without it the message goes out again.
test('a missing ack costs the caller nothing, and the text arrives once', async t => {
  const { sandbox, gateway, peer } = await makePair(t);
  await sandbox.fault({ kind: 'no_ack', account: ours, device: 1, count: 1 });
  await gateway.sendText('default', chatId(theirs), 'was it heard?');
  await assertOnce(peer, ['hello', 'was it heard?']);
  assert.equal(await gateway.status('default'), 'WORKING');
  await assertNoViolations(sandbox);
});

test('a link that is dropped in mid-send costs the caller nothing', async t => {
  const { sandbox, gateway, peer } = await makePair(t);
  await sandbox.fault({ kind: 'drop', account: ours, device: 1, count: 1 });
  await gateway.sendText('default', chatId(theirs), 'over two links');
  await assertOnce(peer, ['hello', 'over two links']);
  assert.equal(await gateway.status('default'), 'WORKING');
  await assertNoViolations(sandbox);
});

test('one chat that is refused for good ends with its cause, and costs no other chat anything', async t => {
  const { sandbox, gateway, peer } = await makePair(t);
  await sandbox.fault({ kind: 'ack_error', code: 400, account: ours, device: 1, to: others });
  const refused = gateway.sendText('default', chatId(others), 'never').then(() => assert.fail('sent'), error => error);
  for (let i = 0; i < 20; i++) await gateway.sendText('default', chatId(theirs), `meanwhile ${i}`);
  const { status, body } = await refused;
  assert.deepEqual([status, body.cause, body.code], [502, 'bad_request', 400]);
  assert.match(body.hint, /restart/);
  assert.equal(await gateway.status('default'), 'WORKING');
  await peer.untilTexts(21);
  const again = await gateway.sendText('default', chatId(others), 'never').then(() => assert.fail('sent'), error => error);
  assert.equal(again.body.cause, 'bad_request');
  assert.ok((await health(gateway)).steps.filter(step => step.step === 'restart' && step.outcome !== 'called_off').length === 0);
  await assertNoViolations(sandbox);
});

test('a session whose chats all fail for good is FAILED with its cause; another one goes on', async t => {
  const { sandbox, receiver, gateway, peer } = await makePair(t, { PIGEOND_SESSIONS_RESTARTS: '2' });
  await gateway.link(sandbox, 'second', second);
  await sandbox.fault({ kind: 'ack_error', code: 400, account: ours, device: 1 });
  const ends = Promise.all([theirs, others].map(phone =>
    gateway.sendText('default', chatId(phone), 'never').then(() => assert.fail('sent'), error => error)));
  let sent = 0;
  await until('FAILED', async () => {
    await gateway.sendText('second', chatId(theirs), `second ${sent++}`);
    return (await gateway.status('default')) === 'FAILED';
  }, 60);
  for (const { body } of await ends) assert.deepEqual([body.cause, body.code], ['bad_request', 400]);
  const session = await gateway.session('default');
  assert.equal(session.cause.name, 'bad_request');
  assert.match(session.cause.hint, /link it again/);
  assert.equal(session.health.state, 'failed');
  assert.deepEqual(session.health.steps.filter(step => step.scope === 'session').map(step => [step.step, step.outcome]),
    [['give_up', 'failed'], ['restart', 'failed'], ['restart', 'failed']]);
  assert.equal(receiver.events('session.status').at(-1).payload.status, 'FAILED');
  assert.equal(await gateway.status('second'), 'WORKING');
  await peer.untilTexts(1 + sent);

  // Nothing was thrown away: a person starts it, and it works.
  await sandbox.clearFaults();
  await gateway.call('POST', '/api/sessions/default/restart');
  await gateway.working('default');
  await gateway.sendText('default', chatId(theirs), 'well again');
  await until('the text', () => texts(peer).includes('well again'));
  assert.ok(!texts(peer).includes('never'));
  await assertNoViolations(sandbox);
});

test('a service that asks for fewer messages gets none for a time, and then all of them', async t => {
  const { sandbox, gateway, peer } = await makePair(t);
  await sandbox.fault({ kind: 'ack_error', code: 429, account: ours, device: 1, count: 1 });
  const sent = gateway.sendText('default', chatId(theirs), 'patience');
  await until('STARTING', async () => (await gateway.status('default')) === 'STARTING');
  const session = await gateway.session('default');
  assert.equal(session.cause.name, 'rate_limited');
  assert.equal(session.health.state, 'backing_off');
  assert.ok(session.health.retryAfter > 0);
  assert.equal((await sent).ack, 1);
  await assertOnce(peer, ['hello', 'patience']);
  assert.equal(await gateway.status('default'), 'WORKING');
  await assertNoViolations(sandbox);
});

test('a link on which nothing comes any more is found and replaced', { timeout: 120_000 }, async t => {
  const { sandbox, gateway, peer } = await makePair(t);
  await sandbox.fault({ kind: 'silence', account: ours, device: 1, count: 1 });
  const started = Date.now();
  await until('the loss to be noticed', async () => (await gateway.status('default')) !== 'WORKING', 60);
  await gateway.working('default');
  assert.ok(Date.now() - started < 60_000);
  await gateway.sendText('default', chatId(theirs), 'on the next link');
  await assertOnce(peer, ['hello', 'on the next link']);
  await assertNoViolations(sandbox);
});
