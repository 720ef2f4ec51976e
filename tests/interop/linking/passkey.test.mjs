// Accounts that demand a passkey: a software authenticator signs, a relying party checks, and a session is linked only after a
// person has compared the code.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { browserConsole, makeAuthenticator } from '../lib/authenticator.mjs';
import { makeGateway } from '../lib/gateway.mjs';
import { HttpError } from '../lib/http.mjs';
import { binary, until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, chatId, makeSandbox } from '../lib/world.mjs';

const ours = '491570000001';
const friend = '491570000002';

const refusal = promise => promise.then(() => assert.fail('was not refused'), error => {
  assert.ok(error instanceof HttpError, error.stack);
  return error;
});

async function makeWorld(t, { account = {}, config = {} } = {}) {
  const sandbox = await makeSandbox(t);
  const authenticator = makeAuthenticator();
  await sandbox.account(ours, { ...authenticator.account, ...account });
  await sandbox.account(friend, { reply: 'echo' });
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  await gateway.call('POST', '/api/sessions', { name: 'default', config });
  const at = (method, path, body) => gateway.call(method, `/api/default/auth/passkey${path}`, body);
  const reaches = status => until(status, async () => await gateway.status('default') === status);
  return {
    sandbox, gateway, authenticator,
    reaches,
    challenge: () => at('GET', '/challenge'),
    prove: assertion => at('POST', '', assertion),
    confirmation: () => at('GET', '/confirmation'),
    confirm: () => at('POST', '/confirm'),
    phoneCode: async () => (await sandbox.call('GET', `/accounts/${ours}/passkey`)).code,
    // By the person's phone, which has its answer when all is over.
    async scan() {
      sandbox.scan(ours, await gateway.qr('default')).catch(() => {});
      await reaches('PASSKEY_REQUIRED');
    },
  };
}

async function assertLinks(world) {
  await world.prove(world.authenticator.assert(await world.challenge()));
  await world.reaches('PASSKEY_CONFIRMATION_REQUIRED');
  const { code } = await world.confirmation();
  assert.match(code, /^[1-9A-HJ-NP-TV-Z]{4}-[1-9A-HJ-NP-TV-Z]{4}$/);
  assert.equal(code, await world.phoneCode());
  await world.confirm();
  await world.gateway.working('default');
  assert.equal((await world.gateway.sendText('default', chatId(friend), 'linked with a passkey')).ack, 1);
  await assertNoViolations(world.sandbox);
}

test('a session is linked with a QR and a passkey, and each step is told', async t => {
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const world = await makeWorld(t, { config: { webhooks: [{ url: receiver.url, events: ['session.status'] }] } });
  await world.scan();
  const options = await world.challenge();
  assert.equal(options.rpId, 'web.whatsapp.com');
  assert.equal(options.userVerification, 'required');
  assert.deepEqual(options.allowCredentials, [{ id: world.authenticator.account.passkey_id, type: 'public-key', transports: ['hybrid', 'internal'] }]);
  await assertLinks(world);
  const told = status => receiver.events('session.status').find(event => event.payload.status === status);
  await until('all to be told', () => told('WORKING'));
  assert.deepEqual(told('PASSKEY_REQUIRED').payload.data, options);
  assert.match(told('PASSKEY_CONFIRMATION_REQUIRED').payload.data.code, /^....-....$/);
});

test('with a code that is typed the same is asked', async t => {
  const world = await makeWorld(t);
  const { code } = await world.gateway.call('POST', '/api/default/auth/request-code', { phoneNumber: ours });
  world.sandbox.call('POST', `/accounts/${ours}/code`, { code }).catch(() => {});
  await world.reaches('PASSKEY_REQUIRED');
  await assertLinks(world);
});

test('options that did not come are asked for', async t => {
  const world = await makeWorld(t, { account: { passkey_bare: true } });
  await world.scan();
  await assertLinks(world);
});

test('a signature that does not hold is refused, and another challenge asked for', async t => {
  const world = await makeWorld(t);
  await world.scan();
  const spoils = [
    { signature: true }, { origin: 'https://web.whatsapp.com.example' }, { rpId: 'whatsapp.com' }, { challenge: 'AAAA' }, { flags: 1 }, { flags: 4 },
    { type: 'webauthn.create' }, { id: Buffer.alloc(32) },
  ];
  for (const spoil of spoils) {
    const before = await world.challenge();
    const error = await refusal(world.prove(world.authenticator.assert(before, spoil)));
    assert.equal(error.status, 422, JSON.stringify(spoil));
    assert.equal(error.body.code, 401);
    assert.match(error.body.hint, /challenge again/);
    await until('another challenge', async () => (await world.challenge()).challenge !== before.challenge);
    assert.equal(await world.gateway.status('default'), 'PASSKEY_REQUIRED');
  }
  await assertLinks(world);
});

test('what is wrong with a request is named, and each call has its status', async t => {
  const world = await makeWorld(t);
  await world.gateway.qr('default');
  for (const [call, expected] of [[world.challenge, 'PASSKEY_REQUIRED'], [world.confirmation, 'PASSKEY_CONFIRMATION_REQUIRED'],
    [world.confirm, 'PASSKEY_CONFIRMATION_REQUIRED'], [() => world.prove(world.authenticator.assert({ rpId: 'x', challenge: 'y' })), 'PASSKEY_REQUIRED']]) {
    const error = await refusal(call());
    assert.equal(error.status, 422);
    assert.deepEqual(error.body.expected, [expected]);
  }
  await world.scan();
  const good = world.authenticator.assert(await world.challenge());
  for (const [name, bad] of [
    ['id', { ...good, id: 'not base64url!' }], ['rawId', { ...good, rawId: 'AAAA' }], ['type', { ...good, type: 'password' }], ['response', { ...good, response: undefined }],
    ['response.signature', { ...good, response: { ...good.response, signature: '+/+/' } }], ['response.clientDataJSON', { ...good, response: { ...good.response, clientDataJSON: undefined } }],
  ]) {
    const error = await refusal(world.prove(bad));
    assert.equal(error.status, 400, name);
    assert.ok(error.body.message[0].startsWith(name), error.body.message[0]);
  }
  assert.equal((await refusal(world.confirm())).status, 422);
  assert.equal((await refusal(world.gateway.call('POST', '/api/default/auth/request-code', { phoneNumber: ours }))).status, 422);
  await assertLinks(world);
});

// Before the signature, after it, and before the code is confirmed.
for (const [step, steps] of [['the challenge', 1], ['the signature', 2], ['the confirmation', 3]]) {
  test(`a gateway that is killed after ${step} is linked by its next QR`, async t => {
    const world = await makeWorld(t);
    await world.scan();
    const options = await world.challenge();
    if (steps > 1) await world.prove(world.authenticator.assert(options));
    if (steps > 2) await world.reaches('PASSKEY_CONFIRMATION_REQUIRED');
    if (steps > 2) world.confirm().catch(() => {});
    await world.gateway.stop('SIGKILL');
    await world.gateway.start();
    await until('it to be up', async () => ['SCAN_QR_CODE', 'WORKING'].includes(await world.gateway.status('default')));
    if (await world.gateway.status('default') === 'WORKING') return;  // the kill came late
    await world.scan();
    await assertLinks(world);
  });
}

test('a link that is lost in the middle leaves a QR that is good, and says why nothing was linked', async t => {
  const world = await makeWorld(t);
  await world.scan();
  const before = await world.challenge();
  await world.gateway.call('POST', '/api/sessions/default/restart');
  await world.gateway.qr('default');
  await world.scan();
  assert.notEqual((await world.challenge()).challenge, before.challenge);
  await assertLinks(world);
});

// As a person does it, with the line of the terminal in the console of a browser.
test('pigeond pair says what to do, takes the signature, and shows the code', async t => {
  const world = await makeWorld(t);
  const pair = spawn(binary, ['pair', '--config', world.gateway.config], { stdio: ['pipe', 'pipe', 'pipe'] });
  t.after(() => pair.exitCode === null && pair.kill());
  const lines = [], errors = [];
  createInterface({ input: pair.stdout }).on('line', line => lines.push(line));
  createInterface({ input: pair.stderr }).on('line', line => errors.push(line));
  const line = what => until(`${what} in ${lines.join('\n')}${errors.join('\n')}`, () => lines.find(each => what.test(each)));
  await world.scan();
  const snippet = await line(/^\(async /);
  pair.stdin.write('this is not what the browser gave\n');
  await until('it to be refused', () => errors.some(each => /not what the browser gave/.test(each)));
  pair.stdin.write(`${await browserConsole(snippet, world.authenticator)}\n`);
  const asked = await line(/The phone shows a code/);
  assert.ok(asked.includes(await world.phoneCode()), asked);
  pair.stdin.write('\n');
  await line(/Session default is linked as 491570000001@c\.us/);
  await assertNoViolations(world.sandbox);
});

test('pigeond pair --phone shows a code, and another one when that has failed', async t => {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  const pair = spawn(binary, ['pair', '--config', gateway.config, '--phone', ours], { stdio: ['pipe', 'pipe', 'pipe'] });
  t.after(() => pair.exitCode === null && pair.kill());
  const lines = [];
  createInterface({ input: pair.stdout }).on('line', line => lines.push(line));
  const codes = () => lines.map(line => line.match(/^Code: (\S+)/)?.[1]).filter(Boolean);
  await until('a code', () => codes().length === 1);
  await sandbox.call('POST', `/accounts/${ours}/code/refresh`, {});
  await until('another', () => codes().length === 2);
  await sandbox.call('POST', `/accounts/${ours}/code`, { code: codes()[1] });
  await until('the end', () => lines.some(line => line === `Session default is linked as ${ours}@c.us.`));

  const nobody = spawn(binary, ['pair', '--config', gateway.config, '--session', 'other', '--phone', '12'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = [];
  createInterface({ input: nobody.stderr }).on('line', line => said.push(line));
  await until('it to end', () => nobody.exitCode !== null);
  assert.notEqual(nobody.exitCode, 0);
  assert.match(said.join('\n'), /phoneNumber/);
});
