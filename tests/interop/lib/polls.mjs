// Polls, votes and events in one of the four chats: ours made over the API, and what their clients say of them.
import { randomBytes } from 'node:crypto';
import { seal, votePlaintext } from './addons.mjs';

export const options = ['Tea', 'Coffee', 'Wäßer'];
const pollOf = message => message.pollCreationMessage ?? message.pollCreationMessageV3;
const bytes = field => Buffer.from(field);

export async function ourPoll(chat, multipleAnswers = true) {
  const name = `What do you want (${randomBytes(3).toString('hex')})?`;
  const sent = await chat.send('/api/sendPoll', { poll: { name, options, multipleAnswers } });
  const message = await chat.shown(sent, { type: 'poll', polltype: 'creation' });
  return { name, sent, id: sent._data.id, message, poll: pollOf(message), secret: bytes(message.messageContextInfo.messageSecret) };
}
export const ballot = (chat, { id, secret }, chosen, author = chat.us, sender = chat.friend) => ({ pollUpdateMessage: { pollCreationMessageKey: chat.keyOf(id),
  vote: seal({ secret, id, author, sender, use: 'Poll Vote', plaintext: votePlaintext(chosen) }), senderTimestampMs: Date.now() } });
export const aVote = { additionalNodes: [{ tag: 'meta', attrs: { polltype: 'vote' } }] };
export const castVote = (chat, ...how) => chat.relay(ballot(chat, ...how), aVote);
export const votesIn = (chat, { sent }) => chat.events('poll.vote').filter(({ payload }) => payload.poll.id === sent.id).map(({ payload }) => payload);
export async function ourEvent(chat) {
  const sent = await chat.send(`/api/${chat.session}/events`, { event: { name: 'Party', description: 'Bring cake', startTime: 1900000000, location: { name: 'Home' } } });
  const message = await chat.shown(sent, { type: 'event', event_type: 'creation' });
  return { sent, id: sent._data.id, message, secret: bytes(message.messageContextInfo.messageSecret) };
}
