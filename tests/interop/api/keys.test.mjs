// Keys of the API: what each may do, to which sessions, how often and how long.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { makeGateway } from '../lib/gateway.mjs';
import { jsonClient } from '../lib/http.mjs';
import { binary, until } from '../lib/process.mjs';

async function make(t) {
  const gateway = await makeGateway({ url: 'ws://127.0.0.1:1/', rootKey: '' });
  t.after(() => gateway.stop());
  for (const name of ['one', 'two']) await gateway.call('POST', '/api/sessions', { name, start: false });
  return gateway;
}

const as = (gateway, key) => jsonClient(gateway.base, { 'x-api-key': key });
// Every page but the first, in the file and in its log.
function damage(store) {
  const page = 1024;
  for (const [file, from] of [[store, page], [`${store}-wal`, 0]]) {
    const descriptor = openSync(file, 'r+');
    const { size } = fstatSync(descriptor);
    if (size > from) writeSync(descriptor, Buffer.alloc(size - from), 0, size - from, from);
    closeSync(descriptor);
  }
}

async function refused(promise, status, names) {
  const error = await promise.then(() => assert.fail('it was not refused'), caught => caught);
  assert.equal(error.status, status, String(error));
  assert.match(JSON.stringify(error.body), names);
  return error;
}

test('a key may do what its scopes say, and is told which one it lacks', async t => {
  const gateway = await make(t);
  const made = await gateway.call('POST', '/api/keys', { name: 'crm', scopes: ['read'] });
  assert.match(made.id, /^key_id_/);
  assert.match(made.key, /^key_.{32}$/);
  assert.equal(made.isAdmin, false);
  assert.deepEqual(made.scopes, ['read']);
  const call = as(gateway, made.key);
  assert.equal((await call('GET', '/api/sessions')).length, 2);
  await call('GET', '/health');
  await refused(call('POST', '/api/sessions/one/start'), 403, /lacks the scope control/);
  await refused(call('POST', '/api/sendText', { session: 'one', chatId: '491510000002', text: 'x' }), 403, /lacks the scope send/);
  await refused(call('DELETE', '/api/sessions/one'), 403, /lacks the scope admin/);
  await refused(call('GET', '/api/keys'), 403, /lacks the scope admin/);
  const [shown] = await gateway.call('GET', '/api/keys');
  assert.equal(shown.key, undefined);
  assert.ok(shown.lastUsedAt > 0);
  await gateway.call('PUT', `/api/keys/${made.id}`, { name: 'crm', scopes: ['read', 'control'] });
  await call('POST', '/api/sessions/one/start');
  assert.deepEqual(await gateway.call('DELETE', `/api/keys/${made.id}`), { result: true });
  await refused(call('GET', '/api/sessions'), 401, /Unauthorized/);
  await refused(gateway.call('DELETE', `/api/keys/${made.id}`), 404, /API key not found/);
  await refused(gateway.call('PUT', '/api/keys/key_id_nobody', {}), 404, /API key not found/);
});

test('a key for some sessions sees those alone, wherever a request names one', async t => {
  const gateway = await make(t);
  const { key } = await gateway.call('POST', '/api/keys', { session: 'one', actions: { delete: false } });
  const call = as(gateway, key);
  assert.deepEqual((await call('GET', '/api/sessions')).map(session => session.name), ['one']);
  assert.equal((await call('GET', '/api/sessions/one')).name, 'one');
  await refused(call('GET', '/api/sessions/two'), 403, /not good for session .*two/);
  await refused(call('POST', '/api/sendText', { session: 'two', chatId: '491510000002', text: 'x' }), 403, /two/);
  await refused(call('POST', '/api/sendText', { chatId: '491510000002', text: 'x' }), 403, /default/);
  await refused(call('GET', '/api/contacts/check-exists?phone=491510000002&session=two'), 403, /two/);
  await refused(call('POST', '/api/sendText', { session: 'one', chatId: '491510000002', text: 'x' }), 422, /STOPPED/);
  await refused(call('POST', '/api/sessions', { name: 'three' }), 403, /single sessions/);
  await refused(call('GET', '/health'), 403, /single sessions/);
  await call('GET', '/api/version');
  await call('POST', '/api/sessions/one/stop');
});

test('who may only look sees no secrets of the configuration', async t => {
  const gateway = await make(t);
  const config = { metadata: { a: 'b' }, webhooks: [{ url: 'http://u:p@127.0.0.1:9/', events: ['message'], hmac: { key: 'secret-of-hmac' } }] };
  await gateway.call('PUT', '/api/sessions/one', { config });
  const keys = Object.fromEntries(await Promise.all([['read'], ['read', 'control']].map(async scopes =>
    [scopes.at(-1), as(gateway, (await gateway.call('POST', '/api/keys', { scopes })).key)])));
  assert.deepEqual((await keys.control('GET', '/api/sessions/one')).config, config);
  assert.deepEqual((await keys.read('GET', '/api/sessions/one')).config, { metadata: { a: 'b' } });
  assert.ok(!JSON.stringify(await keys.read('GET', '/api/sessions')).includes('secret-of-hmac'));
});

test('keys are WAHA\'s: administrators, actions, and those that control one session', async t => {
  const gateway = await make(t);
  const admin = await gateway.call('POST', '/api/keys', { isAdmin: true, session: null, isActive: true, actions: null });
  assert.equal(admin.isAdmin, true);
  await as(gateway, admin.key)('POST', '/api/keys', { isAdmin: false, session: 'one', isActive: true });
  const reader = await gateway.call('POST', '/api/keys', { session: 'one', actions: { send: false, control: false, setting: false } });
  assert.deepEqual(reader.scopes, ['read']);
  assert.equal(reader.session, 'one');
  const first = await gateway.call('POST', '/api/keys/control', { session: 'one' });
  assert.equal(first.id, 'key_id_control_one');
  assert.deepEqual(await gateway.call('POST', '/api/keys/control', { session: 'one' }).then(key => key.key), first.key);
  await as(gateway, first.key)('POST', '/api/sessions/one/stop');
  await refused(as(gateway, first.key)('GET', '/api/sessions/one'), 403, /scope read/);
  await refused(gateway.call('POST', '/api/keys/control', { session: 'nobody' }), 422, /nobody/);
});

test('what is wrong in a key is named', async t => {
  const gateway = await make(t);
  const bad = (body, names) => refused(gateway.call('POST', '/api/keys', body), 400, names);
  await bad({ scopes: ['all'] }, /scopes\[0\] must be admin, send, read or control/);
  await bad({ scopes: ['read'], isAdmin: true }, /scopes/);
  await bad({ session: 'no blanks' }, /session/);
  await bad({ session: 'one', sessions: ['two'] }, /sessions/);
  await bad({ sessions: ['two', 'x/y'] }, /sessions\[1\]/);
  await bad({ rateLimit: { requests: 0, seconds: 1 } }, /rateLimit\.requests/);
  await bad({ rateLimit: { requests: 1 } }, /rateLimit\.seconds is required/);
  await bad({ expiresAt: 'tomorrow' }, /expiresAt/);
  await bad({ actions: { delete: true, read: false } }, /actions\.delete/);
  assert.deepEqual(await gateway.call('GET', '/api/keys'), []);
});

test('a key that is not active or has expired is none, and one that asks too often waits', async t => {
  const gateway = await make(t);
  const off = await gateway.call('POST', '/api/keys', { scopes: ['read'], isActive: false });
  await refused(as(gateway, off.key)('GET', '/api/sessions'), 401, /not active/);
  const late = await gateway.call('POST', '/api/keys', { scopes: ['read'], expiresAt: 1000 });
  await refused(as(gateway, late.key)('GET', '/api/sessions'), 401, /expired/);
  const slow = await gateway.call('POST', '/api/keys', { scopes: ['read'], rateLimit: { requests: 3, seconds: 3600 } });
  assert.deepEqual(slow.rateLimit, { requests: 3, seconds: 3600 });
  for (let i = 0; i < 3; i++) await as(gateway, slow.key)('GET', '/api/sessions');
  const response = await fetch(`${gateway.base}/api/sessions`, { headers: { 'x-api-key': slow.key } });
  assert.equal(response.status, 429);
  assert.ok(Number(response.headers.get('retry-after')) > 0);
  assert.match((await response.json()).message, /rate limit/);
});

test('keys survive a kill, without being in the database themselves', async t => {
  const gateway = await make(t);
  const { key } = await gateway.call('POST', '/api/keys', { scopes: ['read'] });
  await gateway.stop('SIGKILL');
  for (const file of ['pigeond.db', 'pigeond.db-wal']) {
    assert.ok(!readFileSync(join(gateway.folder, file)).includes(key.slice(4)), file);
  }
  await gateway.start();
  await until('the keys are loaded', () => as(gateway, key)('GET', '/api/sessions').then(() => true, error => {
    assert.equal(error.status, 503);
    return false;
  }));
});

test('a key does not outlive the session that it was made for', async t => {
  const gateway = await make(t);
  const only = await gateway.call('POST', '/api/keys', { session: 'one' });
  const both = await gateway.call('POST', '/api/keys', { sessions: ['one', 'two'], scopes: ['read', 'control'] });
  const all = await gateway.call('POST', '/api/keys', { scopes: ['read'] });
  const control = await gateway.call('POST', '/api/keys/control', { session: 'one' });
  await as(gateway, only.key)('GET', '/api/sessions/one');
  await gateway.call('DELETE', '/api/sessions/one');
  await gateway.call('POST', '/api/sessions', { name: 'one', start: false });
  const check = async () => {
    await refused(as(gateway, only.key)('GET', '/api/sessions/one'), 401, /Unauthorized/);
    await refused(as(gateway, control.key)('POST', '/api/sessions/one/start'), 401, /Unauthorized/);
    await refused(as(gateway, both.key)('GET', '/api/sessions/one'), 403, /not good for session .*one/);
    assert.deepEqual((await as(gateway, both.key)('GET', '/api/sessions')).map(session => session.name), ['two']);
    assert.equal((await as(gateway, all.key)('GET', '/api/sessions')).length, 2);
    assert.deepEqual((await gateway.call('GET', '/api/keys')).map(key => [key.id, key.sessions]).sort(),
      [[both.id, ['two']], [all.id, []]].sort());
  };
  await check();
  const again = await gateway.call('POST', '/api/keys/control', { session: 'one' });
  assert.notEqual(again.key, control.key, 'who had the key of the former session has not that of this one');
  await refused(as(gateway, control.key)('POST', '/api/sessions/one/start'), 401, /Unauthorized/);
  await gateway.call('DELETE', `/api/keys/${again.id}`);
  await gateway.stop('SIGKILL');
  await gateway.start();
  await until('the keys are loaded', () => as(gateway, all.key)('GET', '/api/sessions').then(() => true, () => false));
  await check();
});

test('a key that was taken back stays so where the backup knows it', async t => {
  const gateway = await make(t);
  const revoked = await gateway.call('POST', '/api/keys', { scopes: ['read'] });
  const kept = await gateway.call('POST', '/api/keys', { scopes: ['read'] });
  await gateway.stop();
  await gateway.start();
  await gateway.call('DELETE', `/api/keys/${revoked.id}`);
  const made = await gateway.call('POST', '/api/keys', { scopes: ['read'] });
  const store = join(gateway.folder, 'pigeond.db');
  await gateway.call('GET', '/api/one/lids');  // the log is in use
  damage(store);
  await until('the backup to be in its place', async () => {
    await gateway.call('POST', '/api/sessions', { name: `s${Date.now()}`, start: false }).catch(error => assert.equal(error.status, 503, String(error)));
    return (await gateway.call('GET', '/health').catch(() => undefined))?.info.storage.restored;
  });
  const check = async () => {
    await refused(as(gateway, revoked.key)('GET', '/api/sessions'), 401, /Unauthorized/);
    for (const { key } of [kept, made]) await as(gateway, key)('GET', '/api/sessions');
    assert.deepEqual((await gateway.call('GET', '/api/keys')).map(key => key.id).sort(), [kept.id, made.id].sort());
  };
  await check();
  await gateway.stop('SIGKILL');
  await gateway.start();
  await until('the keys are loaded', () => as(gateway, kept.key)('GET', '/api/sessions').then(() => true, () => false));
  await check();
});

test('WAHA\'s key for media is refused with the reason', async t => {
  const gateway = await make(t);
  await refused(gateway.call('POST', '/api/keys/media', { session: 'one' }), 501, /no files of messages are kept/);
  await refused(gateway.call('POST', '/api/keys/media', { session: 'nobody' }), 422, /nobody/);
  assert.deepEqual(await gateway.call('GET', '/api/keys'), []);
});

test('who changed what is told in the log', async t => {
  const gateway = await make(t);
  const { id, key } = await gateway.call('POST', '/api/keys', { scopes: ['control'] });
  await as(gateway, key)('POST', '/api/sessions/one/start');
  await until('the line', () => gateway.process.log.some(line =>
    /audit/.test(line) && line.includes('operation=startSession') && line.includes('session=one') && line.includes(`key=${id}`) && line.includes('status=201')));
  assert.ok(gateway.process.log.some(line => /audit/.test(line) && line.includes('operation=createKey') && line.includes('key=configured')));
  assert.ok(!gateway.process.log.some(line => line.includes(key)));
});

test('pigeond keys makes, lists and removes them', async t => {
  const gateway = await make(t);
  const run = (...words) => promisify(execFile)(binary, ['keys', '--config', gateway.config, ...words]).then(({ stdout }) => stdout);
  const key = (await run('add', '--name', 'shop', '--sessions', 'one', '--rate', '100/60', '--days', '7')).trim();
  const [session] = await as(gateway, key)('GET', '/api/sessions');
  assert.equal(session.name, 'one');
  const [, line] = (await run()).split('\n');
  assert.match(line, /key_id_\S+\s+shop\s+send,read\s+one/);
  await run('remove', line.split(' ')[0]);
  await refused(as(gateway, key)('GET', '/api/sessions'), 401, /Unauthorized/);
  await assert.rejects(run('add', '--rate', 'often'), /--rate must be/);
  await assert.rejects(run('dance'), /keys: wants/);
});
