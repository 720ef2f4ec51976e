// SIGKILL at random instants while texts are sent and received: what was accepted arrives, once and in order, and both
// sides still understand each other. PIGEOND_KILLS=200 is the long form.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { key, makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertInOrder, assertNoViolations, chatId, makeSandbox } from '../lib/world.mjs';

const ours = '491540000001';
const theirs = '491540000002';
const kills = Number(process.env.PIGEOND_KILLS ?? 20);
const textsForEach = 10;

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

// A caller as callers are: the same request under its key until there is an answer.
async function sendStubbornly(gateway, number) {
  for (;;) {
    const response = await fetch(`${gateway.base}/api/sendText`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json', 'idempotency-key': `text-${number}` },
      body: JSON.stringify({ chatId: chatId(theirs), text: `out ${number}`, queue: true }),
    }).catch(() => undefined);
    if (response?.ok) return response.json().catch(() => undefined);
    if (response && response.status < 500) assert.fail(`${response.status}: ${await response.text()}`);
    await sleep(10);
  }
}

test(`a gateway that is killed ${kills} times in mid-send loses no text and doubles none`, async t => {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  await sandbox.account(theirs);
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop('SIGTERM'));
  await gateway.link(sandbox, 'default', ours, { webhooks: [{ url: receiver.url, events: ['message'] }] });
  const peer = await makePeer({ url: sandbox.url });
  t.after(() => peer.stop());
  await peer.link(sandbox, theirs);
  await gateway.sendText('default', chatId(theirs), 'hello');
  await peer.untilTexts(1);

  const count = kills * textsForEach;
  let sent = 0, killed = 0;
  const sender = (async () => { while (sent < count) await sendStubbornly(gateway, sent++); })();
  while (killed < kills) {
    const from = sent, stop = Math.floor(Math.random() * 2 * textsForEach);
    await until('texts to be sent', () => sent >= Math.min(from + stop, count));
    await sleep(Math.random() * 10);
    await gateway.stop('SIGKILL');
    killed++;
    await gateway.start();
  }
  await sender;

  await peer.untilTexts(count + 1, 120);
  await sleep(1000);
  assertInOrder(peer.texts.map(text => text.text), 'out', count);
  assert.equal(peer.texts.length, count + 1);
  await peer.send(peer.texts[0].from, 'still there?');
  await until('the answer', () => receiver.events('message').some(event => event.payload.body === 'still there?'));
  assert.deepEqual((await gateway.call('GET', '/api/default/outbox')), []);
  await assertNoViolations(sandbox);
});
