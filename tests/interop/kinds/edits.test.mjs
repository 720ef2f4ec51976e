// Messages that are edited, and deleted for everybody: by pigeond, by Baileys and by phones.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { proto } from 'baileys';
import { looks, seal, sendContent } from '../lib/addons.mjs';
import { chatOfTwo } from '../lib/chat_of_two.mjs';
import { until } from '../lib/process.mjs';
import { assertNoViolations, chatId, pnJid } from '../lib/world.mjs';

const [ours, theirs] = ['491602000001', '491602000002'];
let world;
test.before(async () => { world = await chatOfTwo(ours, theirs); });
test.after(() => world.end());

const path = messageId => `/api/default/chats/${chatId(theirs)}/messages/${encodeURIComponent(messageId)}`;
const editedTo = (text, own) => world.receiver.until(text, 'message.edited', ({ payload }) => payload.body === text && payload.fromMe === own);
const revoked = id => world.receiver.until(`that ${id} is deleted`, 'message.revoked', ({ payload }) => payload.revokedMessageId === id);
const refused = (call, status, names) => call.then(() => assert.fail('accepted'), error => {
  assert.equal(error.status, status, JSON.stringify(error.body));
  assert.match(JSON.stringify(error.body.message), names);
});
const textOf = message => message?.conversation || message?.extendedTextMessage?.text;

test('our text is edited twice, for their client as for programs', async () => {
  const sent = await world.text('frist');
  await until('it at the peer', () => world.arrived(sent._data.id));
  for (const text of ['first', 'first!']) {
    const answer = await world.call('PUT', path(sent.id), { text });
    assert.equal(answer.body, text);
    assert.notEqual(answer.id, sent.id);
    await until(text, () => world.heard.updates.find(({ key, update }) =>
      key.id === sent._data.id && textOf(update.message?.editedMessage?.message) === text));
    const { payload } = await editedTo(text, true);
    assert.equal(payload.editedMessageId, sent._data.id);
    assert.equal(payload.id, answer.id);
    assert.equal(payload.source, 'api');
    assert.deepEqual(world.receiver.events('message.any').filter(event => event.payload.id === answer.id), []);
  }
  const answering = await world.text('see above', { reply_to: sent.id });
  assert.equal(answering.replyTo.body, 'first!');
  await assertNoViolations(world.sandbox);
});

test('their text is edited twice, and is what it says now when it is answered', async () => {
  const { key, told } = await world.written('secnod');
  for (const text of ['second', 'second!']) {
    await world.peer.sock.sendMessage(pnJid(ours), { text, edit: key });
    const { payload } = await editedTo(text, false);
    assert.equal(payload.editedMessageId, key.id);
    assert.equal(payload.from, chatId(theirs));
  }
  assert.equal((await world.text('I see', { reply_to: told.id })).replyTo.body, 'second!');
  assert.equal(world.empty(), 0);
  await assertNoViolations(world.sandbox);
});

// As phones do since 2026, in whatever forms of the JIDs they make the key of.
for (const author of ['pn', 'lid'])
  for (const sender of ['pn', 'lid'])
    test(`an edit that is encrypted with the secret of its message is read: author by ${author}, sender by ${sender}`, async () => {
      const secret = randomBytes(32);
      const before = `before ${author} ${sender}`, after = `after ${author} ${sender}`;
      const { id } = await sendContent(world.sandbox, theirs, ours, { conversation: before, messageContextInfo: { messageSecret: secret } });
      await world.receiver.until(before, 'message', event => event.payload.body === before);
      const key = { remoteJid: world.forms.ours.lid, fromMe: true, id };
      const plaintext = proto.Message.encode({ protocolMessage: { key, type: 14, editedMessage: { conversation: after }, timestampMs: Date.now() } }).finish();
      await sendContent(world.sandbox, theirs, ours, { secretEncryptedMessage: { targetMessageKey: key, secretEncType: 2, ...seal({ secret, id,
        author: world.forms.theirs[author], sender: world.forms.theirs[sender], use: 'Message Edit', plaintext }) } }, looks.edit);
      const { payload } = await editedTo(after, false);
      assert.equal(payload.editedMessageId, id);
      assert.equal((await world.text('quoting', { reply_to: id })).replyTo.body, after);
      assert.equal(world.empty(), 0);
    });

test("the account's own phone edits and deletes", async () => {
  const to = world.forms.theirs.lid;
  const { id } = await sendContent(world.sandbox, ours, to, { conversation: 'from my pohne' });
  await world.receiver.until('the text', 'message.any', event => event.payload.body === 'from my pohne');
  const key = { remoteJid: to, fromMe: true, id };
  await sendContent(world.sandbox, ours, to, { protocolMessage: { key, type: 14, editedMessage: { conversation: 'from my phone' }, timestampMs: Date.now() } }, looks.edit);
  const { payload } = await editedTo('from my phone', true);
  assert.equal(payload.editedMessageId, id);
  assert.equal(payload.source, 'app');
  await sendContent(world.sandbox, ours, to, { protocolMessage: { key, type: 0 } }, looks.revoke);
  const gone = await revoked(id);
  assert.equal(gone.payload.before.body, 'from my phone');
  await assertNoViolations(world.sandbox);
});

test('ours is deleted for everybody', async () => {
  const sent = await world.text('not meant for you');
  await until('it at the peer', () => world.arrived(sent._data.id));
  const answer = await world.call('DELETE', path(sent.id));
  assert.equal(answer.ack, 1);
  await until('that it is gone', () => world.heard.updates.find(({ key, update }) => key.id === sent._data.id && update.messageStubType === 1));
  const { payload } = await revoked(sent._data.id);
  assert.equal(payload.before.body, 'not meant for you');
  assert.equal(payload.before.id, sent.id);
  assert.equal(payload.after.id, answer.id);
  await refused(world.call('PUT', path(sent.id), { text: 'too late' }), 422, /messageId: is deleted/);
  assert.equal((await world.text('what was that?', { reply_to: sent.id })).replyTo.body ?? '', '');
  await assertNoViolations(world.sandbox);
});

test('theirs is deleted by them, and not by us', async () => {
  const { key, told } = await world.written('forget it');
  await refused(world.call('DELETE', path(told.id)), 422, /messageId/);
  await refused(world.call('PUT', path(told.id), { text: 'x' }), 422, /messageId/);
  await world.peer.sock.sendMessage(pnJid(ours), { delete: key });
  const { payload } = await revoked(key.id);
  assert.equal(payload.before.body, 'forget it');
  assert.equal(payload.before.id, told.id);
  assert.equal(world.empty(), 0);
  await assertNoViolations(world.sandbox);
});

test('nobody edits or deletes what somebody else has written', async () => {
  const sent = await world.text('carved in stone');
  const key = { remoteJid: world.forms.ours.lid, fromMe: false, id: sent._data.id };
  for (const [says, look] of [[{ key: { ...key, fromMe: true }, type: 14, editedMessage: { conversation: 'forged' } }, looks.edit],
    [{ key, type: 14, editedMessage: { conversation: 'forged' } }, looks.edit], [{ key: { ...key, fromMe: true }, type: 0 }, looks.revoke]])
    await sendContent(world.sandbox, theirs, ours, { protocolMessage: says }, look);
  await world.written('after the forgeries');
  assert.deepEqual(world.receiver.events('message.edited').filter(({ payload }) => payload.body === 'forged'), []);
  assert.deepEqual(world.receiver.events('message.revoked').filter(({ payload }) => payload.revokedMessageId === sent._data.id), []);
  assert.equal((await world.text('it says', { reply_to: sent.id })).replyTo.body, 'carved in stone');
  await refused(world.call('PUT', path('NOTHERE'), { text: 'x' }), 404, /messageId/);
  await refused(world.call('DELETE', path('NOTHERE')), 404, /messageId/);
  await refused(world.call('PUT', path(sent.id), {}), 400, /text/);
});

test('edits survive a kill on both ways', async () => {
  const { key } = await world.written('before the kill');
  const sent = await world.text('ours before the kill');
  await world.gateway.stop('SIGKILL');
  await world.peer.sock.sendMessage(pnJid(ours), { text: 'edited meanwhile', edit: key });
  await world.gateway.start();
  await world.gateway.working('default');
  const { payload } = await editedTo('edited meanwhile', false);
  assert.equal(payload.editedMessageId, key.id);
  await world.call('PUT', path(sent.id), { text: 'ours after the kill' });
  await until('ours', () => world.heard.updates.find(({ update }) => textOf(update.message?.editedMessage?.message) === 'ours after the kill'));
  assert.equal(world.receiver.events('message.edited').filter(event => event.payload.body === 'edited meanwhile').length, 1);
  await assertNoViolations(world.sandbox);
});
