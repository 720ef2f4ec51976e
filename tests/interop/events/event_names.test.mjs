// Each event that can be subscribed to happens: by a webhook, a WebSocket and a stream of server-sent events one gets all the
// names that the gateway knows, from what people do with an account, and no other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventSource } from 'eventsource';
import WebSocket from 'ws';
import { proto } from 'baileys';
import { looks, seal, sendContent, votePlaintext } from '../lib/addons.mjs';
import { makePeer } from '../lib/baileys.mjs';
import { key, makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, chatId, makeSandbox } from '../lib/world.mjs';

const ours = '491540000001';
const friend = '491540000002';
const nameless = '491540000003';  // until it shows its number

// Told to who names it alone: kinds/contents.test.mjs.
const notAmongAll = ['engine.event'];

// As the program itself says them to whoever names another one.
async function knownNames(gateway) {
  const response = await fetch(`${gateway.base}/api/events/stream?events=no.such.event`, { headers: { 'x-api-key': key } });
  assert.equal(response.status, 400);
  const [, names] = /there are \*, (.*)$/.exec([(await response.json()).message].flat().join());
  return names.split(', ');
}

// What the friend's phone says about messages: about one of its own, and about a poll and an event of ours. The votes and answers
// that can be read are read with the secrets that the phone has seen.
async function sayAbout(sandbox) {
  const secret = Buffer.alloc(32, 7);
  const [us, them] = await Promise.all([ours, friend].map(async phone => (await sandbox.call('GET', `/accounts/${phone}`)).lid));
  const say = (message, look) => sendContent(sandbox, friend, ours, message, look);
  const messageContextInfo = { messageSecret: secret };
  const { id } = await say({ conversation: 'about this', messageContextInfo });
  const { id: poll } = await say({ pollCreationMessage: { name: 'Tea?', options: [{ optionName: 'Yes' }] }, messageContextInfo }, looks.poll);
  const { id: event } = await say({ eventMessage: { name: 'Tea', startTime: 1900000000 }, messageContextInfo }, looks.event);
  const key = id => ({ remoteJid: us, fromMe: true, id });
  const sealed = (id, use, plaintext, key = secret) => seal({ secret: key, id, author: them, sender: them, use, plaintext });
  await say({ reactionMessage: { key: key(id), text: '👍' } }, looks.reaction);
  await say({ protocolMessage: { key: key(id), type: 14, editedMessage: { conversation: 'edited' } } }, looks.edit);
  await say({ protocolMessage: { key: key(id), type: 0 } }, looks.revoke);
  const answer = proto.Message.EventResponseMessage.encode({ response: 1 }).finish();
  for (const used of [secret, Buffer.alloc(32, 8)]) {
    await say({ pollUpdateMessage: { pollCreationMessageKey: key(poll), vote: sealed(poll, 'Poll Vote', votePlaintext(['Yes']), used) } }, looks.vote);
    await say({ encEventResponseMessage: { eventCreationMessageKey: key(event), ...sealed(event, 'Event Response', answer, used) } }, looks.response);
  }
}

test('each name of an event is told, to webhooks and to both kinds of streams', async t => {
  const sandbox = await makeSandbox(t);
  for (const phone of [ours, friend]) await sandbox.account(phone);
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  const peer = await makePeer({ url: sandbox.ws });
  t.after(() => peer.stop());
  await peer.link(sandbox, friend);

  const seen = { ws: [], sse: [] };
  const query = new URLSearchParams({ session: '*', events: '*', 'x-api-key': key });
  const socket = new WebSocket(`${gateway.base.replace('http', 'ws')}/ws?${query}`);
  t.after(() => socket.terminate());
  socket.on('message', data => seen.ws.push(JSON.parse(data)));
  const source = new EventSource(`${gateway.base}/api/events/stream?${query}`);
  t.after(() => source.close());
  source.onmessage = ({ data }) => seen.sse.push(JSON.parse(data));
  await until('both streams', () => socket.readyState === WebSocket.OPEN && source.readyState === EventSource.OPEN);

  const webhooks = [{ url: receiver.url, events: ['*'] }];
  await gateway.link(sandbox, 'default', ours, { webhooks, pacing: 'off' });
  await gateway.sendText('default', chatId(friend), 'ping');
  await peer.untilTexts(1);
  await peer.send(`${ours}@s.whatsapp.net`, 'pong');
  await receiver.until('the answer', 'message', event => event.payload.body === 'pong');
  await sandbox.fault({ kind: 'unavailable', account: ours, device: 1, count: 1 });
  await peer.send(`${ours}@s.whatsapp.net`, 'without a content');
  await receiver.until('what can not be shown yet', 'message.waiting', () => true);
  await receiver.until('that ours was delivered', 'message.ack', event => event.payload.ack >= 2);

  const { id } = await sandbox.call('POST', `/accounts/${friend}/call`, { to: ours });
  await sandbox.call('POST', `/accounts/${friend}/call`, { to: ours, id, action: 'terminate', reason: 'accepted_elsewhere' });
  const { id: missed } = await sandbox.call('POST', `/accounts/${friend}/call`, { to: ours });
  await sandbox.call('POST', `/accounts/${friend}/call`, { to: ours, id: missed, action: 'terminate' });

  const { id: group } = await sandbox.call('POST', '/groups', { subject: 'Choir', participants: [ours, friend], approval: true, creator: ours });
  const { invite } = await sandbox.call('GET', `/groups/${group.split('@')[0]}`);
  await sandbox.call('POST', '/accounts', { phone: '491540000008' });
  const third = await makePeer({ url: sandbox.ws });
  t.after(() => third.stop());
  await third.link(sandbox, '491540000008');
  await third.sock.groupAcceptInvite(invite);
  await gateway.call('POST', `/api/default/groups/${group}/participants/join-requests/approve`, { participants: [{ id: '491540000008' }] });
  await gateway.call('PUT', `/api/default/groups/${group}/subject`, { subject: 'Band' });
  await gateway.sendText('default', group, 'for the choir');
  await receiver.until('that it was delivered in the group', 'message.ack.group', () => true);
  await gateway.call('POST', `/api/default/groups/${group}/leave`);
  await sayAbout(sandbox);
  await gateway.call('POST', '/api/default/presence', { presence: 'online' });
  await sandbox.call('POST', `/accounts/${friend}/presence`, { presence: 'typing', to: ours });
  await sandbox.account(nameless, { hides_number: true });
  const { lid } = await sandbox.call('GET', `/accounts/${ours}`);
  await sandbox.sendAs(nameless, lid, 'who am I?');
  await receiver.until('the nameless', 'message', event => event.payload.body === 'who am I?');
  await sandbox.call('PUT', `/accounts/${nameless}/number`, { hidden: false });
  await sandbox.sendAs(nameless, lid, 'it is me');
  await sandbox.call('POST', `/accounts/${friend}/moved`, { to: nameless, told: ours });

  const known = await knownNames(gateway);
  const expected = known.filter(name => !notAmongAll.includes(name)).sort();
  assert.ok(notAmongAll.every(name => known.includes(name)), 'what is not known any more needs no exception');
  const names = events => [...new Set(events.map(({ event }) => event))].sort();
  const told = { webhook: () => receiver.deliveries.map(delivery => delivery.body), ws: () => seen.ws, sse: () => seen.sse };
  for (const [who, events] of Object.entries(told)) {
    await until(`all names at ${who}`, () => names(events()).length >= expected.length).catch(() => {});
    assert.deepEqual(names(events()), expected, who);
  }
  await assertNoViolations(sandbox);
});
