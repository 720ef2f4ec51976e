// Streams of events, with `ws` and `eventsource` as their clients: they tell what webhooks tell, and who comes back with
// the id of the last event misses nothing and gets nothing twice, also across kills. PIGEOND_KILLS=200 PIGEOND_STREAMS=8 is
// the long form: so many webhooks, WebSockets and EventSources beside each other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventSource } from 'eventsource';
import WebSocket from 'ws';
import { key, makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, chatId, makeSandbox } from '../lib/world.mjs';

const ours = '491540000001';
const friend = '491540000002';
const kills = Number(process.env.PIGEOND_KILLS ?? 4);
const each = Number(process.env.PIGEOND_STREAMS ?? 3);
const textsForEach = 6;
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

const query = parameters => new URLSearchParams({ ...parameters, 'x-api-key': key });
const wsUrl = (gateway, parameters = {}) => `${gateway.base.replace('http', 'ws')}/ws?${query(parameters)}`;
const sseUrl = (gateway, parameters = {}) => `${gateway.base}/api/events/stream?${query(parameters)}`;

// A client as clients should be: it comes back with the id that it got last. `hiccups` closes it now and then.
function overWebSocket(gateway, parameters = {}) {
  const got = [], gaps = [];
  let socket, last = '', done = false;
  const open = () => {
    if (done) return;
    socket = new WebSocket(wsUrl(gateway, last ? { ...parameters, lastEventId: last } : parameters));
    socket.on('message', data => {
      const event = JSON.parse(data);
      if (event.event === 'stream.gap') return gaps.push(event);
      got.push(event);
      last = event.id;
    });
    socket.on('error', () => {});
    socket.on('close', () => setTimeout(open, 30));
  };
  open();
  return {
    got, gaps,
    ready: () => until('a WebSocket', () => socket.readyState === WebSocket.OPEN),
    hiccup: () => socket.terminate(),
    stop: () => { done = true; socket.terminate(); },
  };
}

function overSse(gateway, parameters = {}) {
  const got = [], gaps = [];
  const source = new EventSource(sseUrl(gateway, parameters));
  source.onmessage = ({ data, lastEventId }) => {
    const event = JSON.parse(data);
    if (event.event === 'stream.gap') return gaps.push(event);
    assert.equal(lastEventId, event.id);
    got.push(event);
  };
  return {
    got, gaps,
    ready: () => until('an EventSource', () => source.readyState === EventSource.OPEN),
    hiccup: () => {},
    stop: () => source.close(),
  };
}

async function makeWorld(t, { events = ['*'], urls = 1 } = {}) {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  await sandbox.account(friend, { reply: 'echo' });
  const receivers = await Promise.all(Array.from({ length: urls }, () => startReceiver()));
  for (const receiver of receivers) t.after(receiver.stop);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  const webhooks = receivers.map(receiver => ({ url: receiver.url, events }));
  await gateway.link(sandbox, 'default', ours, { metadata: { tenant: 'seven' }, webhooks, pacing: 'off' });
  return { sandbox, receivers, receiver: receivers[0], gateway };
}

test('streams tell what webhooks tell, in the same words', async t => {
  const { sandbox, receiver, gateway } = await makeWorld(t);
  const streams = [overWebSocket(gateway, { session: '*', events: '*' }), overSse(gateway),
    overWebSocket(gateway, { session: 'default', events: 'message,session.status' }), overSse(gateway, { session: 'other' })];
  t.after(() => streams.forEach(stream => stream.stop()));
  await Promise.all(streams.map(stream => stream.ready()));
  await sleep(200);
  const before = receiver.deliveries.length;
  await gateway.sendText('default', chatId(friend), 'ping');
  await receiver.until('the answer', 'message', event => event.payload.body === 'echo: ping');
  const told = () => receiver.deliveries.slice(before).map(delivery => delivery.body);
  for (const stream of streams.slice(0, 2)) {
    await until('all events', () => stream.got.length >= told().length);
    const ids = new Set(stream.got.map(event => event.id));
    assert.equal(ids.size, stream.got.length);
    for (const event of told()) assert.deepEqual(stream.got.find(({ id }) => id === event.id), event);
  }
  assert.deepEqual(streams[2].got.map(event => event.event), ['message']);
  assert.deepEqual(streams[3].got, []);
  assert.deepEqual(streams.flatMap(stream => stream.gaps), []);
  await assertNoViolations(sandbox);
});

test('what makes no sense is refused, and says why', async t => {
  const { gateway } = await makeWorld(t);
  const ask = async (path, headers = { 'x-api-key': key }) => {
    const response = await fetch(gateway.base + path, { headers });
    return { status: response.status, body: await response.json() };
  };
  for (const path of ['/ws', '/api/events/stream']) {
    const unknown = await ask(`${path}?events=message,label.upsert`);
    assert.equal(unknown.status, 400);
    assert.match(String(unknown.body.message), /"label.upsert" is no event that is told; there are \*, session.status, message,/);
    assert.match(String((await ask(`${path}?lastEventId=7`)).body.message), /lastEventId/);
    assert.match(String((await ask(`${path}?session=a%20b`)).body.message), /session/);
    assert.equal((await ask(path, {})).status, 401);
    assert.equal((await fetch(gateway.base + path, { method: 'POST', headers: { 'x-api-key': key } })).status, 405);
  }
  const plain = await fetch(`${gateway.base}/ws`, { headers: { 'x-api-key': key } });
  assert.equal(plain.status, 400);
  assert.match(String((await plain.json()).message), /not a WebSocket upgrade/);
  const config = await gateway.call('PUT', '/api/sessions/default', { config: { webhooks: [{ url: 'http://a/', events: ['label.upsert'] }] } })
    .catch(error => error);
  assert.match(String(config.message ?? config.body?.message), /events\[0\].*label.upsert.* is no event that is told/);
});

// A WebSocket's client sees an HTTP status only if the upgrade is refused with it.
test('who may not listen is told so before the upgrade, and is no WebSocket for a moment', async t => {
  const { gateway } = await makeWorld(t);
  const made = body => gateway.call('POST', '/api/keys', { name: 'x', ...body });
  const sender = await made({ scopes: ['send'] });
  const reader = await made({ scopes: ['read'], sessions: ['default'] });
  const upgrade = (path, apiKey) => new Promise((resolve, reject) => {
    const socket = new WebSocket(gateway.base.replace('http', 'ws') + path, { headers: apiKey ? { 'x-api-key': apiKey } : {} });
    socket.on('open', () => { socket.terminate(); resolve({ status: 101 }); });
    socket.on('unexpected-response', async (_, response) => {
      resolve({ status: response.statusCode, ...JSON.parse((await response.toArray()).join('')) });
      socket.terminate();
    });
    socket.on('error', reject);
  });
  const refused = async (status, why, path, apiKey) => {
    const answer = await upgrade(path, apiKey);
    assert.equal(answer.status, status, JSON.stringify(answer));
    assert.match(String(answer.message), why);
  };
  await refused(401, /Unauthorized/, '/ws', 'wrong');
  await refused(401, /Unauthorized/, '/ws?x-api-key=wrong');
  await refused(401, /Unauthorized/, '/ws');
  await refused(403, /scope read/, '/ws?session=default', sender.key);
  await refused(403, /session has to name one/, '/ws', reader.key);
  await refused(403, /session has to name one/, '/ws?session=*', reader.key);
  await refused(403, /not good for session "other"/, '/ws?session=other', reader.key);
  assert.equal((await upgrade('/ws?session=default', reader.key)).status, 101);
  assert.equal((await upgrade(`/ws?x-api-key=${key}`)).status, 101);
  for (const [query, status] of [['', 403], ['?session=other', 403], ['?session=default', 200]]) {
    const response = await fetch(`${gateway.base}/api/events/stream${query}`, { headers: { 'x-api-key': reader.key } });
    assert.equal(response.status, status);
    await response.body.cancel();
  }
  for (const path of ['/ws', '/api/events/stream'])
    assert.equal((await fetch(gateway.base + path, { method: 'HEAD', headers: { 'x-api-key': key } })).status, 405);
});

test('who names an event that is not kept is told so, and goes on', async t => {
  const { gateway, receiver } = await makeWorld(t);
  const nowhere = 'evt_01kb0000000000zzzz00000000';
  const streams = [overWebSocket(gateway, { lastEventId: nowhere }), overSse(gateway, { lastEventId: nowhere })];
  t.after(() => streams.forEach(stream => stream.stop()));
  for (const stream of streams) {
    await until('a gap', () => stream.gaps.length > 0);
    assert.equal(stream.gaps[0].payload.lastEventId, nowhere);
  }
  await gateway.sendText('default', chatId(friend), 'after');
  await receiver.until('the answer', 'message', event => event.payload.body === 'echo: after');
  for (const stream of streams) await until('the answer', () => stream.got.some(event => event.payload.body === 'echo: after'));
});

test('a client that does not read loses itself alone', async t => {
  const { gateway } = await makeWorld(t);
  const slow = new WebSocket(wsUrl(gateway));
  t.after(() => slow.terminate());
  await new Promise(resolve => slow.on('open', resolve));
  slow._socket.pause();
  const quick = overWebSocket(gateway, { events: 'message' });
  t.after(() => quick.stop());
  await quick.ready();
  const long = 'x'.repeat(30000);
  for (let i = 0; i < 30; i++) await gateway.sendText('default', chatId(friend), `${i} ${long}`);
  await until('all answers', () => quick.got.length === 30);
  let count = 0;
  slow.on('message', data => { count += JSON.parse(data).event === 'message'; });
  slow._socket.resume();
  await until('what waited for it', () => count === 30);
});

test(`after ${kills} kills and many reconnects nothing is missing and nothing came twice`, async t => {
  const { sandbox, receivers, gateway } = await makeWorld(t, { urls: each });
  const streams = Array.from({ length: each }, () => [overWebSocket(gateway), overSse(gateway)]).flat();
  t.after(() => streams.forEach(stream => stream.stop()));
  await Promise.all(streams.map(stream => stream.ready()));
  await gateway.sendText('default', chatId(friend), 'first');
  for (const stream of streams) await until('the first event', () => stream.got.length > 0);
  let texts = 0;
  for (let killed = 0; killed < kills; killed++) {
    for (let i = 0; i < textsForEach; i++) {
      await gateway.call('POST', '/api/sendText', { chatId: chatId(friend), text: `text ${texts++}`, async: true });
      if (Math.random() < 0.5) streams[Math.floor(Math.random() * streams.length)].hiccup();
    }
    await sleep(Math.random() * 100);
    await gateway.stop('SIGKILL');
    await gateway.start();
    await gateway.working('default');
  }
  const answers = events => new Set(events.filter(event => event.event === 'message').map(event => event.payload.body));
  const bodiesOf = receiver => receiver.deliveries.map(delivery => delivery.body);
  for (const receiver of receivers) await until('all answers', () => answers(bodiesOf(receiver)).size === texts + 1);
  await sleep(3000);
  const [ids, ...others] = receivers.map(receiver => {
    const told = [...new Set(bodiesOf(receiver).map(event => event.id))].sort();
    return told.slice(told.indexOf(bodiesOf(receiver).find(event => event.payload.body === 'first').id));
  });
  for (const told of others) assert.deepEqual(told, ids, 'webhooks are told the same');
  for (const stream of streams) {
    await until('all events', () => stream.got.length >= ids.length);
    const got = stream.got.map(event => event.id);
    assert.equal(new Set(got).size, got.length, 'nothing twice');
    assert.deepEqual(got, [...got].sort(), 'in the order of what happened');
    assert.deepEqual(ids.filter(id => !got.includes(id)), [], 'nothing is missing');
    assert.deepEqual(stream.gaps, []);
  }
  await assertNoViolations(sandbox);
});
