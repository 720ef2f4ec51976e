// What is said about a message: reactions, edits, deletions, pins, comments; by them, by us, and by a second client of ours.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { proto } from 'baileys';
import { seal } from '../../lib/addons.mjs';
import { directly, everywhere, inFourChats, inGroups, phones } from '../../lib/four_chats.mjs';
import { makeGroup } from '../../lib/groups.mjs';
import { aVote, ballot, ourPoll } from '../../lib/polls.mjs';
import { until } from '../../lib/process.mjs';

const { kind, world } = inFourChats();
const bytes = field => Buffer.from(field);
const textOf = message => message?.conversation || message?.extendedTextMessage?.text;

const react = (chat, messageId, reaction) => chat.sent(chat.post('/api/reaction', { messageId, reaction }, 'PUT'), 200);
const reactionOf = answer => until('the reaction', () => world.heard.reactions.find(({ reaction }) => reaction.key.id === answer._data.id));

kind('kReaction', 'out', everywhere, 'our reactions to theirs and to ours arrive, and are taken back', async chat => {
  const theirs = await chat.written('something nice'), ours = await chat.text('something of ours');
  await chat.arrived(ours._data.id);
  for (const [target, id, fromMe] of [[theirs.told.id, theirs.key.id, true], [ours.id, ours._data.id, false]])
    for (const emoji of ['❤️', '']) {
      const answer = await react(chat, target, emoji);
      assert.equal(answer.body, emoji);
      const { key, reaction } = await reactionOf(answer);
      assert.deepEqual([key.id, key.fromMe, reaction.text ?? ''], [id, fromMe, emoji]);
      if (chat.group) assert.equal(key.participant, fromMe ? chat.friend : chat.us);
      await chat.arrived(answer._data.id, { type: 'reaction', hide: 'hide', ...(emoji ? {} : { edit: '7' }) });
      const { payload } = await chat.told('message.reaction', each => each.id === answer.id);
      assert.deepEqual(payload.reaction, { text: emoji, messageId: target });
      chat.saidBy(payload, true);
    }
});
kind('kReaction', 'in', everywhere, 'their reactions to ours and to theirs are told', async chat => {
  const ours = await chat.text('react to me'), theirs = await chat.written('mine is better');
  await chat.arrived(ours._data.id);
  for (const [key, messageId] of [[chat.keyOf(ours._data.id), ours.id], [theirs.key, theirs.told.id]])
    for (const text of ['👍🏽', '']) {
      const said = await chat.say({ react: { text, key } });
      const { payload } = await chat.told('message.reaction', each => each._data.id === said.key.id);
      assert.deepEqual(chat.saidBy(payload, false).reaction, { text, messageId });
    }
});
kind('kReaction', 'out', everywhere, 'a message that is not stored is named by its long id', async chat => {
  for (const [fromMe, author] of [[false, chat.friendId], [true, chat.usId]]) {
    const id = `NOTHERE${randomBytes(4).toString('hex').toUpperCase()}`;
    const { key } = await reactionOf(await react(chat, chat.longId(fromMe, id, author), '🎈'));
    assert.deepEqual([key.id, key.fromMe], [id, !fromMe]);
    if (chat.group) assert.equal(key.participant, fromMe ? chat.us : chat.friend);
  }
  await chat.refused(chat.post('/api/reaction', { messageId: 'NOTHERE', reaction: 'x' }, 'PUT'), 404, /messageId/);
});
kind('kSealedReaction', 'in', everywhere, 'a reaction that is encrypted once more is told', async chat => {
  const ours = await chat.text('react to me in secret');
  const { messageContextInfo } = await chat.arrived(ours._data.id);
  const said = await chat.relay({ encReactionMessage: { targetMessageKey: chat.keyOf(ours._data.id), ...seal({ secret: bytes(messageContextInfo.messageSecret),
    id: ours._data.id, author: chat.us, sender: chat.friend, use: 'Enc Reaction', plaintext: proto.Message.ReactionMessage.encode({ text: '🤫' }).finish() }) } });
  const { payload } = await chat.told('message.reaction', each => each._data.id === said);
  assert.deepEqual(chat.saidBy(payload, false).reaction, { text: '🤫', messageId: ours.id });
});
kind('kEdit', 'out', everywhere, 'our text is edited twice', async chat => {
  const sent = await chat.text('frist');
  await chat.shown(sent);
  for (const text of ['first', 'first!']) {
    const answer = await chat.sent(chat.ask('PUT', chat.path(sent.id), { text }), 200);
    await until(text, () => world.heard.updates.find(({ key, update }) => key.id === sent._data.id && textOf(update.message?.editedMessage?.message) === text));
    await chat.arrived(answer._data.id, { type: 'text', edit: '1', hide: 'hide' });
    const { payload } = await chat.told('message.edited', each => each.id === answer.id);
    assert.deepEqual([payload.body, payload.editedMessageId], [text, sent._data.id]);
    chat.saidBy(payload, true);
  }
  assert.equal((await chat.text('see above', { reply_to: sent.id })).replyTo.body, 'first!');
  const { told } = await chat.written('not ours to edit');
  await chat.refused(chat.ask('PUT', chat.path(told.id), { text: 'x' }), 422, /messageId/);
});
kind('kEdit', 'out', everywhere, 'people who are named in an edit are named by the form of the chat', async chat => {
  const sent = await chat.text('I mean');
  const answer = await chat.sent(chat.ask('PUT', chat.path(sent.id), { text: `I mean @${chat.friendId.split('@')[0]}`, mentions: [chat.friendId] }), 200);
  const { text, contextInfo } = (await chat.arrived(answer._data.id)).protocolMessage.editedMessage.extendedTextMessage;
  assert.deepEqual([text, contextInfo.mentionedJid], [`I mean @${chat.friend.split('@')[0]}`, [chat.friend]]);
});
kind('kEdit', 'in', everywhere, 'their text is edited, by themselves alone', async chat => {
  const { key, told } = await chat.written('secnod');
  const edit = await chat.say({ text: 'second', edit: key });
  const { payload } = await chat.told('message.edited', each => each._data.id === edit.key.id);
  assert.deepEqual([payload.body, payload.editedMessageId], ['second', key.id]);
  chat.saidBy(payload, false);
  assert.equal((await chat.text('I see', { reply_to: told.id })).replyTo.body, 'second');
  const ours = await chat.text('carved in stone');
  await chat.arrived(ours._data.id);
  for (const fromMe of [true, false])
    await chat.relay({ protocolMessage: { key: { ...chat.keyOf(ours._data.id), fromMe }, type: 14, editedMessage: { conversation: 'forged' } } },
      { additionalAttributes: { edit: '1' } });
  await chat.written('after the forgeries');
  assert.equal((await chat.text('it says', { reply_to: ours.id })).replyTo.body, 'carved in stone');
});
kind('kSealedEdit', 'in', everywhere, 'an edit that is encrypted once more is told, as phones make it', async chat => {
  const secret = randomBytes(32);
  const id = await chat.relay({ conversation: 'thrid', messageContextInfo: { messageSecret: secret } });
  await chat.heard(id);
  const key = { remoteJid: chat.theirJid, fromMe: true, id };
  const plaintext = proto.Message.encode({ protocolMessage: { key, type: 14, editedMessage: { conversation: 'third' }, timestampMs: Date.now() } }).finish();
  const edit = await chat.relay({ secretEncryptedMessage: { targetMessageKey: key, secretEncType: 2,
    ...seal({ secret, id, author: chat.friend, sender: chat.friend, use: 'Message Edit', plaintext }) } }, { additionalAttributes: { edit: '1' } });
  const { payload } = await chat.told('message.edited', each => each._data.id === edit);
  assert.deepEqual([payload.body, payload.editedMessageId], ['third', id]);
});
const gone = id => until('that it is gone', () => world.heard.updates.find(({ key, update }) => key.id === id && update.messageStubType === 1));
kind('kRevoke', 'out', everywhere, 'ours is deleted for everybody', async chat => {
  const sent = await chat.text('not meant for you');
  await chat.shown(sent);
  const answer = await chat.sent(chat.ask('DELETE', chat.path(sent.id)), 200);
  await gone(sent._data.id);
  await chat.arrived(answer._data.id, { type: 'text', edit: '7' });
  const { payload } = await chat.told('message.revoked', ({ revokedMessageId }) => revokedMessageId === sent._data.id);
  assert.deepEqual([payload.before.id, payload.before.body, payload.after.id], [sent.id, 'not meant for you', answer.id]);
});
kind('kRevoke', 'out', directly, 'theirs is not ours to delete', async chat => {
  const { told } = await chat.written('stays');
  await chat.refused(chat.ask('DELETE', chat.path(told.id)), 422, /messageId/);
});
kind('kRevoke', 'out', inGroups, 'theirs is deleted by us as an admin', async chat => {
  const { key, told } = await chat.written('against the rules');
  const answer = await chat.sent(chat.ask('DELETE', chat.path(told.id)), 200);
  const { protocolMessage } = await chat.arrived(answer._data.id, { type: 'text', edit: '8' });
  assert.deepEqual([protocolMessage.key.id, protocolMessage.key.fromMe, protocolMessage.key.participant], [key.id, false, chat.friend]);
  const { payload } = await chat.told('message.revoked', ({ revokedMessageId }) => revokedMessageId === key.id);
  assert.deepEqual([payload.before.id, payload.before.body, payload.after.fromMe], [told.id, 'against the rules', true]);
});
kind('kRevoke', 'out', inGroups, 'theirs is not ours to delete where we are no admin', async chat => {
  const group = await makeGroup(world.sandbox, [phones[2], phones[0]], { addressing: chat.mode });
  const { key } = await world.peer.sock.sendMessage(group, { text: 'stays' });
  const { payload } = await chat.told('message', ({ _data }) => _data.id === key.id);
  await chat.refused(chat.ask('DELETE', `/api/default/chats/${group}/messages/${payload.id}`), 422, /only admins/);
});
kind('kRevoke', 'in', everywhere, 'theirs is deleted by them', async chat => {
  const { key, told } = await chat.written('forget it');
  await chat.say({ delete: key });
  const { payload } = await chat.told('message.revoked', ({ revokedMessageId }) => revokedMessageId === key.id);
  assert.deepEqual([payload.before.id, payload.before.body], [told.id, 'forget it']);
  chat.saidBy(payload.after, false);
});
kind('kRevoke', 'in', inGroups, 'ours and somebody else\'s is deleted by them as an admin, and by nobody who is none', async chat => {
  const ours = await chat.text('ours, against the rules'), id = await chat.relay({ conversation: 'somebody\'s, against the rules' }, {}, 'member');
  await chat.arrived(ours._data.id);
  const other = await chat.heard(id, chat.otherId);
  const theirs = await until('it at their client', () => world.heard.messages.find(each => each.key.id === id)?.key);
  // Whoever is no admin says that he deletes one of his own, for the service refuses the rest.
  await chat.relay({ protocolMessage: { key: { ...chat.keyOf(ours._data.id), fromMe: true }, type: 0 } }, { additionalAttributes: { edit: '7' } }, 'member');
  const { key } = await world.member.sock.sendMessage(chat.jid, { text: 'after the forgery' });
  await chat.heard(key.id, chat.otherId);
  assert.deepEqual(chat.events('message.revoked').filter(({ payload }) => payload.revokedMessageId === ours._data.id), []);
  for (const [target, before] of [[chat.keyOf(ours._data.id), ours], [theirs, other]]) {
    await chat.say({ delete: target });
    const { payload } = await chat.told('message.revoked', ({ revokedMessageId }) => revokedMessageId === target.id);
    assert.deepEqual([payload.before.id, payload.before.body], [before.id, before.body]);
    chat.saidBy(payload.after, false);
  }
});
kind('kPin', 'out', everywhere, 'theirs and ours are pinned for a time, and taken down', async chat => {
  const theirs = await chat.written('remember this'), ours = await chat.text('and this');
  for (const [target, id, fromMe] of [[theirs.told.id, theirs.key.id, false], [ours.id, ours._data.id, true]])
    for (const [what, fields, type, seconds] of [['/pin', { duration: 86400 }, 1, 86400], ['/unpin', {}, 2, 0]]) {
      assert.deepEqual(await chat.sent(chat.ask('POST', chat.path(target, what), fields)), { success: true });
      const is = ({ message }) => message.pinInChatMessage?.key.id === id && message.pinInChatMessage.type === type;
      const { key, message } = await until('the pin', () => world.heard.messages.find(is));
      assert.equal(message.pinInChatMessage.key.fromMe, fromMe);
      if (chat.group && !fromMe) assert.equal(message.pinInChatMessage.key.participant, chat.friend);
      assert.equal(message.messageContextInfo.messageAddOnDurationInSecs, seconds);
      await chat.arrived(key.id, { type: 'text', edit: '2', hide: 'hide' });
    }
});
kind(['kPin', 'kKeep'], 'in', everywhere, 'what they pin and keep is no message', async chat => {
  const ours = await chat.text('pin me');
  await chat.arrived(ours._data.id);
  const key = chat.keyOf(ours._data.id);
  const ids = [(await chat.say({ pin: key, type: 1, time: 86400 })).key.id, await chat.relay({ keepInChatMessage: { key, keepType: 1, timestampMs: Date.now() } })];
  await chat.written('after the pin');
  // None of `message.waiting`: Baileys may encrypt two messages with one key while it reads a third, and sends the second again.
  for (const name of ['message', 'message.any', 'engine.event'])
    assert.deepEqual(chat.events(name).filter(({ payload }) => ids.includes(payload._data?.id)), []);
});
kind(['kComment', 'kSealedComment'], 'in', everywhere, 'comments are told as answers', async chat => {
  const ours = await chat.text('comment on me');
  const { messageContextInfo } = await chat.arrived(ours._data.id);
  const targetMessageKey = chat.keyOf(ours._data.id);
  const ids = [await chat.relay({ commentMessage: { message: { conversation: 'an open comment' }, targetMessageKey } }),
    await chat.relay({ encCommentMessage: { targetMessageKey, ...seal({ secret: bytes(messageContextInfo.messageSecret), id: ours._data.id, author: chat.us,
      sender: chat.friend, use: 'Enc Comment', plaintext: proto.Message.encode({ conversation: 'a sealed comment' }).finish() }) } })];
  const told = [await chat.heard(ids[0]), await chat.heard(ids[1])];
  assert.deepEqual(told.map(({ body, replyTo }) => [body, replyTo.id]), [['an open comment', ours._data.id], ['a sealed comment', ours._data.id]]);
});

// --- our other client ---

kind(['kText', 'kReaction', 'kEdit', 'kRevoke', 'kVote'], 'in', inGroups, 'what our other client says is told as ours', async chat => {
  const theirs = await chat.written('look at this'), poll = await ourPoll(chat);
  const theirKey = { remoteJid: chat.jid, fromMe: false, id: theirs.key.id, participant: chat.friend };
  const say = content => world.own.sock.sendMessage(chat.jid, content);
  const ours = async (name, { key: { id } }) => {
    const { payload } = await chat.told(name, ({ _data }) => _data.id === id);
    assert.equal((payload.after ?? payload.vote ?? payload).fromMe, true);
    return payload;
  };
  const text = await say({ text: 'frmo elsewhere' });
  const told = await ours('message.any', text);
  assert.deepEqual([told.id, told.source, told.to], [chat.longId(true, text.key.id, chat.usId), 'app', chat.to]);
  assert.deepEqual((await ours('message.reaction', await say({ react: { text: '👀', key: theirKey } }))).reaction, { text: '👀', messageId: theirs.told.id });
  const edited = await ours('message.edited', await say({ text: 'from elsewhere', edit: text.key }));
  assert.deepEqual([edited.editedMessageId, edited.body], [text.key.id, 'from elsewhere']);
  for (const [key, { id }, body] of [[text.key, told, 'from elsewhere'], [theirKey, theirs.told, 'look at this']]) {
    const { before } = await ours('message.revoked', await say({ delete: key }));
    assert.deepEqual([before.id, before.body], [id, body]);
  }
  const { pollUpdateMessage } = ballot(chat, poll, ['Tea'], chat.us, chat.us);
  const id = await chat.relay({ pollUpdateMessage: { ...pollUpdateMessage, pollCreationMessageKey: { remoteJid: chat.jid, fromMe: true, id: poll.id } } }, aVote, 'own');
  const { vote, poll: { id: about } } = await ours('poll.vote', { key: { id } });
  assert.deepEqual([vote.selectedOptions, about], [['Tea'], poll.sent.id]);
  assert.deepEqual(chat.events('message').filter(({ payload }) => payload.fromMe), []);
});
