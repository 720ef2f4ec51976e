// Each kind of message that goes both ways, in a group whose members go by LID and in one by number, and in direct chats of both
// forms: what unmodified Baileys reads of ours, and what programs are told of its own. Last, all of them around a SIGKILL.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { decryptPollVote, proto } from 'baileys';
import { hash, seal, votePlaintext } from './lib/addons.mjs';
import { directly, everywhere, fourChats, inGroups, kindsIn } from './lib/four_chats.mjs';
import { makeGroup } from './lib/groups.mjs';
import { until } from './lib/process.mjs';
import { assertNoViolations } from './lib/world.mjs';

const phones = ['491605000001', '491605000002', '491605000003', '491605000004'];
const WEEK = 604800;
let world;
test.before(async () => { world = await fourChats(phones); });
test.after(() => world?.end());
const kind = kindsIn(() => world);

const bytes = field => Buffer.from(field);
const textOf = message => message?.conversation || message?.extendedTextMessage?.text;
const vcard = 'BEGIN:VCARD\nVERSION:3.0\nFN:Jane Doe\nTEL;waid=491510000009:+49 151 0000009\nEND:VCARD';
const card = { displayName: 'Jane Doe', vcard };
const location = { degreesLatitude: 52.5, degreesLongitude: 13.25, name: 'Gate', address: 'Pariser Platz' };
const place = { latitude: '52.5', longitude: '13.25', live: false, name: 'Gate', address: 'Pariser Platz' };
const options = ['Tea', 'Coffee', 'Wäßer'];
const pollOf = message => message.pollCreationMessage ?? message.pollCreationMessageV3;

// --- texts, cards, places ---

kind('kText', 'out', everywhere, 'our text answers theirs, and names people', async chat => {
  const { key, told } = await chat.written('a question');
  const sent = await chat.text(`@${phones[2]} an answer`, { reply_to: told.id, mentions: [chat.friendId] });
  const { text, contextInfo } = (await chat.shown(sent, { type: 'text' })).extendedTextMessage;
  assert.equal(text, `@${chat.friend.split('@')[0]} an answer`);
  assert.deepEqual(contextInfo.mentionedJid, [chat.friend]);
  assert.equal(contextInfo.stanzaId, key.id);
  assert.ok(chat.forms.friend.includes(contextInfo.participant), contextInfo.participant);
  if (chat.group) assert.equal(contextInfo.participant, chat.friend);
});
kind('kText', 'out', directly, 'who is answered is named by the form of the chat', async chat => {
  const theirs = await chat.written('asked'), ours = await chat.text('asked by us');
  for (const [told, author] of [[theirs.told, chat.friend], [ours, chat.us]])
    assert.equal((await chat.shown(await chat.text('answered', { reply_to: told.id }))).extendedTextMessage.contextInfo.participant, author);
});
kind('kText', 'in', everywhere, 'their text answers ours, and names people', async chat => {
  const ours = await chat.text('our question');
  const quoted = { key: chat.keyOf((await chat.shown(ours), ours._data.id)), message: await chat.arrived(ours._data.id) };
  const { key } = await chat.say({ text: `@${chat.us.split('@')[0]} an answer`, mentions: [chat.us] }, { quoted });
  const told = await chat.heard(key.id);
  assert.equal(told.replyTo.id, ours._data.id);
  assert.equal(told.replyTo.body, 'our question');
  assert.deepEqual(told.mentionedIds.map(id => [chat.us, chat.usId].includes(id)), [true]);
});
kind('kLinkText', 'out', everywhere, 'our link has its card', async chat => {
  const sent = await chat.send('/api/send/link-custom-preview', { text: 'See https://a.example/x', preview: { url: 'https://a.example/x', title: 'A', description: 'B' } });
  const { extendedTextMessage } = await chat.shown(sent, { type: 'media', mediatype: 'url' });
  assert.deepEqual([extendedTextMessage.text, extendedTextMessage.matchedText, extendedTextMessage.title], ['See https://a.example/x', 'https://a.example/x', 'A']);
});
kind('kLinkText', 'in', everywhere, 'their link is a text', async chat => {
  const { key } = await chat.say({ text: 'See https://a.example/y', linkPreview: { 'matched-text': 'https://a.example/y', title: 'A' } });
  assert.equal((await chat.heard(key.id)).body, 'See https://a.example/y');
});
kind('kLocation', 'out', everywhere, 'our place arrives', async chat => {
  const sent = await chat.send('/api/sendLocation', { latitude: 52.5, longitude: 13.25, title: 'Gate' });
  const { locationMessage } = await chat.shown(sent, { type: 'media', mediatype: 'location' });
  assert.deepEqual([locationMessage.degreesLatitude, locationMessage.degreesLongitude, locationMessage.name], [52.5, 13.25, 'Gate']);
});
kind('kLocation', 'in', everywhere, 'their place is told', async chat => {
  const { key } = await chat.say({ location });
  assert.deepEqual((await chat.heard(key.id)).location, place);
});
kind('kLiveLocation', 'in', everywhere, 'where they move is told', async chat => {
  const told = await chat.heard(await chat.relay({ liveLocationMessage: { degreesLatitude: 52.5, degreesLongitude: 13.25, caption: 'On my way' } }));
  assert.deepEqual(told.location, { latitude: '52.5', longitude: '13.25', live: true, description: 'On my way' });
});
kind('kContact', 'out', everywhere, 'our contact arrives', async chat => {
  const sent = await chat.send('/api/sendContactVcard', { contacts: [{ vcard }] });
  const { contactMessage } = await chat.shown(sent, { type: 'media', mediatype: 'vcard' });
  assert.deepEqual([contactMessage.displayName, contactMessage.vcard], ['Jane Doe', vcard]);
});
kind('kContacts', 'out', everywhere, 'our contacts arrive', async chat => {
  const sent = await chat.send('/api/sendContactVcard', { contacts: [{ vcard }, { fullName: 'Jim', phoneNumber: '+49 151 0000010' }] });
  const { contactsArrayMessage } = await chat.shown(sent, { type: 'media', mediatype: 'contact_array' });
  assert.deepEqual(contactsArrayMessage.contacts.map(({ displayName }) => displayName), ['Jane Doe', 'Jim']);
});
kind(['kContact', 'kContacts'], 'in', everywhere, 'their contacts are told with their cards', async chat => {
  const one = await chat.say({ contacts: { displayName: 'Jane Doe', contacts: [card] } });
  assert.deepEqual((await chat.heard(one.key.id)).vCards, [vcard]);
  const two = await chat.say({ contacts: { displayName: '2 contacts', contacts: [card, card] } });
  const told = await chat.heard(two.key.id);
  assert.deepEqual([told.body, told.vCards], ['2 contacts', [vcard, vcard]]);
});
kind('kInteractive', 'out', everywhere, 'our buttons arrive', async chat => {
  const sent = await chat.send('/api/sendButtons', { body: 'Pick', buttons: [{ type: 'reply', text: 'Yes' }] });
  const { interactiveMessage } = await chat.shown(sent, { type: 'text' });
  assert.deepEqual(interactiveMessage.nativeFlowMessage.buttons.map(({ name }) => name), ['quick_reply']);
});
kind('kButtonsResponse', 'out', everywhere, 'our tap on a button arrives', async chat => {
  const sent = await chat.send('/api/send/buttons/reply', { selectedDisplayText: 'Yes', selectedButtonID: 'y' });
  const { buttonsResponseMessage } = await chat.shown(sent);
  assert.equal(buttonsResponseMessage.selectedDisplayText, 'Yes');
});
const list = { message: { title: 'Menu', button: 'Open', sections: [{ title: 'Drinks', rows: [{ title: 'Tea', rowId: '1' }] }] } };
kind('kList', 'out', directly, 'our list arrives', async chat => {
  const { listMessage } = await chat.shown(await chat.send('/api/sendList', list), { type: 'text' });
  assert.deepEqual(listMessage.sections[0].rows.map(({ title }) => title), ['Tea']);
});
kind('kList', 'out', inGroups, 'a list is refused, as phones show none there', async chat => {
  await chat.refused(chat.post('/api/sendList', list), 422, /chatId/);
});

// --- polls and events ---

async function ourPoll(chat, multipleAnswers = true) {
  const name = `What do you want (${randomBytes(3).toString('hex')})?`;
  const sent = await chat.send('/api/sendPoll', { poll: { name, options, multipleAnswers } });
  const message = await chat.shown(sent, { type: 'poll', polltype: 'creation' });
  return { name, sent, id: sent._data.id, message, poll: pollOf(message), secret: bytes(message.messageContextInfo.messageSecret) };
}
const ballot = (chat, { id, secret }, chosen, author = chat.us, sender = chat.friend) => ({ pollUpdateMessage: { pollCreationMessageKey: chat.keyOf(id),
  vote: seal({ secret, id, author, sender, use: 'Poll Vote', plaintext: votePlaintext(chosen) }), senderTimestampMs: Date.now() } });
const aVote = { additionalNodes: [{ tag: 'meta', attrs: { polltype: 'vote' } }] };
const castVote = (chat, ...how) => chat.relay(ballot(chat, ...how), aVote);
const newId = () => `3EB0${randomBytes(9).toString('hex').toUpperCase()}`;
const votesIn = (chat, { sent }) => chat.events('poll.vote').filter(({ payload }) => payload.poll.id === sent.id).map(({ payload }) => payload);

kind('kPoll', 'out', everywhere, 'our polls arrive, of one choice and of several', async chat => {
  for (const [several, most] of [[false, 1], [true, 0]]) {
    const { name, sent, poll } = await ourPoll(chat, several);
    assert.equal(sent.body, name);
    assert.deepEqual([poll.name, poll.selectableOptionsCount, poll.options.map(({ optionName }) => optionName)], [name, most, options]);
  }
});
kind('kPoll', 'in', everywhere, 'their poll is told', async chat => {
  const { key } = await chat.say({ poll: { name: 'When?', values: ['Mon', 'Tue'], selectableCount: 1 } });
  const told = await chat.heard(key.id);
  assert.deepEqual([told.body, told._data.type], ['When?', 'poll']);
});
// A group's members are named by its form, and Baileys' own getKeyAuthor takes the other one where it knows it.
kind('kVote', 'in', everywhere, 'votes of theirs are counted, in whatever form both are named', async chat => {
  const poll = await ourPoll(chat);
  for (const author of chat.forms.us)
    for (const sender of chat.forms.friend)
      for (const chosen of [['Tea', 'Wäßer'], ['Coffee'], []]) {
        const id = await castVote(chat, poll, chosen, author, sender);
        const { payload } = await chat.told('poll.vote', ({ _data }) => _data.id === id);
        assert.deepEqual(payload.vote.selectedOptions, chosen);
        assert.equal(payload.vote.id, chat.longId(false, id, chat.friendId));
        assert.equal(payload.poll.fromMe, true);
        chat.saidBy(payload.vote, false);
      }
  assert.equal(votesIn(chat, poll).length, 12);
  assert.deepEqual(chat.events('poll.vote.failed'), []);
});
kind('kVote', 'in', everywhere, 'a vote that comes again is counted once', async chat => {
  const poll = await ourPoll(chat);
  const vote = ballot(chat, poll, ['Tea']);
  // From one of their clients, and once more under the same id from the other: the same message to whoever gets both.
  const messageId = newId();
  await chat.relay(vote, { messageId, ...aVote });
  await until('the vote', () => votesIn(chat, poll).length > 0);
  await chat.relay(vote, { messageId, ...aVote }, 'twin');
  await chat.heard((await world.twin.sock.sendMessage(chat.theirJid, { text: 'after the vote' })).key.id);
  const came = (await world.sandbox.trace(`?account=${chat.usPhone}`)).filter(({ direction, device, stanza }) =>
    direction === 'out' && device === 1 && stanza.startsWith('<message ') && stanza.includes(`id="${messageId}"`));
  assert.equal(came.length, 2);
  // One that can't be read at first, and is asked for.
  await world.sandbox.fault({ kind: 'garbled', account: chat.usPhone, device: 1, count: 1 });
  const other = ballot(chat, poll, ['Coffee']), otherId = newId();
  world.peer.sent[otherId] = proto.Message.create(other);
  await chat.relay(other, { messageId: otherId, ...aVote });
  await until('the second vote', () => votesIn(chat, poll).length > 1);
  await chat.written('after the votes');
  assert.deepEqual(votesIn(chat, poll).map(({ vote }) => vote.selectedOptions), [['Tea'], ['Coffee']]);
});
kind('kVote', 'in', inGroups, 'each member has a vote', async chat => {
  const poll = await ourPoll(chat);
  await castVote(chat, poll, ['Tea']);
  await chat.relay(ballot(chat, poll, ['Tea'], chat.us, chat.other), aVote, 'member');
  await until('both votes', () => votesIn(chat, poll).length === 2);
  assert.deepEqual(votesIn(chat, poll).map(({ vote }) => [vote.participant, ...vote.selectedOptions]).sort(), [[chat.friendId, 'Tea'], [chat.otherId, 'Tea']]);
});
kind('kVote', 'out', everywhere, 'our vote in their poll is read, and told once', async chat => {
  const { key, message } = await chat.say({ poll: { name: 'When?', values: ['Mon', 'Tue'], selectableCount: 1 } });
  const poll = await chat.heard(key.id);
  for (const votes of [['Tue'], []]) {
    const sent = await chat.send('/api/sendPollVote', { pollMessageId: poll.id, votes });
    const update = (await chat.arrived(sent._data.id, { type: 'poll', hide: 'hide', polltype: 'vote' })).pollUpdateMessage;
    assert.equal(update.pollCreationMessageKey.id, key.id);
    assert.equal(update.pollCreationMessageKey.fromMe, true);
    const read = decryptPollVote(update.vote, { pollEncKey: message.messageContextInfo.messageSecret, pollMsgId: key.id, pollCreatorJid: chat.friend, voterJid: chat.us });
    assert.deepEqual(read.selectedOptions.map(bytes), votes.map(hash));
    const { payload } = await chat.told('poll.vote', ({ vote }) => vote.id === sent.id);
    assert.deepEqual([payload.vote.selectedOptions, payload.poll.id], [votes, poll.id]);
    chat.saidBy(payload.vote, true);
  }
  assert.equal(chat.events('poll.vote').filter(({ payload }) => payload.poll.id === poll.id).length, 2);
  await chat.refused(chat.post('/api/sendPollVote', { pollMessageId: poll.id, votes: ['Wed'] }), 400, /votes/);
});
kind('kVote', 'out', everywhere, 'our vote in our own poll is read', async chat => {
  const poll = await ourPoll(chat);
  const sent = await chat.send('/api/sendPollVote', { pollMessageId: poll.sent.id, votes: ['Tea'] });
  const { vote, pollCreationMessageKey } = (await chat.arrived(sent._data.id)).pollUpdateMessage;
  assert.equal(pollCreationMessageKey.fromMe, false);
  const read = decryptPollVote(vote, { pollEncKey: poll.secret, pollMsgId: poll.id, pollCreatorJid: chat.us, voterJid: chat.us });
  assert.deepEqual(read.selectedOptions.map(bytes), [hash('Tea')]);
  assert.deepEqual(votesIn(chat, poll).map(({ vote: { selectedOptions } }) => selectedOptions), [['Tea']]);
});
async function ourEvent(chat) {
  const sent = await chat.send(`/api/${chat.session}/events`, { event: { name: 'Party', description: 'Bring cake', startTime: 1900000000, location: { name: 'Home' } } });
  const message = await chat.shown(sent, { type: 'event', event_type: 'creation' });
  return { sent, id: sent._data.id, message, secret: bytes(message.messageContextInfo.messageSecret) };
}
kind('kEvent', 'out', everywhere, 'our event arrives', async chat => {
  const { sent, message: { eventMessage } } = await ourEvent(chat);
  assert.equal(sent.body, 'Party\nBring cake\nHome');
  assert.deepEqual([eventMessage.name, eventMessage.location.name, Number(eventMessage.startTime)], ['Party', 'Home', 1900000000]);
});
kind('kEvent', 'in', everywhere, 'their event is told', async chat => {
  const { key } = await chat.say({ event: { name: 'Picnic', description: 'In the park', startDate: new Date(1900000000000) } });
  assert.equal((await chat.heard(key.id)).body, 'Picnic\nIn the park');
});
kind('kEventResponse', 'in', everywhere, 'answers to our event are told, in whatever form both are named', async chat => {
  const { sent, id, secret } = await ourEvent(chat);
  for (const author of chat.forms.us)
    for (const sender of chat.forms.friend) {
      const plaintext = proto.Message.EventResponseMessage.encode({ response: 1, timestampMs: 1700000000000, extraGuestCount: 2 }).finish();
      const answer = await chat.relay({ encEventResponseMessage: { eventCreationMessageKey: chat.keyOf(id),
        ...seal({ secret, id, author, sender, use: 'Event Response', plaintext }) } }, { additionalNodes: [{ tag: 'meta', attrs: { event_type: 'response' } }] });
      const { payload } = await chat.told('event.response', ({ _data }) => _data.id === answer);
      assert.equal(payload.eventCreationKey.id, sent.id);
      assert.deepEqual(payload.eventResponse, { response: 'GOING', timestampMs: 1700000000000, extraGuestCount: 2 });
      chat.saidBy(payload, false);
    }
  assert.deepEqual(chat.events('event.response.failed'), []);
});

// --- what is said about a message ---

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

// --- forwards ---

const forward = (chat, messageId) => chat.send('/api/forwardMessage', { messageId });
kind('kText', 'out', everywhere, 'theirs is forwarded with its mark, from another chat as well, and ours without', async chat => {
  for (const from of everywhere.map(name => world[name]).filter(({ session }) => session === chat.session)) {
    const { told } = await from.written(`pass it on to the ${chat.name}`);
    const { extendedTextMessage: { text, contextInfo } } = await chat.shown(await forward(chat, told.id), { type: 'text' });
    assert.deepEqual([text, contextInfo.isForwarded, contextInfo.forwardingScore], [told.body, true, 1]);
  }
  const own = await chat.shown(await forward(chat, (await chat.text('mine')).id));
  assert.ok(!own.extendedTextMessage?.contextInfo?.isForwarded);
  await chat.refused(chat.post('/api/forwardMessage', { messageId: 'NOTHERE' }), 404, /messageId/);
});
const file = { url: 'https://mmg.whatsapp.net/x', directPath: '/x', mediaKey: randomBytes(32), fileSha256: randomBytes(32), fileEncSha256: randomBytes(32), fileLength: 10 };
const files = [['imageMessage', { caption: 'Look', mimetype: 'image/jpeg' }, 'image'], ['videoMessage', { caption: 'Look', mimetype: 'video/mp4' }, 'video'],
  ['ptvMessage', { mimetype: 'video/mp4' }, 'ptv'], ['audioMessage', { ptt: true, mimetype: 'audio/ogg; codecs=opus' }, 'ptt'],
  ['documentMessage', { fileName: 'a.pdf', mimetype: 'application/pdf' }, 'document'], ['stickerMessage', { mimetype: 'image/webp' }, 'sticker']];
kind(['kImage', 'kVideo', 'kVideoNote', 'kAudio', 'kDocument', 'kSticker'], 'in', everywhere, 'files of theirs are told as such', async chat => {
  for (const [part, fields] of files) {
    const told = await chat.heard(await chat.relay({ [part]: { ...file, ...fields } }));
    assert.deepEqual([told.hasMedia, told.body, told.media.mimetype, told.media.filename], [true, fields.caption ?? '', fields.mimetype, fields.fileName ?? null]);
  }
});
const forwarded = async (chat, part, fields) => chat.shown(await forward(chat, (await chat.heard(await chat.relay({ [part]: fields }))).id));
kind(['kImage', 'kVideo', 'kVideoNote', 'kAudio', 'kDocument', 'kSticker'], 'out', everywhere, 'files of theirs are forwarded', async chat => {
  for (const [part, fields] of files) {
    const { [part]: { contextInfo, mediaKey } } = await forwarded(chat, part, { ...file, ...fields });
    assert.deepEqual([contextInfo.isForwarded, bytes(mediaKey)], [true, file.mediaKey]);
  }
});
const answers = [['liveLocationMessage', { degreesLatitude: 1, degreesLongitude: 2 }, 'livelocation'],
  ['listResponseMessage', { title: 'Tea', listType: 1, singleSelectReply: { selectedRowId: '1' } }, 'list_response'],
  ['buttonsResponseMessage', { selectedButtonId: 'y', selectedDisplayText: 'Yes', type: 1 }, 'buttons_response'],
  ['templateButtonReplyMessage', { selectedId: 'y', selectedDisplayText: 'Yes' }],
  ['groupInviteMessage', { groupJid: '120363000000000001@g.us', inviteCode: 'x', groupName: 'Choir' }, 'url']];
kind(['kLiveLocation', 'kListResponse', 'kButtonsResponse', 'kTemplateButtonReply', 'kGroupInvite'], 'out', everywhere, 'what is neither text nor file is forwarded', async chat => {
  for (const [part, fields] of answers) assert.equal((await forwarded(chat, part, fields))[part].contextInfo.isForwarded, true);
});
// As whatsmeow's getMediaTypeFromMessage and Baileys' getMediaType have it.
kind(['kImage', 'kVideo', 'kVideoNote', 'kAudio', 'kDocument', 'kSticker', 'kListResponse', 'kButtonsResponse', 'kGroupInvite'], 'out', everywhere, 'what is forwarded and what is tapped is named in its stanza', async chat => {
  const told = [];
  for (const [part, fields] of [...files, ...answers]) {
    const { id } = await chat.heard(await chat.relay({ [part]: { ...(files.some(([each]) => each === part) ? file : {}), ...fields } }));
    told.push(chat.lookOf((await forward(chat, id))._data.id));
  }
  told.push(chat.lookOf((await chat.send('/api/send/buttons/reply', { selectedDisplayText: 'Yes', selectedButtonID: 'y' }))._data.id));
  const named = mediatype => mediatype ? { type: 'media', mediatype } : { type: 'text' };
  assert.deepEqual(await Promise.all(told), [...files, ...answers, [0, 0, 'buttons_response']].map(([, , mediatype]) => named(mediatype)));
});

// --- disappearing messages ---

const timerOf = async chat => (await chat.sent(chat.ask('GET', `/api/${chat.session}/chats/${chat.to}/disappearing`), 200)).duration;
async function sendsWith(chat, seconds) {
  const location = await chat.shown(await chat.send('/api/sendLocation', { latitude: 1, longitude: 2, title: 'Gate' }));
  const text = await chat.shown(await chat.text('does it go?'));
  assert.deepEqual([location.locationMessage.contextInfo?.expiration ?? 0, text.extendedTextMessage?.contextInfo?.expiration ?? 0], [seconds, seconds]);
}
kind('kTimerSetting', 'out', directly, 'our timer is set, and what we send has it', async chat => {
  for (const duration of [WEEK, 0]) {
    const answer = await chat.sent(chat.ask('PUT', `/api/${chat.session}/chats/${chat.to}/disappearing`, { duration }), 200);
    assert.equal((await chat.arrived(answer._data.id, { type: 'text' })).protocolMessage.ephemeralExpiration, duration);
    await until('the setting', () => world.heard.chats.find(({ id, ephemeralExpiration }) => id === chat.jid && ephemeralExpiration === (duration || null)));
    assert.equal(await timerOf(chat), duration);
    await sendsWith(chat, duration);
  }
});
kind('kTimerSetting', 'in', directly, 'their timer is what we send with', async chat => {
  for (const seconds of [WEEK, 0]) {
    await chat.say({ disappearingMessagesInChat: seconds });
    await until('the setting', async () => (await timerOf(chat)) === seconds);
    await sendsWith(chat, seconds);
  }
});
kind('kTimerSetting', 'out', inGroups, 'the group\'s timer is set in the group, and what we send has it', async chat => {
  await chat.refused(chat.ask('PUT', `/api/${chat.session}/chats/${chat.to}/disappearing`, { duration: WEEK }), 422, /chatId/);
  for (const seconds of [WEEK, 0]) {
    assert.equal(await chat.sent(chat.ask('PUT', `/api/${chat.session}/groups/${chat.to}/settings/ephemeral`, { seconds }), 200), true);
    await until('the setting', async () => ((await world.peer.sock.groupMetadata(chat.to)).ephemeralDuration ?? 0) === seconds);
    await sendsWith(chat, seconds);
  }
});
kind('kTimerSetting', 'in', inGroups, 'the timer that they set in the group is what we send with', async chat => {
  for (const seconds of [WEEK, 0]) {
    await chat.say({ disappearingMessagesInChat: seconds });
    await chat.told('group.v2.update', ({ group }) => group.id === chat.to && group.ephemeralDuration === seconds);
    await sendsWith(chat, seconds);
  }
});
kind('kTimerSetting', 'in', inGroups, 'the group\'s timer is shown as that of the chat', async chat => {
  for (const seconds of [WEEK, 0]) {
    await chat.say({ disappearingMessagesInChat: seconds });
    await until('the setting', async () => (await chat.ask('GET', `/api/default/groups/${chat.to}`)).body.ephemeralDuration === seconds);
    assert.equal(await timerOf(chat), seconds);
  }
});

// --- around a SIGKILL ---

test('what was accepted before a SIGKILL arrives once, of every kind and in every chat', async () => {
  const accepted = [];
  for (const name of everywhere) {
    const chat = world[name];
    const theirs = await chat.written('about this'), ours = await chat.text('ours'), wrong = await chat.text('wrogn'), poll = await ourPoll(chat);
    accepted.push([chat, () => Promise.all([
      chat.post('/api/sendLocation', { latitude: 1, longitude: 2, title: 'Gate', async: true }),
      chat.post('/api/sendContactVcard', { contacts: [{ vcard }], async: true }),
      chat.post('/api/sendPoll', { poll: { name: 'Before the kill?', options }, async: true }),
      chat.post(`/api/${chat.session}/events`, { event: { name: 'Wake', startTime: 1900000000 }, async: true }),
      chat.post('/api/sendPollVote', { pollMessageId: poll.sent.id, votes: ['Tea'], async: true }),
      chat.post('/api/reaction', { messageId: theirs.told.id, reaction: '⏳', async: true }, 'PUT'),
      chat.ask('PUT', chat.path(wrong.id), { text: 'wrong', async: true }),
      chat.ask('DELETE', `${chat.path(ours.id)}?async=true`),
      chat.ask('POST', chat.path(theirs.told.id, '/pin'), { duration: 86400, async: true }),
      chat.post('/api/forwardMessage', { messageId: theirs.told.id, async: true }),
    ])]);
  }
  // Of some the service's word is lost with the program: they are sent again, and nobody has them twice.
  for (const [account, count] of [[phones[0], 3], [phones[1], 1]]) await world.sandbox.fault({ kind: 'no_ack', account, count });
  const answers = await Promise.all(accepted.map(async ([chat, ask]) => [chat, await ask()]));
  await world.gateway.stop('SIGKILL');
  await world.sandbox.clearFaults();
  await world.gateway.start();
  for (const session of ['default', 'unmoved']) await world.gateway.working(session);
  for (const [chat, all] of answers) {
    for (const { status, body } of all) {
      assert.ok([200, 201, 202].includes(status), JSON.stringify(body));
      await chat.arrived(body._data.id);
    }
    await chat.shown(await chat.text('after the kill'));
    for (const { body } of all) assert.equal(world.heard.messages.filter(({ key }) => key.id === body._data.id).length, 1, JSON.stringify(body));
    assert.equal(chat.events('poll.vote').filter(({ payload }) => payload.vote.id === all[4].body.id).length, 1);
  }
  await assertNoViolations(world.sandbox);
});

test('what they say while the program is killed is told once, of every kind and in every chat', async () => {
  const said = [];
  for (const name of everywhere) {
    const chat = world[name];
    const theirs = await chat.written('mine'), wrong = await chat.written('wrogn'), poll = await ourPoll(chat), event = await ourEvent(chat);
    said.push({ chat, theirs, wrong, poll, event });
  }
  await world.gateway.stop('SIGKILL');
  for (const each of said) {
    const { chat, theirs, wrong, poll, event } = each;
    const response = proto.Message.EventResponseMessage.encode({ response: 1, timestampMs: 1700000000000 }).finish();
    each.told = [['message', (await chat.say({ location })).key.id], ['message', (await chat.say({ contacts: { contacts: [card] } })).key.id],
      ['message', (await chat.say({ poll: { name: 'During the kill?', values: ['a', 'b'] } })).key.id],
      ['message', (await chat.say({ event: { name: 'Wake', startDate: new Date(1900000000000) } })).key.id],
      ['message.reaction', (await chat.say({ react: { text: '⏳', key: chat.keyOf(poll.id) } })).key.id],
      ['message.edited', (await chat.say({ text: 'wrong', edit: wrong.key })).key.id],
      ['message.revoked', (await chat.say({ delete: theirs.key })).key.id],
      ['poll.vote', await castVote(chat, poll, ['Tea'])],
      ['event.response', await chat.relay({ encEventResponseMessage: { eventCreationMessageKey: chat.keyOf(event.id),
        ...seal({ secret: event.secret, id: event.id, author: chat.us, sender: chat.friend, use: 'Event Response', plaintext: response }) } })]];
  }
  // Once more while it takes them: what it had told before is not told again.
  await world.gateway.start();
  await said[0].chat.told(said[0].told[0][0], ({ _data }) => _data.id === said[0].told[0][1]);
  await world.gateway.stop('SIGKILL');
  await world.gateway.start();
  for (const session of ['default', 'unmoved']) await world.gateway.working(session);
  for (const { chat, told } of said) {
    for (const [name, id] of told) await chat.told(name, ({ _data }) => _data.id === id);
    await chat.written('afterwards');
    for (const [name, id] of told) {
      const events = chat.events(name).filter(({ payload }) => payload._data.id === id);
      assert.equal(new Set(events.map(event => event.id)).size, 1, `${name} in the ${chat.name}`);
    }
  }
  await assertNoViolations(world.sandbox);
});
