// Linking by a code that is typed into the phone: the sandbox does it with an unmodified client, and pigeond with the sandbox.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { makeGateway } from '../lib/gateway.mjs';
import { HttpError } from '../lib/http.mjs';
import { until } from '../lib/process.mjs';
import { assertNoViolations, chatId, makeSandbox, pnJid } from '../lib/world.mjs';

const ours = '491560000001';
const friend = '491560000002';

const requestCode = (gateway, phoneNumber = ours, session = 'default') =>
  gateway.call('POST', `/api/${session}/auth/request-code`, { phoneNumber });
const enter = (sandbox, code, phone = ours) => sandbox.call('POST', `/accounts/${phone}/code`, { code });
const refusal = promise => promise.then(() => assert.fail('was not refused'), error => {
  assert.ok(error instanceof HttpError, error.stack);
  return error;
});
// Another than the one that is shown.
const mistyped = code => code.replace(/.$/, last => (last === 'A' ? 'B' : 'A'));

async function makeWorld(t) {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  await sandbox.account(friend, { reply: 'echo' });
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  await gateway.call('POST', '/api/sessions', { name: 'default' });
  return { sandbox, gateway };
}

async function assertTalks(gateway) {
  await gateway.working('default');
  assert.equal((await gateway.sendText('default', chatId(friend), 'linked by a code')).ack, 1);
}

test('Baileys links with a code, and talks', async t => {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  await sandbox.account(friend, { reply: 'echo' });
  const peer = await makePeer({ url: sandbox.url });
  t.after(peer.stop);
  await once(peer, 'qr');
  const opened = once(peer, 'open');
  const code = await peer.sock.requestPairingCode(ours);
  assert.match(code, /^[1-9A-HJ-NP-TV-Z]{8}$/);
  await until('the code to be known', () => enter(sandbox, code).catch(error => error.status !== 404 && Promise.reject(error)));
  await opened;
  await peer.send(pnJid(friend), 'hello');
  await peer.untilTexts(1);
  assert.equal(peer.texts[0].text, 'echo: hello');
  await assertNoViolations(sandbox);
});

test('Baileys is not linked by a code that is mistyped, nor asked for under a made-up system', async t => {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  const peer = await makePeer({ url: sandbox.url });
  t.after(peer.stop);
  await once(peer, 'qr');
  const code = await peer.sock.requestPairingCode(ours);
  await until('a code to be known', async () => (await refusal(enter(sandbox, mistyped(code)))).status !== 404);
  assert.deepEqual((await sandbox.call('GET', `/accounts/${ours}`)).devices, [0]);
  await assertNoViolations(sandbox);

  const other = await makePeer({ url: sandbox.url, browser: ['pigeond', 'Chrome', '1'] });
  t.after(other.stop);
  await once(other, 'qr');
  await other.sock.requestPairingCode(ours);
  await until('the request to be refused', async () => (await sandbox.violations()).some(({ rule }) => rule === 'link-code-hello'));
});

test('a session is linked with a code that is typed into the phone', async t => {
  const { sandbox, gateway } = await makeWorld(t);
  const { code, expiresIn } = await requestCode(gateway);
  assert.match(code, /^[1-9A-HJ-NP-TV-Z]{4}-[1-9A-HJ-NP-TV-Z]{4}$/);
  assert.ok(expiresIn > 0 && expiresIn <= 180, `${expiresIn}`);
  const { device } = await enter(sandbox, code);
  assert.equal(device, 1);
  await assertTalks(gateway);
  assert.equal((await gateway.session('default')).me.id, chatId(ours));
  await assertNoViolations(sandbox);
});

test('a code that is mistyped links nothing, and is still good when it is typed right', async t => {
  const { sandbox, gateway } = await makeWorld(t);
  const { code } = await requestCode(gateway);
  const wrong = await refusal(enter(sandbox, mistyped(code)));
  assert.match(wrong.body.error, /not the one that the companion shows/);
  assert.equal(await gateway.status('default'), 'SCAN_QR_CODE');
  await enter(sandbox, code);
  await assertTalks(gateway);
  await assertNoViolations(sandbox);
});

test('after three tries, and after another was asked for, a code is worth nothing; the QR is', async t => {
  const { sandbox, gateway } = await makeWorld(t);
  const first = await requestCode(gateway);
  for (let i = 0; i < 3; i++) await refusal(enter(sandbox, mistyped(first.code)));
  assert.equal((await refusal(enter(sandbox, first.code))).status, 404);
  const second = await requestCode(gateway);
  const third = await requestCode(gateway);
  assert.notEqual(second.code, third.code);
  await refusal(enter(sandbox, second.code));
  await sandbox.scan(ours, await gateway.qr('default'));
  await assertTalks(gateway);
  await assertNoViolations(sandbox);
});

test('a service that throttles is told as such, with the time to wait', async t => {
  const { sandbox, gateway } = await makeWorld(t);
  for (const code of [429, 400]) {
    await sandbox.fault({ kind: 'code_throttled', code, count: 1 });
    const error = await refusal(requestCode(gateway));
    assert.equal(error.status, 429);
    assert.equal(error.body.cause, 'rate_limited');
    assert.equal(error.body.code, code);
    assert.match(error.body.hint, /wait, or scan the QR/);
  }
  await sandbox.fault({ kind: 'code_throttled', code: 429, count: 1 });
  const response = await fetch(`${gateway.base}/api/default/auth/request-code`, {
    method: 'POST', headers: { 'x-api-key': 'interop-key', 'content-type': 'application/json' }, body: JSON.stringify({ phoneNumber: ours }),
  });
  assert.equal(response.headers.get('retry-after'), '60');
  await enter(sandbox, (await requestCode(gateway)).code);
  await assertTalks(gateway);
});

test('a bundle that the service refuses, and a code that it wants anew, are told as why nothing was linked', async t => {
  const { sandbox, gateway } = await makeWorld(t);
  await sandbox.fault({ kind: 'code_finish_refused', count: 1 });
  await refusal(enter(sandbox, (await requestCode(gateway)).code));
  const told = async name => { const { status, cause } = await gateway.session('default'); return status === 'SCAN_QR_CODE' && cause?.name === name; };
  await until('the refusal to be told', () => told('ack_error'));
  await requestCode(gateway);
  assert.equal((await gateway.session('default')).cause, undefined);
  await sandbox.call('POST', `/accounts/${ours}/code/refresh`, {});
  await until('it to be told', () => told('expired'));
  await enter(sandbox, (await requestCode(gateway)).code);
  await assertTalks(gateway);
  await assertNoViolations(sandbox);
});

test('what is wrong with a request is named', async t => {
  const { gateway } = await makeWorld(t);
  for (const phoneNumber of [undefined, '', '12', '0491560000001', 'a number']) {
    const error = await refusal(gateway.call('POST', '/api/default/auth/request-code', { phoneNumber }));
    assert.equal(error.status, 400, phoneNumber);
    assert.match(error.body.message[0], /^phoneNumber/);
  }
  assert.match((await refusal(gateway.call('POST', '/api/default/auth/request-code', { phoneNumber: ours, method: 'sms' }))).body.message[0], /^method/);
  await gateway.call('POST', '/api/sessions/default/stop');
  const stopped = await refusal(requestCode(gateway));
  assert.equal(stopped.status, 422);
  assert.deepEqual(stopped.body.expected, ['SCAN_QR_CODE']);
  assert.equal(stopped.body.status, 'STOPPED');
});

test('a gateway that is killed while its code is shown is linked by the next code, or the next QR', async t => {
  const { sandbox, gateway } = await makeWorld(t);
  for (let i = 0; i < 3; i++) {
    const { code } = await requestCode(gateway);
    // Killed at once, or with the phone's answer on its way.
    const typed = i > 0 ? enter(sandbox, i > 1 ? mistyped(code) : code).catch(error => error) : undefined;
    await gateway.stop('SIGKILL');
    await typed;
    await gateway.start();
    if (await gateway.status('default') === 'WORKING' || i === 1 && !(await typed instanceof HttpError)) return assertTalks(gateway);
  }
  const { code } = await requestCode(gateway);
  await enter(sandbox, code);
  await assertTalks(gateway);
  await assertNoViolations(sandbox);
});
