// What is sent beside texts, between pigeond and Baileys; a kind of message is a test.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from './lib/baileys.mjs';
import { makeGateway } from './lib/gateway.mjs';
import { until } from './lib/process.mjs';
import { startReceiver } from './lib/webhook.mjs';
import { assertNoViolations, chatId, makeSandbox, pnJid } from './lib/world.mjs';

const [ours, theirs] = ['491590000001', '491590000002'];

async function makePair(t) {
  const sandbox = await makeSandbox(t);
  for (const phone of [ours, theirs]) await sandbox.account(phone);
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  await gateway.link(sandbox, 'default', ours, { webhooks: [{ url: receiver.url, events: ['message', 'message.any'] }] });
  const peer = await makePeer({ url: sandbox.url });
  t.after(() => peer.stop());
  await peer.link(sandbox, theirs);
  const inbox = [];
  peer.sock.ev.on('messages.upsert', ({ messages }) => inbox.push(...messages.filter(message => !message.key.fromMe && message.message)));
  return { sandbox, receiver, gateway, peer, inbox };
}

test('what is not stored any more is answered by its long id', async t => {
  const { gateway, inbox, sandbox, peer } = await makePair(t);
  const sent = await gateway.sendText('default', chatId(theirs), 'about that', { reply_to: `false_${chatId(theirs)}_LONGGONE` });
  assert.equal(sent.replyTo.id, 'LONGGONE');
  await until('the answer', () => inbox.length > 0);
  const { contextInfo } = inbox[0].message.extendedTextMessage;
  assert.equal(contextInfo.stanzaId, 'LONGGONE');
  const { lid } = peer.sock.authState.creds.me;
  assert.ok([pnJid(theirs), lid.replace(/:\d+/, '')].includes(contextInfo.participant), contextInfo.participant);
  for (const reply_to of ['LONGGONE', 'false_491590000003@c.us_LONGGONE']) {
    const error = await gateway.sendText('default', chatId(theirs), 'x', { reply_to }).catch(error => error);
    assert.equal(error.status, 400);
    assert.match(JSON.stringify(error.body.message), /reply_to: no such message/);
  }
  await assertNoViolations(sandbox);
});
