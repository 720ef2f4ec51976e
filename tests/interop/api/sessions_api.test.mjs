// What WAHA's clients do with sessions, old and new: names that are made for them, the calls of before sessions had paths, and
// what a session's configuration says of itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonClient } from '../lib/http.mjs';
import { key } from '../lib/gateway.mjs';
import { linkedWorld } from '../lib/linked.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { chatId } from '../lib/world.mjs';

const ours = '491590000001';
const theirs = '491590000002';
const third = '491590000003';
const world = {};
test.before(async () => Object.assign(world, await linkedWorld([ours, theirs, third])));
test.after(() => world.end());

const call = (...args) => world.gateway.call(...args);
const post = (path, body, headers = {}) => fetch(world.gateway.base + path,
  { method: 'POST', headers: { 'x-api-key': key, 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
const refused = (promise, status, pattern) => assert.rejects(promise, error => {
  assert.equal(error.status, status, String(error));
  assert.match(JSON.stringify(error.body), pattern);
  return true;
});

test('a session that nobody names has a name of its own, and so has the next', async () => {
  const [first, second] = [await call('POST', '/api/sessions', { start: false }), await call('POST', '/api/sessions/', { name: '', start: false })];
  for (const { name } of [first, second]) {
    assert.match(name, /^session_[0-9a-hjkmnp-tv-z]{26}$/);
    assert.equal((await call('GET', `/api/sessions/${name}`)).status, 'STOPPED');
  }
  assert.notEqual(first.name, second.name);
  assert.ok(first.name.slice(0, 18) <= second.name.slice(0, 18), 'they sort by the time');
  for (const { name } of [first, second]) await call('DELETE', `/api/sessions/${name}`);
});

test('a session shows its engine, and its configuration as it came', async () => {
  const config = {
    metadata: { customer: '17', empty: '' }, debug: true, ignore: { status: null, groups: true, channels: false }, client: { deviceName: 'Desk' },
    noweb: { markOnline: true, store: { enabled: true, fullSync: false } }, gows: { storage: { messages: null } }, webjs: { tagsEventsOn: false },
    somethingOfTomorrow: [1, { a: null }],
  };
  const made = await call('POST', '/api/sessions', { name: 'echo', start: false, config });
  assert.deepEqual(made.config, config);
  const shown = await call('GET', '/api/sessions/echo');
  assert.deepEqual(shown.config, config);
  assert.equal(shown.engine.engine, 'PIGEOND');
  assert.equal((await call('GET', '/api/sessions')).find(({ name }) => name === 'echo').config.debug, true);
  assert.deepEqual((await call('PUT', '/api/sessions/echo', {})).config, {}, 'the whole of it is replaced');
  await call('DELETE', '/api/sessions/echo');
});

test('a field of the configuration that makes no sense is named', async () => {
  const tried = config => call('POST', '/api/sessions', { name: 'wrong', start: false, config });
  await refused(tried({ debug: 'yes' }), 400, /config\.debug: must be true or false/);
  await refused(tried({ metadata: { a: 1 } }), 400, /config\.metadata\.a: must be a string/);
  await refused(tried({ metadata: { a: 'x'.repeat(9000) } }), 400, /config\.metadata: its names and values are longer than 8192 bytes/);
  await refused(tried({ metadata: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`n${i}`, ''])) }), 400, /config\.metadata: has more than 64 entries/);
  await refused(tried({ ignore: { groups: 1 } }), 400, /config\.ignore\.groups: must be true or false/);
  await refused(call('GET', '/api/sessions/wrong'), 404, /not found/);
});

test('what a session is told about carries its metadata, and the statuses that it had before', async t => {
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const metadata = { customer: '17', 'ünïcode': '\u{1f426}' };
  await call('POST', '/api/sessions', { name: 'told', config: { metadata, webhooks: [{ url: receiver.url, events: ['session.status'] }] } });
  await world.sandbox.scan(third, await world.gateway.qr('told'));
  await world.gateway.working('told');
  const working = await receiver.until('WORKING', 'session.status', ({ payload }) => payload.status === 'WORKING');
  assert.deepEqual(working.metadata, metadata);
  const { name, status, statuses, data } = working.payload;
  assert.deepEqual({ name, status, data }, { name: 'told', status: 'WORKING', data: null });
  assert.ok(statuses.length >= 2 && statuses.length <= 3);
  assert.equal(statuses.at(-1).status, 'WORKING');
  assert.ok(statuses.some(each => each.status !== 'WORKING'));
  statuses.reduce((before, { status: each, timestamp }) => {
    assert.match(each, /^(STARTING|SCAN_QR_CODE|WORKING)$/);
    assert.ok(timestamp >= before && timestamp <= working.timestamp);
    return timestamp;
  }, Date.now() - 600_000);
  await call('DELETE', '/api/sessions/told');
});

test('debug: all of the session\'s log, and of no other\'s', async () => {
  const received = () => world.gateway.process.log.filter(line => /received session=default .*<ack/.test(line)).length;
  await world.gateway.sendText('default', chatId(theirs), 'unseen');
  assert.equal(received(), 0);
  await call('PUT', '/api/sessions/default', { config: { debug: true } });
  await world.gateway.sendText('default', chatId(theirs), 'seen');
  await until('a line', () => received() > 0);
  await call('PUT', '/api/sessions/default', { config: {} });
  const before = received();
  await world.gateway.sendText('default', chatId(theirs), 'unseen again');
  assert.equal(received(), before);
});

test('POST /api/sessions/start makes a session, configures one anew, and refuses one that runs', async () => {
  await refused(call('POST', '/api/sessions/start', {}), 400, /name is required/);
  const made = await call('POST', '/api/sessions/start', { name: 'former', config: { metadata: { a: '1' } } });
  assert.equal(made.name, 'former');
  assert.deepEqual(made.config, { metadata: { a: '1' } });
  await world.gateway.qr('former');
  await refused(call('POST', '/api/sessions/start', { name: 'former', config: { metadata: { a: '2' } } }), 422, /Session 'former' is already started/);
  assert.deepEqual((await call('GET', '/api/sessions/former')).config, { metadata: { a: '1' } });
  const stopped = await post('/api/sessions/stop', { name: 'former' });
  assert.deepEqual([stopped.status, await stopped.text()], [201, '']);
  assert.equal(await world.gateway.status('former'), 'STOPPED');
  assert.deepEqual((await call('POST', '/api/sessions/start', { name: 'former' })).config, { metadata: { a: '1' } });
  await post('/api/sessions/stop', { name: 'former' });
  assert.deepEqual((await call('POST', '/api/sessions/start', { name: 'former', config: { metadata: { a: '3' } } })).config, { metadata: { a: '3' } });
  assert.equal((await post('/api/sessions/stop', { name: 'former', logout: true })).status, 201);
  await refused(call('GET', '/api/sessions/former'), 404, /not found/);
});

test('POST /api/sessions/stop keeps the account unless it says logout, and POST /api/sessions/logout never does', async () => {
  const devices = async phone => (await world.sandbox.call('GET', '/accounts')).find(account => account.phone === phone)?.devices;
  const linked = async name => {
    await call('POST', '/api/sessions/start', { name });
    await world.sandbox.scan(third, await world.gateway.qr(name));
    await world.gateway.working(name);
  };
  await linked('former');
  const before = await devices(third);
  await post('/api/sessions/stop', { name: 'former' });
  await call('POST', '/api/sessions/start', { name: 'former' });
  await world.gateway.working('former');
  const gone = await post('/api/sessions/stop', { name: 'former', logout: true });
  assert.deepEqual([gone.status, await gone.text()], [201, '']);
  await refused(call('GET', '/api/sessions/former'), 404, /not found/);
  assert.notDeepEqual(await devices(third), before, 'the phone has no such device any more');
  await linked('former');
  assert.equal((await post('/api/sessions/logout', { name: 'former' })).status, 201);
  await refused(call('GET', '/api/sessions/former'), 404, /not found/);
  for (const path of ['/api/sessions/stop', '/api/sessions/logout']) assert.equal((await post(path, { name: 'nobody' })).status, 201, 'no error, as in WAHA');
});

test('what a key may not do it may not do in the old words either', async () => {
  const as = async scopes => jsonClient(world.gateway.base, { 'x-api-key': (await call('POST', '/api/keys', { name: 'some', scopes, sessions: ['default'] })).key });
  const control = await as(['control']);
  await refused(control('POST', '/api/sessions/stop', { name: 'default', logout: true }), 403, /admin/);
  await refused(control('POST', '/api/sessions/logout', { name: 'default' }), 403, /admin/);
  await refused(control('POST', '/api/sessions/start', { name: 'other' }), 403, /not good for session/);
  await refused((await as(['read']))('POST', '/api/sessions/stop', { name: 'default' }), 403, /control/);
  const future = jsonClient(world.gateway.base, { 'x-api-key': (await call('POST', '/api/keys', { name: 'future', scopes: ['control'], sessions: ['to-come'] })).key });
  await refused(future('POST', '/api/sessions/start', { name: 'to-come' }), 403, /there is no session/);
  assert.equal(await world.gateway.status('default'), 'WORKING');
  assert.match(JSON.stringify(world.gateway.process.log.filter(line => /audit/.test(line))), /startSessionByName/);
});

test('/api/screenshot shows the QR as a picture, and says why where there is none', async () => {
  const shot = (session, headers = {}) => fetch(`${world.gateway.base}/api/screenshot?session=${session}`, { headers: { 'x-api-key': key, ...headers } });
  await call('POST', '/api/sessions', { name: 'screen' });
  const picture = await shot('screen');
  assert.deepEqual([picture.status, picture.headers.get('content-type')], [200, 'image/png']);
  const bytes = Buffer.from(await picture.arrayBuffer());
  assert.deepEqual(bytes.subarray(0, 8), Buffer.from('89504e470d0a1a0a', 'hex'));
  const asJson = await (await shot('screen', { accept: 'application/json' })).json();
  assert.equal(asJson.mimetype, 'image/png');
  assert.deepEqual(Buffer.from(asJson.data, 'base64').subarray(0, 8), bytes.subarray(0, 8));
  await call('POST', '/api/sessions/screen/stop');
  const why = async (session, status, pattern) => {
    const answer = await shot(session);
    assert.equal(answer.status, status);
    assert.match(JSON.stringify(await answer.json()), pattern);
  };
  await why('screen', 422, /"status":"STOPPED","expected":\["SCAN_QR_CODE"\]|"expected":\["SCAN_QR_CODE"\].*"status":"STOPPED"/);
  await why('default', 422, /there is no screen to show/);
  await why('nobody', 422, /does not exist/);
  await why('no%20name', 400, /session/);
  await call('DELETE', '/api/sessions/screen');
});
