// Webhooks keep up: connections are kept, chats go side by side, and none of them ever out of order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertInOrder, chatId, makeSandbox } from '../lib/world.mjs';

const ours = '491540000101';
const friends = Array.from({ length: 4 }, (_, i) => `49154000020${i}`);
const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

// Numbers below `sides`, the same in each run (mulberry32).
function makeDice(seed) {
  return sides => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

// A linked session with one webhook for what is said to it.
async function makeWorld(t, receiver, webhook = {}) {
  const sandbox = await makeSandbox(t);
  for (const phone of [ours, ...friends]) await sandbox.account(phone);
  t.after(receiver.stop);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  await gateway.link(sandbox, 'default', ours, { webhooks: [{ url: receiver.url, events: ['message'], ...webhook }] });
  return { sandbox, gateway };
}

async function say(sandbox, from, count, start = 0) {
  for (let i = start; i < start + count; i++)
    for (const phone of from) await sandbox.sendAs(phone, ours, `text ${i}`);
}

const texts = (receiver, phone) =>
  receiver.events('message').filter(event => event.payload.from === chatId(phone)).map(event => event.payload.body);
const once = list => list.filter((text, i) => list.indexOf(text) === i);

test('connections are kept, and never more than configured', async t => {
  let open = 0, most = 0;
  const receiver = await startReceiver({
    answer: async () => {
      most = Math.max(most, ++open);
      await pause(5);
      open--;
      return 200;
    },
  });
  const { sandbox } = await makeWorld(t, receiver, { connections: 2 });
  await say(sandbox, friends, 10);
  await until('all of them', () => receiver.deliveries.length === 40, 60);
  assert.ok(most <= 2, `${most} at once`);
  // At a pause of seconds they close; a busy machine makes such pauses.
  assert.ok(receiver.connections() < 40, `${receiver.connections()} connections for 40 events`);
  for (const phone of friends) assertInOrder(texts(receiver, phone), 'text', 10);
});

for (const [name, webhook] of [['chats', {}], ['strict', { order: 'strict' }], ['batch', { batch: 5 }]]) {
  test(`no event overtakes an earlier one of its chat, whatever fails: ${name}`, async t => {
    const dice = makeDice(7);
    const receiver = await startReceiver({
      answer: async (delivery, _, response) => {
        await pause(dice(5));
        const fate = dice(4);
        if (fate === 0) return 500;
        if (fate === 1) {
          response.destroy(); // not even an answer
          return undefined;
        }
        return 200;
      },
    });
    const { sandbox } = await makeWorld(t, receiver, {
      retries: { policy: 'constant', delaySeconds: 0.02, attempts: 1000 }, ...webhook,
    });
    await say(sandbox, friends, 8);
    await until('all of them', () => friends.every(phone => once(texts(receiver, phone)).length === 8), 60);
    for (const phone of friends) assertInOrder(texts(receiver, phone), 'text', 8);
    const tries = receiver.requests.map(request => request.headers['x-webhook-request-id']);
    assert.ok(new Set(tries).size < tries.length, 'some were tried again, under their id');
    assert.ok(receiver.requests.every(request => Array.isArray(request.body) === (name === 'batch')));
    if (name === 'strict') {
      const ids = receiver.deliveries.map(delivery => Number(delivery.headers['x-webhook-request-id'].split('-')[1]));
      assert.deepEqual(ids, [...ids].sort((a, b) => a - b));
    }
  });
}

test('one chat that fails holds up no other', async t => {
  let refuse = true;
  const receiver = await startReceiver({
    answer: ({ body }) => (refuse && body.payload.from === chatId(friends[0]) ? 500 : 200),
  });
  const { sandbox } = await makeWorld(t, receiver, { retries: { policy: 'constant', delaySeconds: 0.1, attempts: 1000 } });
  await say(sandbox, friends, 5);
  await until('the others', () => friends.slice(1).every(phone => texts(receiver, phone).length === 5), 30);
  assert.deepEqual(texts(receiver, friends[0]), []);
  refuse = false;
  await until('the first', () => texts(receiver, friends[0]).length === 5, 30);
  assertInOrder(texts(receiver, friends[0]), 'text', 5);
});

test('killed in the midst of deliveries: each event at least once, each chat in its order', async t => {
  const receiver = await startReceiver({
    answer: async () => {
      await pause(20);
      return 200;
    },
  });
  const { sandbox, gateway } = await makeWorld(t, receiver);
  for (let round = 0; round < 3; round++) {
    await say(sandbox, friends, 5, round * 5);
    await until('some of them', () => receiver.deliveries.length > round * 20 + 2, 30);
    await gateway.stop('SIGKILL');
    await gateway.start();
    await gateway.working('default');
  }
  await until('all of them', () => friends.every(phone => once(texts(receiver, phone)).length === 15), 60);
  for (const phone of friends) assertInOrder(once(texts(receiver, phone)), 'text', 15);
});
