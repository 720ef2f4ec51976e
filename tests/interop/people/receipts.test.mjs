// Who got, read and played what, and when; calls that are declined; and people whose addresses change.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { HttpError } from '../lib/http.mjs';
import { linkedWorld } from '../lib/linked.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, chatId, pnJid } from '../lib/world.mjs';

const [ours, friend, nameless, moved] = ['491596000001', '491596000002', '491596000003', '491596000004'];
const world = {};
test.before(async () => {
  world.receiver = await startReceiver();
  Object.assign(world, await linkedWorld([ours, friend, moved],
    { pacing: 'off', webhooks: [{ url: world.receiver.url, events: ['*'] }] }));
  world.sibling = await makePeer({ url: world.sandbox.ws });
  await world.sibling.link(world.sandbox, ours);
  ({ lid: world.lid } = await world.sandbox.call('GET', `/accounts/${friend}`));
});
test.after(async () => {
  world.sibling?.stop();
  await world.end();
  world.receiver.stop();
});

const call = (...how) => world.gateway.call(...how);
const control = (path, body) => world.sandbox.call('POST', path, body);
const receipts = (chat, id) => call('GET', `/api/default/chats/${encodeURIComponent(chat)}/messages/${encodeURIComponent(id)}/receipts`);
async function refused(status, names, ...how) {
  const error = await call(...how).then(() => assert.fail('it was taken'), caught => caught);
  assert.ok(error instanceof HttpError, String(error));
  assert.equal(error.status, status, String(error));
  assert.match(JSON.stringify(error.body), names);
}

test('a message shows who got and read and played it, and when, in whatever form it is asked for', async () => {
  const { id } = await world.gateway.sendText('default', chatId(friend), 'look');
  const [delivered] = await until('the delivery', async () => {
    const all = await receipts(chatId(friend), id);
    return all.length > 0 && all;
  });
  assert.deepEqual({ ...delivered, deliveredAt: 0 },
    { participant: chatId(friend), pn: chatId(friend), lid: world.lid, ack: 2, ackName: 'DEVICE', deliveredAt: 0, readAt: null, playedAt: null });
  assert.ok(Math.abs(delivered.deliveredAt - Date.now() / 1000) < 600);
  const bare = id.split('_').at(-1);
  await control(`/accounts/${friend}/read`, { chat: ours, ids: [bare] });
  await until('that it was read', async () => (await receipts(world.lid, bare))[0].readAt > 0);
  await control(`/accounts/${friend}/read`, { chat: ours, ids: [bare], played: true });
  const [played] = await until('that it was played', async () => {
    const all = await receipts(chatId(friend), id);
    return all[0].playedAt > 0 && all;
  });
  assert.equal(played.ackName, 'PLAYED');
  assert.equal(played.deliveredAt, delivered.deliveredAt);
  await until('the event', () => world.receiver.events('message.ack').some(({ payload }) => payload.id === id && payload.ackName === 'PLAYED'));
  await refused(404, /Message not found/, 'GET', `/api/default/chats/${chatId(moved)}/messages/${bare}/receipts`);
  await refused(404, /Message not found/, 'GET', `/api/default/chats/${chatId(friend)}/messages/UNKNOWN/receipts`);
  await refused(422, /nobody/, 'GET', `/api/nobody/chats/${chatId(friend)}/messages/${bare}/receipts`);
});

test('that something was played is told to its sender, once', async () => {
  const { id } = await world.sandbox.sendAs(friend, pnJid(ours), 'listen');
  await until('the message', () => world.receiver.events('message').some(({ payload }) => payload.id.includes(id)));
  const path = `/api/default/chats/${chatId(friend)}/messages/${id}/played`;
  for (let i = 0; i < 2; i++) assert.deepEqual(await call('POST', path), {});
  const seen = await until('that the phone knows', async () => {
    const message = (await world.sandbox.received(friend)).find(each => each.id === id);
    return message.acks.some(({ type }) => type === 'played') && message;
  });
  assert.equal(seen.acks.filter(({ type }) => type === 'played').length, 1);
  await refused(404, /Message not found/, 'POST', `/api/default/chats/${chatId(friend)}/messages/UNKNOWN/played`);
});

test('sendSeen is taken by GET as well', async () => {
  const { id } = await world.sandbox.sendAs(friend, pnJid(ours), 'read me');
  await until('the message', () => world.receiver.events('message').some(({ payload }) => payload.id.includes(id)));
  const { ids } = await call('GET', `/api/sendSeen?session=default&chatId=${chatId(friend)}`);
  assert.ok(ids.some(each => each.includes(id)), JSON.stringify(ids));
});

test('a call that is declined is over for everybody, and told once', async () => {
  const heard = [];
  world.sibling.sock.ev.on('call', calls => heard.push(...calls));
  const named = id => world.receiver.deliveries.map(({ body }) => body).filter(({ event, payload }) => event.startsWith('call.') && payload.id === id);
  const { id } = await control(`/accounts/${friend}/call`, { to: ours });
  await until('that it rings', () => named(id).length === 1);
  const { from } = named(id)[0].payload;
  const reject = (more = {}) => ['POST', '/api/default/calls/reject', { from, id, ...more }];
  await refused(404, /call/, ...reject({ id: 'UNKNOWN' }));
  await refused(400, /from/, ...reject({ from: chatId(moved) }));
  await refused(400, /from/, ...reject({ from: undefined }));
  assert.deepEqual(await call(...reject()), {});
  const [record] = await world.sandbox.call('GET', '/calls');
  assert.deepEqual([record.id, record.state, record.device], [id, 'rejected', 1]);
  await until('that the other device hears of it', () => heard.some(each => each.id === id && each.status === 'terminate'));
  await control(`/accounts/${friend}/call`, { to: ours, id, action: 'terminate', reason: 'accepted_elsewhere' });
  await refused(409, /declined/, ...reject());
  const { id: later } = await control(`/accounts/${friend}/call`, { to: ours });
  await until('a later one', () => named(later).length === 1);
  assert.deepEqual(named(id).map(({ event }) => event), ['call.received', 'call.rejected']);
  // Baileys declines the later one: the same stanza, of another client.
  await world.sibling.sock.rejectCall(later, world.lid);
  await until('its end', () => named(later).length === 2);
  assert.equal(named(later)[1].event, 'call.rejected');
});

test('a number that is learnt late is told, and finds what was said before', async () => {
  const { lid: me } = await world.sandbox.call('GET', `/accounts/${ours}`);
  await world.sandbox.account(nameless, { hides_number: true });  // of whom the phone's history knows nothing
  const { id } = await world.sandbox.sendAs(nameless, me, 'guess who');
  const { payload } = await world.receiver.until('the message', 'message', each => each.payload.id.includes(id));
  assert.match(payload.from, /@lid$/);
  await world.sandbox.call('PUT', `/accounts/${nameless}/number`, { hidden: false });
  await world.sandbox.sendAs(nameless, me, 'it was me');
  const mapping = await world.receiver.until('the mapping', 'lid.mapping', () => true);
  assert.deepEqual({ ...mapping.payload, timestamp: 0 }, { pn: chatId(nameless), lid: payload.from, timestamp: 0 });
  assert.equal((await call('GET', `/api/contacts?contactId=${encodeURIComponent(payload.from)}`)).number, nameless);
  assert.equal(world.receiver.events('lid.mapping').length, 1);
});

test('who changes his number is told with both, and keeps his name', async () => {
  await world.sandbox.sendAs(friend, pnJid(ours), 'soon I move');
  await until('his name', async () => (await call('GET', `/api/contacts?contactId=${friend}`)).pushname);
  const { pushname } = await call('GET', `/api/contacts?contactId=${friend}`);
  const { lid } = await world.sandbox.call('GET', `/accounts/${moved}`);
  await control(`/accounts/${friend}/moved`, { to: moved, told: ours });
  const { payload } = await world.receiver.until('the change', 'contact.number.changed', () => true);
  assert.deepEqual({ ...payload, timestamp: 0 },
    { pn: chatId(moved), lid, timestamp: 0, former: { pn: chatId(friend), lid: world.lid } });
  assert.equal((await call('GET', `/api/contacts?contactId=${moved}`)).pushname, pushname);
});

test('the service was told nothing that it would not take', () => assertNoViolations(world.sandbox));
