// Receivers in trouble: what a delivery says of them, and what becomes of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { makeBadCertificates, makeCertificates, makeSandbox } from '../lib/world.mjs';

const ours = '491540000301';
const friend = '491540000302';
const path = '/api/sessions/default/webhooks/deliveries';

async function makeWorld(t, webhooks, options = {}) {
  const sandbox = await makeSandbox(t);
  for (const phone of [ours, friend]) await sandbox.account(phone);
  const gateway = await makeGateway({ ...sandbox, ...options });
  t.after(() => gateway.stop());
  await gateway.link(sandbox, 'default', ours, { webhooks: webhooks.map(webhook => ({ events: ['message'], ...webhook })) });
  const list = query => gateway.call('GET', `${path}?${query}`);
  return { sandbox, gateway, list };
}

test('the status decides: a 200 without an end is one', async t => {
  const receiver = await startReceiver({
    answer: (delivery, count, response) => {
      receiver.deliveries.push(delivery);
      response.writeHead(200);
      const drip = setInterval(() => response.write('x'), 100);
      response.on('close', () => clearInterval(drip));
      return undefined;
    },
  });
  t.after(receiver.stop);
  const { sandbox, list } = await makeWorld(t, [{ url: receiver.url }]);
  await sandbox.sendAs(friend, ours, 'one');
  await sandbox.sendAs(friend, ours, 'two');
  await until('both to be delivered', async () => (await list('state=delivered')).length === 2, 30);
  assert.deepEqual(receiver.deliveries.map(delivery => delivery.body.payload.body), ['one', 'two']);
});

test('a receiver that is too slow is told, backed off from, and can count the tries', async t => {
  const receiver = await startReceiver({ answer: () => undefined });
  t.after(receiver.stop);
  const { sandbox, gateway, list } = await makeWorld(t, [
    { url: receiver.url, timeoutSeconds: 1, retries: { policy: 'constant', delaySeconds: 0, attempts: 10 } },
  ]);
  await sandbox.sendAs(friend, ours, 'one');
  await until('three tries', () => receiver.requests.length >= 3, 60);
  const [waiting] = await list('state=pending');
  assert.match(waiting.reason, /^no_ack: localhost gave no answer in 1 s to a request that had been sent whole/);
  const attempts = receiver.requests.map(request => request.headers['x-webhook-attempt']);
  assert.deepEqual(attempts.slice(0, 3), ['1', '2', '3']);
  assert.equal(new Set(receiver.requests.map(request => request.headers['x-webhook-request-id'])).size, 1);
  const health = await gateway.call('GET', '/api/sessions/default/health');
  assert.equal(health.webhooks[0].pending, 1);
  assert.ok(health.webhooks[0].oldest > 0);
  const { details } = await gateway.call('GET', '/health');
  assert.equal(details.webhooks.pending, 1);
});

test('why a webhook fails is said in words', async t => {
  const certificates = makeCertificates();
  const bad = makeBadCertificates(certificates);
  const receivers = {};
  for (const [name, tls] of Object.entries(bad)) {
    receivers[name] = await startReceiver({ tls });
    t.after(receivers[name].stop);
  }
  const gone = await startReceiver();
  await gone.stop();
  const rude = await startReceiver({ answer: (delivery, count, response) => void response.socket.destroy() });
  t.after(rude.stop);
  const reasons = {
    [receivers.otherName.url]: /^tls: localhost:\d+: certificate is for another name/,
    [receivers.expired.url]: /^tls: localhost:\d+: certificate has expired/,
    [receivers.untrusted.url]: /^tls: localhost:\d+: certificate does not lead to a trusted authority/,
    'http://nowhere.invalid/hook': /^resolve: cannot resolve nowhere\.invalid/,
    [gone.url]: /^io: connect to .*refused/,
    [rude.url]: /^link_lost: .*without an answer/,
    'http://169.254.169.254/latest': /^network_denied: 169\.254\.169\.254:80: 169\.254\.169\.254 is in a denied network, 169\.254\.0\.0\/16/,
  };
  const webhooks = Object.keys(reasons).map(url => ({ url, retries: { attempts: 0 } }));
  const { sandbox, list } = await makeWorld(t, webhooks, { caFile: certificates.caFile });
  await sandbox.sendAs(friend, ours, 'one');
  await until('all of them to be dead', async () => (await list('state=dead')).length === webhooks.length, 60);
  for (const letter of await list('state=dead')) assert.match(letter.reason, reasons[letter.url]);
});

test('networks are denied by configuration: an address for good, a name as often as it may be tried', async t => {
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const literal = receiver.url.replace('localhost', '127.0.0.1');
  const retries = { policy: 'constant', delaySeconds: 0.1, attempts: 2 };
  const { sandbox, list } = await makeWorld(t, [{ url: literal }, { url: receiver.url, retries }], { ini: '[webhooks]\ndeny_networks = 127.0.0.0/8, ::1\n' });
  await sandbox.sendAs(friend, ours, 'one');
  await until('the dead letters', async () => (await list('state=dead')).length === 2, 30);
  for (const letter of await list('state=dead')) {
    assert.match(letter.reason, /^network_denied: /);
    assert.equal(letter.tries, letter.url === literal ? 1 : 3);
  }
  assert.equal(receiver.requests.length, 0);
});

test('a user name and password of the URL are sent as Authorization, and shown to nobody', async t => {
  const receiver = await startReceiver({
    answer: ({ headers }) => (headers.authorization === `Basic ${Buffer.from('us er:se:cret').toString('base64')}` ? 500 : 401),
  });
  t.after(receiver.stop);
  const url = receiver.url.replace('://', '://us%20er:se%3Acret@');
  const { sandbox, gateway, list } = await makeWorld(t, [{ url, retries: { attempts: 0 } }]);
  await sandbox.sendAs(friend, ours, 'one');
  await until('the dead letter', async () => (await list('state=dead')).length === 1, 30);
  const [letter] = await list('state=dead');
  assert.equal(letter.reason, 'status 500');
  assert.equal(letter.url, receiver.url.replace('://', '://us%20er:***@'));
  assert.equal((await list(`url=${encodeURIComponent(letter.url)}`)).length, 1);
  assert.ok(!gateway.process.log.join('\n').includes('cret'));
});

test('dead letters of a mistyped URL are sent to the right one', async t => {
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const wrong = 'http://nowhere.invalid/hook';
  const { sandbox, gateway, list } = await makeWorld(t, [{ url: wrong, retries: { attempts: 0 } }]);
  for (const text of ['one', 'two', 'three']) await sandbox.sendAs(friend, ours, text);
  await until('three dead letters', async () => (await list('state=dead')).length === 3, 60);
  await gateway.call('PUT', '/api/sessions/default', { config: { webhooks: [{ url: receiver.url, events: ['message'] }] } });
  const [first] = await list('state=dead');
  const moved = await gateway.call('POST', `${path}/${first.id}/replay`, { toUrl: receiver.url });
  assert.equal(moved.url, receiver.url);
  assert.deepEqual(await gateway.call('POST', `${path}/replay`, { state: 'dead', url: wrong, toUrl: receiver.url }),
    { replayed: 2, nextId: null });
  await receiver.until('the last', 'message', event => event.payload.body === 'three', 30);
  assert.deepEqual(receiver.events('message').map(event => event.payload.body), ['one', 'two', 'three']);
  assert.deepEqual(await list('state=dead'), []);
});

test('a key of a webhook that nobody knows is a 400 that names it', async t => {
  const gateway = await makeGateway(await makeSandbox(t));
  t.after(() => gateway.stop());
  const refused = await fetch(`${gateway.base}/api/sessions`, {
    method: 'POST',
    headers: { 'x-api-key': 'interop-key', 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'default', start: false, config: { webhooks: [{ url: 'http://h/', events: ['*'], typo: 1 }] } }),
  });
  assert.equal(refused.status, 400);
  assert.match(await refused.text(), /config\.webhooks\[0\]\.typo/);
});
