// Wrong input gets the right 4xx with a message that names the field, and changes nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { key } from '../lib/gateway.mjs';
import { linkedWorld } from '../lib/linked.mjs';
import { until } from '../lib/process.mjs';
import { assertNoViolations, chatId } from '../lib/world.mjs';

const ours = '491530000001';
const friend = '491530000003';

const world = {};
test.before(async () => {
  Object.assign(world, await linkedWorld([ours, friend]));
});
test.after(() => world.end());

const request = (method, path, body, headers = { 'x-api-key': key, 'content-type': 'application/json' }) =>
  fetch(world.gateway.base + path, { method, headers, body });

async function refused(response, status, names) {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.match(text, names);
  JSON.parse(text);
}

const send = (fields, headers = {}, query = '') => request('POST', `/api/sendText${query}`, JSON.stringify({ session: 'default', chatId: chatId('491530000002'), text: 'x', ...fields }),
    { 'x-api-key': key, 'content-type': 'application/json', ...headers });

test('a wrong or missing key is unauthorised, /ping is open', async () => {
  await refused(await request('GET', '/api/sessions', undefined, {}), 401, /Unauthorized/);
  await refused(await request('GET', '/api/sessions', undefined, { 'x-api-key': `${key}x` }), 401, /Unauthorized/);
  assert.deepEqual(await (await request('GET', '/ping', undefined, {})).json(), { message: 'pong' });
});

test('malformed JSON, missing and mistyped fields are named', async () => {
  await refused(await request('POST', '/api/sendText', '{"chatId":'), 400, /JSON/);
  await refused(await request('POST', '/api/sendText', '[1]'), 400, /object/);
  await refused(await send({ chatId: undefined }), 400, /chatId/);
  await refused(await send({ chatId: 'nonsense@nowhere' }), 400, /chatId/);
  await refused(await send({ text: undefined }), 400, /text/);
  await refused(await send({ text: 7 }), 400, /text/);
  await refused(await send({ text: 'x'.repeat(70000) }), 400, /text/);
  await refused(await send({ mentions: 'bob' }), 400, /mentions/);
  await refused(await send({ mentions: ['bob'] }), 400, /mentions\[0\]/);
  await refused(await request('POST', '/api/sendText', '['.repeat(100000)), 400, /nested/);
});

test('how a text is to wait is read from body, query and header, and named when wrong', async () => {
  await refused(await send({ expiresIn: 0 }), 400, /expiresIn/);
  await refused(await send({ expiresIn: 1e12 }), 400, /expiresIn/);
  await refused(await send({ expiresIn: '60' }), 400, /expiresIn/);
  await refused(await send({ async: 'yes' }), 400, /async/);
  await refused(await send({}, {}, '?async=maybe'), 400, /async/);
  await refused(await send({ queue: 1 }), 400, /queue/);
  await refused(await send({}, { 'idempotency-key': 'x'.repeat(300) }), 400, /Idempotency-Key/);
  await refused(await send({}, { 'idempotency-key': '' }), 400, /Idempotency-Key/);
});

test('a call repeated under its Idempotency-Key gets the first answer, another one is refused', async () => {
  const self = { chatId: chatId(friend), text: 'once' };
  const first = await send(self, { 'idempotency-key': 'k1' });
  const body = await first.json();
  assert.equal(first.status, 201, JSON.stringify(body));
  const second = await send(self, { 'idempotency-key': 'k1' });
  assert.equal(second.status, 201);
  assert.deepEqual(await second.json(), body);
  await refused(await send({ ...self, text: 'twice' }, { 'idempotency-key': 'k1' }), 422, /Idempotency-Key/);
  await world.gateway.stop('SIGKILL');
  await world.gateway.start();
  await world.gateway.working('default');
  assert.deepEqual(await (await send(self, { 'idempotency-key': 'k1' })).json(), body);
  const texts = (await world.sandbox.received(friend)).filter(text => text.text === 'once');
  assert.equal(texts.length, 1);
});

test('texts are queued for a stopped session if asked to, shown, cancelled, and sent later', async () => {
  const { call } = world.gateway;
  await call('POST', '/api/sessions/default/stop');
  await refused(await send({ chatId: chatId(friend) }), 422, /STOPPED/);
  const kept = await send({ chatId: chatId(friend), text: 'kept', queue: true, expiresIn: 600 });
  const keptBody = await kept.json();
  assert.equal(kept.status, 202, JSON.stringify(keptBody));
  assert.equal(keptBody.ack, 0);
  assert.equal(keptBody.ackName, 'PENDING');
  assert.equal(keptBody.pending.state, 'queued');
  assert.match(keptBody.pending.why, /session status is STOPPED/);
  const dropped = await (await send({ chatId: chatId(friend), text: 'dropped' }, {}, '?async=true')).json();
  const shown = await call('GET', '/api/default/outbox');
  assert.deepEqual(shown.map(message => message.id), [keptBody.id, dropped.id]);
  assert.equal(shown[0].chatId, chatId(friend));
  assert.equal(shown[0].attempts, 0);
  assert.equal(shown[0].lastError, null);
  assert.ok(shown[0].expires > shown[0].since);
  assert.equal(shown[1].expires, null);
  await refused(await request('GET', '/api/default/outbox?limit=x'), 400, /limit/);
  await refused(await request('GET', '/api/nobody/outbox'), 422, /nobody/);
  await refused(await request('DELETE', '/api/default/outbox/UNKNOWN'), 404, /no message/);
  await call('DELETE', `/api/default/outbox/${dropped.id}`);
  await refused(await request('DELETE', `/api/default/outbox/${dropped.id}`), 409, /no longer/);
  await call('POST', '/api/sessions/default/start');
  await world.gateway.working('default');
  await until('an empty outbox', async () => (await call('GET', '/api/default/outbox')).length === 0);
  await refused(await request('DELETE', `/api/default/outbox/${keptBody.id}`), 409, /no longer/);
  const texts = (await world.sandbox.received(friend)).map(text => text.text);
  assert.ok(texts.includes('kept') && !texts.includes('dropped'), String(texts));
});

test('first messages to strangers are paced, and the answer says when they go', async () => {
  const { call } = world.gateway;
  await call('PUT', '/api/sessions/default', { config: { pacing: 'strict' } });
  await world.gateway.working('default');
  await refused(await request('PUT', '/api/sessions/default', JSON.stringify({ config: { pacing: 'fast' } })), 400, /config\.pacing/);
  const strangers = ['491530000011', '491530000012', '491530000013'];
  for (const phone of strangers) await world.sandbox.account(phone);
  const states = [];
  for (const phone of strangers) {
    const { id } = await (await send({ chatId: chatId(phone), text: 'hi', async: true })).json();
    await until('it is sent or held', async () => {
      const waits = (await call('GET', '/api/default/outbox')).find(message => message.id === id);
      if (waits && waits.state !== 'held') return false;
      states.push(waits);
      return true;
    });
  }
  const held = states.at(-1);
  assert.equal(held.state, 'held');
  assert.match(held.why, /paced/);
  assert.ok(held.heldUntil > Date.now());
  assert.equal((await send({ chatId: chatId(friend), text: 'you are known' })).status, 201);
  await call('DELETE', `/api/default/outbox/${held.id}`);
  await call('PUT', '/api/sessions/default', { config: {} });
  await world.gateway.working('default');
});

test('unknown sessions, paths and methods are told apart', async () => {
  await refused(await send({ session: 'nobody' }), 422, /nobody/);
  await refused(await request('GET', '/api/sessions/nobody'), 404, /Session not found/);
  await refused(await request('GET', '/api/nowhere'), 404, /nowhere/);
  await refused(await request('PATCH', '/api/sessions/default', '{}'), 405, /PATCH/);
});

test('a body too large is refused without being read into memory', async () => {
  await refused(await send({ text: 'x'.repeat(2 * 1024 * 1024) }), 413, /Payload Too Large/);
});

test('a number that is not on WhatsApp is refused by name, and can be asked for', async () => {
  await refused(await send({ chatId: chatId('491539999999') }), 422, /chatId|491539999999/);
  const check = await world.gateway.call('GET', '/api/contacts/check-exists?session=default&phone=491539999999');
  assert.deepEqual(check, { numberExists: false });
  const self = await world.gateway.call('GET', `/api/contacts/check-exists?session=default&phone=${ours}`);
  assert.equal(self.numberExists, true);
  assert.equal(self.chatId, chatId(ours));
});

test('sessions are created, shown, changed, stopped, started and deleted', async () => {
  const { call } = world.gateway;
  const created = await call('POST', '/api/sessions', { name: 'life', start: false, config: { metadata: { a: 'b' } } });
  assert.equal(created.status, 'STOPPED');
  assert.deepEqual(created.config, { metadata: { a: 'b' } });
  await refused(await request('POST', '/api/sessions', JSON.stringify({ name: 'life' })), 422, /already exists/);
  await refused(await request('POST', '/api/sessions', JSON.stringify({ name: 'no spaces' })), 400, /name/);
  await refused(await request('POST', '/api/sessions', JSON.stringify({ name: 'bad', config: { webhooks: [{ url: 'ftp://x', events: ['*'] }] } })), 400, /config\.webhooks\[0\]\.url/);
  await refused(await request('POST', '/api/sessions', JSON.stringify({ name: 'bad', config: { webhooks: [{ url: 'http://x', events: ['nope'] }] } })), 400, /config\.webhooks\[0\]\.events\[0\]/);
  await refused(await request('GET', '/api/sessions/bad'), 404, /not found/);

  await refused(await request('GET', '/api/life/auth/qr'), 422, /STOPPED/);
  await refused(await send({ session: 'life' }), 422, /session status is STOPPED/);
  await call('POST', '/api/sessions/life/start');
  await until('a QR', async () => (await world.gateway.status('life')) === 'SCAN_QR_CODE');
  const png = await request('GET', '/api/life/auth/qr');
  assert.equal(png.headers.get('content-type'), 'image/png');
  assert.equal(Buffer.from(await png.arrayBuffer()).subarray(1, 4).toString(), 'PNG');
  const json = await (await request('GET', '/api/life/auth/qr', undefined, { 'x-api-key': key, accept: 'application/json' })).json();
  assert.equal(json.mimetype, 'image/png');
  await refused(await send({ session: 'life' }), 422, /SCAN_QR_CODE/);

  const changed = await call('PUT', '/api/sessions/life', { config: { metadata: { c: 'd' } } });
  assert.deepEqual(changed.config, { metadata: { c: 'd' } });
  await call('POST', '/api/sessions/life/stop');
  assert.equal(await world.gateway.status('life'), 'STOPPED');
  await call('DELETE', '/api/sessions/life');
  await refused(await request('GET', '/api/sessions/life'), 404, /not found/);
});

test('me, health and version tell who and how', async () => {
  const me = await world.gateway.call('GET', '/api/sessions/default/me');
  assert.equal(me.id, chatId(ours));
  assert.match(me.lid, /@lid$/);
  const health = await world.gateway.call('GET', '/health');
  assert.equal(health.status, 'ok');
  assert.ok((await world.gateway.call('GET', '/api/version')).version);
  await assertNoViolations(world.sandbox);
});
