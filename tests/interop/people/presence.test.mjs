// What others see of the account: nothing, unless a program asks for it, and then once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { HttpError } from '../lib/http.mjs';
import { linkedWorld } from '../lib/linked.mjs';
import { until } from '../lib/process.mjs';
import { assertNoViolations, chatId, pnJid } from '../lib/world.mjs';

const [ours, friend] = ['491597000001', '491597000002'];
const world = {};
test.before(async () => {
  Object.assign(world, await linkedWorld([[ours, { name: 'Shop' }], friend], { pacing: 'off' }));
  world.peer = await makePeer({ url: world.sandbox.ws });
  await world.peer.link(world.sandbox, friend);
  // The service tells nothing to who is not online himself, and Baileys is not before it knows its own name.
  await world.peer.sock.sendNode({ tag: 'presence', attrs: { type: 'available', name: 'Friend' } });
});
test.after(async () => {
  world.peer.stop();
  await world.end();
});

const show = (presence, more = {}) => world.gateway.call('POST', '/api/default/presence', { presence, ...more });
const written = async tag => (await world.sandbox.trace(`?account=${ours}`))
  .filter(({ direction, device, stanza }) => direction === 'in' && device === 1 && stanza.startsWith(`<${tag} `)).map(({ stanza }) => stanza);
const announced = async () => (await written('presence')).filter(stanza => !stanza.includes('subscribe')).map(stanza => /type="(\w+)"/.exec(stanza)[1]);
const shown = async () => (await world.gateway.session('default')).presence;
const receiptOf = id => until(`the receipt of ${id}`, async () => (await written('receipt')).find(stanza => stanza.includes(`id="${id}"`)));
const heardFromFriend = async text => receiptOf((await world.sandbox.sendAs(friend, pnJid(ours), text)).id);
async function refused(body, names) {
  const error = await world.gateway.call('POST', '/api/default/presence', body).then(() => assert.fail('it was taken'), caught => caught);
  assert.ok(error instanceof HttpError, String(error));
  assert.equal(error.status, 400, String(error));
  assert.match(JSON.stringify(error.body), names);
}

test('nobody is told that the account is online, and its receipts say that nobody looks', async () => {
  assert.equal(await shown(), 'offline');
  assert.match(await heardFromFriend('anybody there?'), /type="inactive"/);
  assert.deepEqual(await announced(), []);
});

test('what is asked for is said once, and ends with its link', async () => {
  const seen = [];
  world.peer.sock.ev.on('presence.update', ({ presences }) => seen.push(...Object.values(presences).map(each => each.lastKnownPresence)));
  const { lid } = await world.sandbox.call('GET', `/accounts/${ours}`);
  await world.peer.sock.presenceSubscribe(lid);
  for (let i = 0; i < 3; i++) await show('online');
  await until('that the friend sees it', () => seen.includes('available'));
  assert.equal(await shown(), 'online');
  assert.doesNotMatch(await heardFromFriend('now?'), /type="inactive"/);
  for (let i = 0; i < 2; i++) await show('offline');
  await until('that the friend sees the end of it', () => seen.includes('unavailable'));
  assert.match(await heardFromFriend('and now?'), /type="inactive"/);
  await show('online');
  assert.deepEqual(await announced(), ['available', 'unavailable', 'available']);

  const logins = async () => (await world.sandbox.trace(`?account=${ours}`)).filter(({ direction, stanza }) => direction === 'out' && stanza.startsWith('<success')).length;
  const before = await logins();
  await world.sandbox.disconnect(ours);
  await until('another link', async () => await logins() > before && await world.gateway.status('default') === 'WORKING');
  assert.match(await heardFromFriend('still?'), /type="inactive"/);
  assert.equal(await shown(), 'offline');
  await show('offline');
  assert.deepEqual(await announced(), ['available', 'unavailable', 'available'], 'nothing was said again');
});

test('typing, recording and their end are shown in their chat', async () => {
  const seen = [];
  world.peer.sock.ev.on('presence.update', ({ presences }) => seen.push(...Object.values(presences).map(each => each.lastKnownPresence)));
  for (const [presence, looks] of [['typing', 'composing'], ['recording', 'recording'], ['paused', 'paused']]) {
    await show(presence, { chatId: chatId(friend) });
    await until(presence, () => seen.includes(looks) || (looks === 'paused' && seen.includes('available')));
  }
  assert.equal((await written('chatstate')).length, 3);
});

test('what makes no sense is refused by its name', async () => {
  for (const presence of ['typing', 'recording', 'paused']) await refused({ presence }, /chatId/);
  for (const presence of ['online', 'offline']) await refused({ presence, chatId: chatId(friend) }, /chatId/);
  await refused({}, /presence is required/);
  await refused({ presence: 'away' }, /presence/);
  for (const nowhere of ['x', 'status@broadcast', '120363000000000001@newsletter'])
    for (const presence of ['typing', 'recording', 'paused']) await refused({ presence, chatId: nowhere }, /chatId/);
});

test('the service was told nothing that it would not take', () => assertNoViolations(world.sandbox));
