// Messages that are forwarded, pinned, kept, and commented.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { proto } from 'baileys';
import { seal, sendContent } from '../lib/addons.mjs';
import { chatOfTwo } from '../lib/chat_of_two.mjs';
import { until } from '../lib/process.mjs';
import { assertNoViolations, chatId, pnJid } from '../lib/world.mjs';

const [ours, theirs] = ['491604000001', '491604000002'];
let world;
test.before(async () => { world = await chatOfTwo(ours, theirs); });
test.after(() => world.end());

const forward = messageId => world.call('POST', '/api/forwardMessage', { session: 'default', chatId: chatId(theirs), messageId });
const path = (messageId, what) => `/api/default/chats/${chatId(theirs)}/messages/${encodeURIComponent(messageId)}/${what}`;

test('their message is forwarded with its mark, and again with a higher score; ours without', async () => {
  const { told } = await world.written('pass it on');
  const once = await forward(told.id);
  assert.equal(once.body, 'pass it on');
  const twice = await forward(once.id);
  await until('both', () => world.arrived(once._data.id) && world.arrived(twice._data.id));
  const contextOf = sent => world.arrived(sent._data.id).message.extendedTextMessage.contextInfo;
  assert.equal(contextOf(once).isForwarded, true);
  assert.equal(contextOf(once).forwardingScore, 1);
  assert.equal(contextOf(twice).forwardingScore, 1, 'ours counts no further');
  const own = await forward((await world.text('mine')).id);
  await until('ours', () => world.arrived(own._data.id));
  assert.ok(!world.arrived(own._data.id).message.extendedTextMessage?.contextInfo?.isForwarded);
  const error = await forward('NOTHERE').then(() => assert.fail('accepted'), e => e);
  assert.equal(error.status, 404);
  await assertNoViolations(world.sandbox);
});

test('a message is pinned for a time, and taken down', async () => {
  const { key, told } = await world.written('remember this');
  assert.deepEqual(await world.call('POST', path(told.id, 'pin'), { duration: 86400 }), { success: true });
  const pinOf = type => world.heard.messages.find(({ message }) => message.pinInChatMessage?.key.id === key.id && message.pinInChatMessage.type === type);
  await until('the pin', () => pinOf(1));
  assert.equal(pinOf(1).message.messageContextInfo.messageAddOnDurationInSecs, 86400);
  assert.deepEqual(await world.call('POST', path(told.id, 'unpin'), {}), { success: true });
  await until('that it is down', () => pinOf(2));
  const error = await world.call('POST', path(told.id, 'pin'), { duration: 60 }).then(() => assert.fail('accepted'), e => e);
  assert.equal(error.status, 400);
  assert.match(JSON.stringify(error.body.message), /duration/);
  await assertNoViolations(world.sandbox);
});

test('what is pinned, kept or commented by them is no empty message', async () => {
  const secret = randomBytes(32);
  const { ours: us, theirs: them } = world.forms;
  const { id } = await sendContent(world.sandbox, theirs, ours, { conversation: 'comment on me', messageContextInfo: { messageSecret: secret } });
  await world.receiver.until('the text', 'message', event => event.payload.body === 'comment on me');
  const key = { remoteJid: us.lid, fromMe: true, id };
  await world.peer.sock.sendMessage(pnJid(ours), { pin: { remoteJid: pnJid(ours), fromMe: true, id }, type: 1, time: 86400 });
  await sendContent(world.sandbox, theirs, ours, { keepInChatMessage: { key, keepType: 1, timestampMs: Date.now() } }, { hide: true });
  await sendContent(world.sandbox, theirs, ours, { encCommentMessage: { targetMessageKey: key, ...seal({ secret, id, author: them.lid, sender: them.lid,
    use: 'Enc Comment', plaintext: proto.Message.encode({ conversation: 'a comment' }).finish() }) } }, { hide: true });
  const { payload } = await world.receiver.until('the comment', 'message', event => event.payload.body === 'a comment');
  assert.equal(payload.replyTo.id, id);
  await world.written('after all that');
  assert.equal(world.empty(), 0);
});
