// Webhooks arrive in order, signed, over http and https, and again until they are taken.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { key, makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { chatId, makeCertificates, makeSandbox } from '../lib/world.mjs';

const ours = '491540000001';
const friend = '491540000002';

for (const scheme of ['http', 'https']) {
  test(`messages, acks and status changes are posted over ${scheme}`, async t => {
    const sandbox = await makeSandbox(t);
    await sandbox.account(ours);
    await sandbox.account(friend, { reply: 'echo' });
    const certificates = scheme === 'https' ? makeCertificates() : undefined;
    const hmacKey = 'hook-secret';
    const refusals = { left: 2 };
    const receiver = await startReceiver({
      tls: certificates?.tls, hmacKey, answer: () => (refusals.left-- > 0 ? 503 : 200),
    });
    t.after(receiver.stop);
    const gateway = await makeGateway({ ...sandbox, caFile: certificates?.caFile });
    t.after(() => gateway.stop());
    await gateway.link(sandbox, 'default', ours, {
      metadata: { tenant: 'seven' },
      webhooks: [{
        url: receiver.url, events: ['*'], hmac: { key: hmacKey }, retries: { policy: 'constant', delaySeconds: 0.1, attempts: 15 },
        customHeaders: [{ name: 'X-Custom', value: 'yes' }],
      }],
    });
    await gateway.sendText('default', chatId(friend), 'ping');
    const message = await receiver.until('the answer', 'message', event => event.payload.body === 'echo: ping');
    assert.equal(message.session, 'default');
    assert.equal(message.metadata.tenant, 'seven');
    assert.equal(message.payload.from, chatId(friend));
    assert.equal(message.payload.fromMe, false);
    assert.match(message.id, /^evt_[0-9a-z]{26}$/);
    await receiver.until('a delivery ack', 'message.ack', event => event.payload.ack >= 2);
    // A session's events are a line of their own, beside those of its chats.
    await receiver.until('the status', 'session.status', event => event.payload.status === 'WORKING');
    const statuses = receiver.events('session.status').map(event => event.payload.status);
    assert.deepEqual(statuses.filter((status, i) => status !== statuses[i - 1]).slice(-1), ['WORKING']);
    for (const delivery of receiver.deliveries) {
      assert.equal(delivery.headers['x-webhook-hmac'], delivery.hmac);
      assert.equal(delivery.headers['x-webhook-hmac-algorithm'], 'sha512');
      assert.equal(delivery.headers['x-custom'], 'yes');
    }
    const ids = receiver.deliveries.map(delivery => delivery.body.id);
    assert.deepEqual(ids, [...new Set(ids)], 'each event once, as each was taken the first time it was answered with 200');
  });
}

test('what a receiver missed while the gateway was killed is posted after its restart', async t => {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  await sandbox.account(friend);
  let open = false;
  const receiver = await startReceiver({ answer: () => (open ? 200 : 503) });
  t.after(receiver.stop);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  const webhooks = [{ url: receiver.url, events: ['message'], retries: { policy: 'constant', delaySeconds: 0.1, attempts: 1000 } }];
  await gateway.link(sandbox, 'default', ours, { webhooks });
  await sandbox.sendAs(friend, ours, 'do not lose me');
  await until('the message at the gateway', async () =>
    (await sandbox.received(friend)).some(message => message.from_me && JSON.stringify(message.acks ?? '').match(/deliver|3|2/)), 10).catch(() => {});
  await gateway.stop('SIGKILL');
  open = true;
  await gateway.start();
  await receiver.until('the message', 'message', event => event.payload.body === 'do not lose me');
});

test('a dead letter is listed with its reason and replayed, and one receiver that is down delays no other', async t => {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  await sandbox.account(friend);
  let broken = true;
  const poor = await startReceiver({ answer: () => (broken ? 500 : 200) });
  const down = await startReceiver({ answer: () => 503 });
  const good = await startReceiver();
  for (const receiver of [poor, down, good]) t.after(receiver.stop);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  const events = ['message'];
  await gateway.link(sandbox, 'default', ours, {
    webhooks: [
      { url: poor.url, events, retries: { policy: 'constant', delaySeconds: 0.05, attempts: 1 } },
      { url: down.url, events, retries: { policy: 'constant', delaySeconds: 600, attempts: 15 } },
      { url: good.url, events },
    ],
  });
  const texts = ['one', 'two', 'three'];
  for (const text of texts) await sandbox.sendAs(friend, ours, text);
  await good.until('the last message', 'message', event => event.payload.body === 'three');
  assert.deepEqual(good.events('message').map(event => event.payload.body), texts);

  const path = '/api/sessions/default/webhooks/deliveries';
  const list = query => gateway.call('GET', `${path}?${query}`);
  await until('three dead letters', async () => (await list('state=dead')).length === 3);
  const dead = await list('state=dead');
  for (const letter of dead) {
    assert.deepEqual([letter.url, letter.event, letter.reason, letter.tries], [poor.url, 'message', 'status 500', 2]);
  }
  const waiting = await list(`state=pending&url=${encodeURIComponent(down.url)}`);
  assert.deepEqual([waiting.length, waiting[0].reason, waiting[0].tries], [3, 'status 503', 1]);
  assert.ok(waiting[0].nextTryAt > Date.now());
  assert.equal((await list('state=delivered')).length, 3);
  assert.equal((await gateway.call('GET', `${path}/${dead[0].id}`)).body.payload.body, 'one');

  broken = false;
  const replayed = await gateway.call('POST', `${path}/${dead[1].id}/replay`);
  assert.equal(replayed.replayOf, dead[1].id);
  await poor.until('the second message', 'message', event => event.payload.body === 'two');
  assert.deepEqual(await gateway.call('POST', `${path}/replay`, { state: 'dead' }), { replayed: 2, nextId: null });
  await poor.until('the third message', 'message', event => event.payload.body === 'three');
  assert.deepEqual(poor.events('message').map(event => event.payload.body), ['two', 'one', 'three']);
  assert.equal(poor.deliveries[0].headers['x-webhook-request-id'], `${dead[1].eventId}-${dead[1].id}`);
  assert.deepEqual(await list('state=dead'), []);
});

test('a wrong id, range or session of deliveries is a 4xx that names it', async t => {
  const gateway = await makeGateway(await makeSandbox(t));
  t.after(() => gateway.stop());
  await gateway.call('POST', '/api/sessions', { name: 'default', start: false });
  const path = '/api/sessions/default/webhooks/deliveries';
  const refused = async (method, url, body, status, what) => {
    const answer = await fetch(gateway.base + url, {
      method, headers: { 'x-api-key': key, 'content-type': 'application/json' }, body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    assert.equal(answer.status, status, `${method} ${url}: ${text}`);
    assert.match(text, what, `${method} ${url}`);
  };
  await refused('GET', '/api/sessions/nobody/webhooks/deliveries', undefined, 404, /nobody/);
  await refused('POST', '/api/sessions/nobody/webhooks/deliveries/replay', { state: 'dead' }, 404, /nobody/);
  await refused('GET', `${path}?state=lost`, undefined, 400, /state/);
  await refused('GET', `${path}?limit=0`, undefined, 400, /limit/);
  await refused('GET', `${path}?after=x`, undefined, 400, /after/);
  await refused('GET', `${path}/x`, undefined, 400, /id/);
  await refused('GET', `${path}/4294967297`, undefined, 404, /4294967297/);
  await refused('POST', `${path}/99999999999999999999/replay`, undefined, 400, /id/);
  await refused('POST', `${path}/17/replay`, undefined, 404, /17/);
  await refused('POST', `${path}/replay`, undefined, 400, /state/);
  await refused('POST', `${path}/replay`, { state: 'pending' }, 400, /state/);
  await refused('POST', `${path}/replay`, { fromId: 'x' }, 400, /fromId/);
  await refused('POST', `${path}/replay`, { fromId: 5, toId: 4 }, 400, /toId/);
  await refused('POST', `${path}/replay`, { fromTime: 5, toTime: 4 }, 400, /toTime/);
  await refused('POST', `${path}/replay`, { fromTime: -1 }, 400, /fromTime/);
  await refused('POST', `${path}/replay`, { state: 'dead', url: 'http://nowhere/' }, 400, /url/);
});
