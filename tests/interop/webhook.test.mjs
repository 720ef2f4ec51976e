// Webhooks arrive in order, signed, over http and https, and again until they are taken.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { startReceiver } from './lib/webhook.mjs';
import { chatId, makeCertificates, makeSandbox } from './lib/world.mjs';

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
