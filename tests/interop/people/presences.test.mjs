// What others show, and that the account writes: typing, recording, online and since when not, both ways with Baileys.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { HttpError } from '../lib/http.mjs';
import { linkedWorld } from '../lib/linked.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, chatId, pnJid } from '../lib/world.mjs';

const [ours, friend, phoneOnly] = ['491599000001', '491599000002', '491599000003'];
const world = {};
test.before(async () => {
  world.receiver = await startReceiver();
  Object.assign(world, await linkedWorld([[ours, { name: 'Shop' }], friend, phoneOnly],
    { pacing: 'off', webhooks: [{ url: world.receiver.url, events: ['presence.update'] }] }));
  world.peer = await makePeer({ url: world.sandbox.ws });
  await world.peer.link(world.sandbox, friend);
  // The service tells nothing to who is not online himself, and Baileys is not before it knows its own name.
  await world.peer.sock.sendNode({ tag: 'presence', attrs: { type: 'available', name: 'Friend' } });
  ({ lid: world.lid } = await world.sandbox.call('GET', `/accounts/${friend}`));
});
test.after(async () => {
  world.peer?.stop();
  await world.end();
  world.receiver.stop();
});

const call = (...how) => world.gateway.call(...how);
const show = presence => call('POST', '/api/default/presence', { presence });
const phone = (who, presence, more = {}) => world.sandbox.call('POST', `/accounts/${who}/presence`, { presence, ...more });
const told = who => world.receiver.events('presence.update').map(({ payload }) => payload).filter(({ id }) => id === chatId(who))
  .map(({ presences: [{ lastKnownPresence }] }) => lastKnownPresence);
const subscriptions = async () => (await world.sandbox.trace(`?account=${ours}`))
  .filter(({ direction, stanza }) => direction === 'in' && stanza.startsWith('<presence type="subscribe"')).length;
async function refused(status, names, ...how) {
  const error = await call(...how).then(() => assert.fail('it was taken'), caught => caught);
  assert.ok(error instanceof HttpError, String(error));
  assert.equal(error.status, status, String(error));
  assert.match(JSON.stringify(error.body), names);
}

test('startTyping and stopTyping are what Baileys sees, by POST and as old automations call them', async () => {
  const seen = [];
  world.peer.sock.ev.on('presence.update', ({ presences }) => seen.push(...Object.values(presences).map(each => each.lastKnownPresence)));
  assert.deepEqual(await call('POST', '/api/startTyping', { session: 'default', chatId: chatId(friend) }), { result: true });
  await until('typing', () => seen.includes('composing'));
  assert.deepEqual(await call('POST', '/api/stopTyping', { session: 'default', chatId: chatId(friend) }), { result: true });
  await until('the end of it', () => seen.at(-1) === 'available');
  const query = `session=default&chatId=${encodeURIComponent(chatId(friend))}`;
  assert.deepEqual(await call('GET', `/api/startTyping?${query}`), { result: true });
  await until('typing again', () => seen.at(-1) === 'composing');
  assert.deepEqual(await call('GET', `/api/stopTyping?${query}`), { result: true });
  await until('its end', () => seen.at(-1) === 'available');
  await refused(400, /chatId/, 'POST', '/api/startTyping', { session: 'default' });
  await refused(400, /chatId/, 'POST', '/api/startTyping', { chatId: 'status@broadcast' });
  await refused(422, /nobody/, 'POST', '/api/stopTyping', { session: 'nobody', chatId: chatId(friend) });
});

test('nothing is told while the account is offline, and what was asked for comes when it is online', async () => {
  assert.deepEqual(await call('POST', `/api/default/presence/${encodeURIComponent(chatId(friend))}/subscribe`), {});
  assert.deepEqual(await call('GET', `/api/default/presence/${friend}`), { id: chatId(friend), presences: [] });
  await show('online');
  await until('that the friend is online', () => told(friend).includes('online'));
  const [{ id, presences }] = await call('GET', '/api/default/presence');
  assert.equal(id, chatId(friend));
  assert.deepEqual(presences, [{ participant: chatId(friend), lastKnownPresence: 'online', lastSeen: null, pn: chatId(friend), lid: world.lid }]);
});

test('typing, recording, and going offline of another client are told as they happen', async () => {
  const { lid } = await world.sandbox.call('GET', `/accounts/${ours}`);
  for (const [state, name] of [['composing', 'typing'], ['recording', 'recording'], ['paused', 'paused']]) {
    await world.peer.sock.sendPresenceUpdate(state, lid);
    await until(name, () => told(friend).at(-1) === name);
  }
  await world.peer.sock.sendPresenceUpdate('composing', pnJid(ours));
  await until('typing by number', () => told(friend).at(-1) === 'typing');
  await world.peer.sock.sendNode({ tag: 'presence', attrs: { type: 'unavailable', name: 'Friend' } });
  await until('offline', () => told(friend).at(-1) === 'offline');
  const { payload } = world.receiver.events('presence.update').at(-1);
  assert.ok(Math.abs(payload.presences[0].lastSeen - Date.now() / 1000) < 600, JSON.stringify(payload));
  assert.deepEqual(payload._data, { pn: chatId(friend), lid: world.lid });
  assert.equal((await call('GET', `/api/default/presence/${encodeURIComponent(world.lid)}`)).presences[0].lastKnownPresence, 'offline');
});

test('a phone that types is told, whoever subscribed, and that it is online when somebody did', async () => {
  await call('GET', `/api/contacts/check-exists?phone=${phoneOnly}`);  // else he is told by his LID
  await phone(phoneOnly, 'typing', { to: ours });
  await until('typing', () => told(phoneOnly).at(-1) === 'typing');
  await phone(phoneOnly, 'online');
  await call('GET', `/api/default/presence/${phoneOnly}`);
  await until('online', () => told(phoneOnly).at(-1) === 'online');
  assert.equal((await call('GET', '/api/default/presence')).length, 2);
});

test('after the link was lost it is subscribed to again, and nothing is known until something comes', async () => {
  const before = await subscriptions();
  const logins = async () => (await world.sandbox.trace(`?account=${ours}`)).filter(({ direction, stanza }) => direction === 'out' && stanza.startsWith('<success')).length;
  const had = await logins();
  await world.sandbox.disconnect(ours);
  await until('another link', async () => await logins() > had && await world.gateway.status('default') === 'WORKING');
  await until('the subscriptions', async () => await subscriptions() >= before + 2);
  assert.deepEqual((await call('GET', '/api/default/presence')).map(({ presences }) => presences), [[], []]);
  await show('online');
  const count = told(phoneOnly).length;
  await phone(phoneOnly, 'offline');
  await until('offline', () => told(phoneOnly).length > count && told(phoneOnly).at(-1) === 'offline');
  await refused(400, /chatId/, 'GET', '/api/default/presence/status@broadcast');
  await refused(422, /nobody/, 'GET', '/api/nobody/presence');
});

test('the service was told nothing that it would not take', () => assertNoViolations(world.sandbox));
