// What is sent beside texts, between pigeond and Baileys; a kind of message is a test.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, chatId, makeSandbox, pnJid } from '../lib/world.mjs';

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
  const refusal = fields => gateway.call('POST', '/api/sendLocation', { session: 'default', chatId: chatId(theirs), ...fields })
    .then(() => assert.fail('accepted'), error => error);
  return { sandbox, receiver, gateway, peer, inbox, refusal };
}

test('a place goes out and comes in, and answers and is answered as texts are', async t => {
  const { sandbox, receiver, gateway, peer, inbox } = await makePair(t);
  await peer.sock.sendMessage(pnJid(ours), { location: { degreesLatitude: 52.5170365, degreesLongitude: -13.25,
    name: 'Gate', address: 'Pariser Platz', url: 'https://gate.example', comment: 'left door' } });
  const asked = await receiver.until('their place', 'message', ({ payload }) => payload.location);
  assert.deepEqual(asked.payload.location, { latitude: '52.5170365', longitude: '-13.25', live: false, name: 'Gate',
    address: 'Pariser Platz', url: 'https://gate.example', description: 'left door' });
  assert.equal(asked.payload.body, 'Gate');
  assert.equal(asked.payload.hasMedia, false);

  const sent = await gateway.call('POST', '/api/sendLocation', { session: 'default', chatId: asked.payload.from,
    latitude: 38.8937255, longitude: -77.0969763, title: 'Our office', reply_to: asked.payload.id });
  const place = { latitude: '38.8937255', longitude: '-77.0969763', live: false, name: 'Our office' };
  assert.deepEqual(sent.location, place);
  assert.equal(sent.body, 'Our office');
  assert.equal(sent.replyTo.id, asked.payload._data.id);
  assert.equal(sent.replyTo.body, 'Gate');
  const told = await receiver.until('our place', 'message.any', ({ payload }) => payload.fromMe);
  assert.equal(told.payload.id, sent.id);
  assert.deepEqual(told.payload.location, place);
  assert.deepEqual(told.payload.replyTo, sent.replyTo);

  await until('the place at the peer', () => inbox.length > 0);
  const { locationMessage } = inbox[0].message;
  assert.equal(inbox[0].key.id, sent._data.id);
  assert.equal(locationMessage.degreesLatitude, 38.8937255);
  assert.equal(locationMessage.degreesLongitude, -77.0969763);
  assert.equal(locationMessage.name, 'Our office');
  assert.equal(locationMessage.contextInfo.stanzaId, asked.payload._data.id);
  assert.equal(locationMessage.contextInfo.quotedMessage.locationMessage.name, 'Gate');

  await peer.sock.sendMessage(pnJid(ours), { text: 'on my way' }, { quoted: inbox[0] });
  const answer = await receiver.until('their answer', 'message', ({ payload }) => payload.body === 'on my way');
  assert.equal(answer.payload.replyTo.id, sent._data.id);
  assert.equal(answer.payload.replyTo.body, 'Our office');
  await assertNoViolations(sandbox);
});

test('what is not stored any more is answered by its long id', async t => {
  const { gateway, inbox, sandbox, peer } = await makePair(t);
  const sent = await gateway.sendText('default', chatId(theirs), 'about that', { reply_to: `false_${chatId(theirs)}_LONGGONE` });
  assert.equal(sent.replyTo.id, 'LONGGONE');
  await until('the answer', () => inbox.length > 0);
  const { contextInfo } = inbox[0].message.extendedTextMessage;
  assert.equal(contextInfo.stanzaId, 'LONGGONE');
  const { lid } = peer.sock.authState.creds.me;
  assert.ok([pnJid(theirs), lid.replace(/:\d+/, '')].includes(contextInfo.participant), contextInfo.participant);
  for (const reply_to of ['LONGGONE', 'false_491590000003@c.us_LONGGONE', 'true_491590000003@c.us_LONGGONE']) {
    const error = await gateway.sendText('default', chatId(theirs), 'x', { reply_to }).catch(error => error);
    assert.equal(error.status, 400);
    assert.match(JSON.stringify(error.body.message), /reply_to: no such message/);
  }
  const plain = await gateway.sendText('default', chatId(theirs), 'rather plainly', { reply_to: 'LONGGONE', reply_to_optional: true });
  assert.equal(plain.replyTo, null);
  await until('it', () => inbox.length > 1);
  assert.equal(inbox[1].message.extendedTextMessage?.contextInfo?.stanzaId ?? null, null);
  const quoting = await gateway.sendText('default', chatId(theirs), 'as it can be', { reply_to: plain.id, reply_to_optional: true });
  assert.equal(quoting.replyTo.body, 'rather plainly');
  await assertNoViolations(sandbox);
});

test('the same key again sends a place once, and another place under it is refused', async t => {
  const { gateway, inbox, sandbox, refusal } = await makePair(t);
  const place = { session: 'default', chatId: chatId(theirs), latitude: 1.5, longitude: 2.5, title: '' };
  const headers = { 'Idempotency-Key': 'place-1' };
  const first = await gateway.call('POST', '/api/sendLocation', place, headers);
  assert.equal((await gateway.call('POST', '/api/sendLocation', place, headers)).id, first.id);
  await assert.rejects(gateway.call('POST', '/api/sendLocation', { ...place, latitude: 1.6 }, headers), { status: 422 });
  await gateway.sendText('default', chatId(theirs), 'that was all');
  await until('what was sent', () => inbox.length >= 2);
  assert.deepEqual(inbox.map(({ message }) => Boolean(message.locationMessage)), [true, false]);
  for (const [fields, names] of [
    [{ longitude: 1 }, /latitude/], [{ latitude: 90.5, longitude: 1 }, /latitude/], [{ latitude: 1, longitude: '2' }, /longitude/],
    [{ latitude: 1, longitude: -181 }, /longitude/], [{ latitude: 1, longitude: 1, title: 7 }, /title/],
  ]) {
    const { status, body } = await refusal(fields);
    assert.equal(status, 400);
    assert.match(JSON.stringify(body.message), names);
  }
  await assertNoViolations(sandbox);
});
