// Marking as read: the people who wrote learn of it as far as the account shows that, its own other devices in any case.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { linkedWorld } from '../lib/linked.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, chatId, pnJid } from '../lib/world.mjs';

const [ours, friend] = ['491598000001', '491598000002'];
const world = {};
test.before(async () => {
  const receiver = await startReceiver();
  Object.assign(world, await linkedWorld([ours, friend], { webhooks: [{ url: receiver.url, events: ['message'] }] }));
  world.receiver = receiver;
  world.peer = await makePeer({ url: world.sandbox.ws });
  await world.peer.link(world.sandbox, friend);
});
test.after(async () => {
  world.peer.stop();
  await world.end();
  await world.receiver.stop();
});

const seen = (more = {}) => world.gateway.call('POST', '/api/sendSeen', { session: 'default', chatId: chatId(friend), ...more });
// Written by the friend's other client, which hears how far its text is.
async function written(text) {
  const id = await world.peer.send(pnJid(ours), text);
  const { payload } = await world.receiver.until(text, 'message', event => event.payload.body === text);
  return { id, told: payload.id };
}
const READ = 4;
const hasRead = ({ id }) => world.peer.statuses[id] === READ;
const receipts = async type => (await world.sandbox.trace(`?account=${ours}`)).filter(({ direction, device, stanza }) =>
  direction === 'in' && device === 1 && stanza.startsWith('<receipt') && stanza.includes(`type="${type}"`)).map(({ stanza }) => stanza);

test('a message that is marked is read for who wrote it', async () => {
  const [one, two] = [await written('one'), await written('two')];
  assert.deepEqual(await seen({ messageIds: [one.told] }), { ids: [one.told] });
  await until('that it is read', () => hasRead(one));
  assert.equal(hasRead(two), false);
  assert.deepEqual(await seen({ messageId: two.told }), { ids: [two.told] });
  await until('that the other is read', () => hasRead(two));
  assert.deepEqual(await seen({ messageIds: [one.told, two.told] }), { ids: [] });
});

test('without ids it is what was not read', async () => {
  const [one, two] = [await written('three'), await written('four')];
  assert.deepEqual((await seen()).ids.sort(), [one.told, two.told].sort());
  await until('that both are read', () => hasRead(one) && hasRead(two));
  assert.deepEqual(await seen(), { ids: [] });
});

test('an account that hides what it reads tells its own devices alone', async () => {
  await world.sandbox.call('PUT', `/accounts/${ours}/readreceipts`, { shown: false });
  const shown = (await receipts('read')).length;
  const hidden = await written('hidden');
  assert.deepEqual(await seen({ messageIds: [hidden.told] }), { ids: [hidden.told] });
  await until('the receipt', async () => (await receipts('read-self')).length === 1);
  await world.sandbox.call('PUT', `/accounts/${ours}/readreceipts`, { shown: true });
  const open = await written('open');
  await seen();
  await until('that the next one is read', () => hasRead(open));
  assert.equal((await receipts('read')).length, shown + 1);
  assert.equal(hasRead(hidden), false);

  // The setting is the one of the service, also for a link that was not told of its change.
  await world.gateway.stop();
  await world.sandbox.call('PUT', `/accounts/${ours}/readreceipts`, { shown: false });
  await world.gateway.start();
  await world.gateway.working('default');
  const late = await written('late');
  await seen();
  await until('its receipt', async () => (await receipts('read-self')).length === 2);
  assert.equal(hasRead(late), false);
});

test('what makes no sense is refused by its name', async () => {
  const unread = await written('not to be read by mistake');
  for (const [body, names] of [[{ chatId: 'x' }, /chatId/], [{ messageIds: [''] }, /messageIds/], [{ messageIds: [] }, /messageIds/],
    [{ participant: '1-2@g.us' }, /participant/], [{ participant: chatId(friend) }, /participant/]]) {
    const error = await seen(body).then(() => assert.fail('it was taken'), caught => caught);
    assert.equal(error.status, 400, String(error));
    assert.match(JSON.stringify(error.body), names);
  }
  assert.deepEqual(await seen(), { ids: [unread.told] });
});

test('the service was told nothing that it would not take', () => assertNoViolations(world.sandbox));
