// Polls, votes in all forms in which their makers are named, events and the answers to them.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { decryptPollVote, proto } from 'baileys';
import { hash, seal } from '../../lib/addons.mjs';
import { everywhere, inFourChats, inGroups } from '../../lib/four_chats.mjs';
import { aVote, ballot, castVote, options, ourEvent, ourPoll, votesIn } from '../../lib/polls.mjs';
import { until } from '../../lib/process.mjs';

const { kind, world } = inFourChats();
const bytes = field => Buffer.from(field);
const newId = () => `3EB0${randomBytes(9).toString('hex').toUpperCase()}`;

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
