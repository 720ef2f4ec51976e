// Polls, votes and events between pigeond and Baileys, and votes in all forms in which phones and companions make them.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { decryptPollVote, proto } from 'baileys';
import { hash, looks, seal, sendContent, votePlaintext } from '../lib/addons.mjs';
import { chatOfTwo } from '../lib/chat_of_two.mjs';
import { until } from '../lib/process.mjs';
import { assertNoViolations, chatId, pnJid } from '../lib/world.mjs';

const [ours, theirs] = ['491603000001', '491603000002'];
let world;
test.before(async () => { world = await chatOfTwo(ours, theirs); });
test.after(() => world.end());

const options = ['Tea', 'Coffee', 'Wäßer'];
const sendPoll = (poll, more = {}) => world.call('POST', '/api/sendPoll', { session: 'default', chatId: chatId(theirs), poll, ...more });
const vote = body => world.call('POST', '/api/sendPollVote', { session: 'default', chatId: chatId(theirs), ...body });
const told = (event, test) => world.receiver.until(event, event, test);
const refused = (call, status, names) => call.then(() => assert.fail('accepted'), error => {
  assert.equal(error.status, status, JSON.stringify(error.body));
  assert.match(JSON.stringify(error.body.message), names);
});

async function ourPoll(several = true) {
  const name = `What do you want (${randomBytes(3).toString('hex')})?`;
  const sent = await sendPoll({ name, options, multipleAnswers: several });
  await until('the poll at the peer', () => world.arrived(sent._data.id));
  const { message } = world.arrived(sent._data.id);
  const poll = message.pollCreationMessage ?? message.pollCreationMessageV3;
  return { sent, id: sent._data.id, name, message, poll, secret: Buffer.from(message.messageContextInfo.messageSecret) };
}

// A vote of their client's in a poll of ours.
const voteOf = (poll, chosen, author, sender, secret = poll.secret) => world.peer.sock.relayMessage(pnJid(ours), { pollUpdateMessage: {
  pollCreationMessageKey: { remoteJid: pnJid(ours), fromMe: false, id: poll.id },
  vote: seal({ secret, id: poll.id, author, sender, use: 'Poll Vote', plaintext: votePlaintext(chosen) }),
  senderTimestampMs: Date.now() } }, { additionalNodes: [{ tag: 'meta', attrs: { polltype: 'vote' } }] });
const votesIn = poll => world.receiver.events('poll.vote').filter(({ payload }) => payload.poll.id === poll.sent.id);

test('our polls arrive, of one choice and of several', async () => {
  const one = await ourPoll(false), several = await ourPoll(true);
  assert.ok(one.message.pollCreationMessageV3);
  assert.ok(several.message.pollCreationMessage);
  assert.equal(one.poll.selectableOptionsCount, 1);
  assert.equal(several.poll.selectableOptionsCount, 0);
  assert.equal(one.poll.name, one.name);
  assert.deepEqual(one.poll.options.map(({ optionName }) => optionName), options);
  assert.equal(one.sent.body, one.name);
  await assertNoViolations(world.sandbox);
});

for (const author of ['pn', 'lid'])
  for (const sender of ['pn', 'lid'])
    test(`votes in our poll are read: its author by ${author}, the voter by ${sender}`, async () => {
      const poll = await ourPoll();
      const { ours: us, theirs: them } = world.forms;
      for (const chosen of [['Tea'], ['Coffee', 'Wäßer'], []]) {
        const before = votesIn(poll).length;
        await voteOf(poll, chosen, us[author], them[sender]);
        await until('the vote', () => votesIn(poll).length > before);
        const { payload } = votesIn(poll).at(-1);
        assert.deepEqual(payload.vote.selectedOptions, chosen);
        assert.equal(payload.vote.from, chatId(theirs));
        assert.equal(payload.vote.fromMe, false);
        assert.equal(payload.poll.fromMe, true);
      }
      assert.equal(votesIn(poll).length, 3);
      assert.equal(world.empty(), 0);
    });

test('a vote that comes after a kill is read, and told once', async () => {
  const poll = await ourPoll();
  await world.gateway.stop('SIGKILL');
  await voteOf(poll, ['Tea'], world.forms.ours.lid, world.forms.theirs.lid);
  await world.gateway.start();
  await world.gateway.working('default');
  await until('the vote', () => votesIn(poll).length > 0);
  await world.written('after the vote');
  assert.equal(votesIn(poll).length, 1);
  assert.deepEqual(votesIn(poll)[0].payload.vote.selectedOptions, ['Tea']);
});

test("what can't be read is told as such, once", async () => {
  const poll = await ourPoll();
  await voteOf(poll, ['Tea'], world.forms.ours.lid, world.forms.theirs.lid, randomBytes(32));
  const { payload } = await told('poll.vote.failed', event => event.payload.poll.id === poll.sent.id);
  assert.deepEqual(payload.vote.selectedOptions, []);
  await voteOf(poll, ['Milk'], world.forms.ours.lid, world.forms.theirs.lid);
  const failed = () => world.receiver.events('poll.vote.failed').filter(event => event.payload.poll.id === poll.sent.id);
  await until('the other one', () => failed().length === 2);
  await world.written('after what can not be read');
  assert.equal(failed().length, 2);
  assert.equal(votesIn(poll).length, 0);
});

test('we vote in their poll', async () => {
  const message = await world.peer.sock.sendMessage(pnJid(ours), { poll: { name: 'When?', values: ['Mon', 'Tue'], selectableCount: 1 } });
  const { payload } = await told('message', event => event.payload.body === 'When?');
  assert.equal(payload._data.type, 'poll');
  for (const votes of [['Tue'], []]) {
    const sent = await vote({ pollMessageId: payload.id, votes });
    await until('our vote', () => world.arrived(sent._data.id));
    const update = world.arrived(sent._data.id).message.pollUpdateMessage;
    assert.equal(update.pollCreationMessageKey.id, message.key.id);
    const pollEncKey = message.message.messageContextInfo.messageSecret;
    const read = ['pn', 'lid'].map(form => {
      try {
        return decryptPollVote(update.vote, { pollEncKey, pollMsgId: message.key.id, pollCreatorJid: world.forms.theirs[form], voterJid: world.forms.ours[form] });
      } catch { return undefined; }
    }).find(Boolean);
    assert.deepEqual(read.selectedOptions.map(option => Buffer.from(option)), votes.map(hash));
    const own = await told('poll.vote', event => event.payload.vote.id === sent.id);
    assert.deepEqual(own.payload.vote.selectedOptions, votes);
    assert.equal(own.payload.poll.id, payload.id);
  }
  await refused(vote({ pollMessageId: payload.id, votes: ['Wed'] }), 400, /votes/);
  await refused(vote({ pollMessageId: payload.id, votes: ['Mon', 'Tue'] }), 400, /votes/);
  await refused(vote({ pollMessageId: 'NOTHERE', votes: ['Mon'] }), 404, /pollMessageId/);
  const text = await world.written('no poll');
  await refused(vote({ pollMessageId: text.told.id, votes: ['Mon'] }), 422, /pollMessageId: is no poll/);
  await assertNoViolations(world.sandbox);
});

test("the account's own phone votes", async () => {
  const poll = await ourPoll();
  const { ours: us } = world.forms;
  await sendContent(world.sandbox, ours, world.forms.theirs.lid, { pollUpdateMessage: {
    pollCreationMessageKey: { remoteJid: world.forms.theirs.lid, fromMe: true, id: poll.id },
    vote: seal({ secret: poll.secret, id: poll.id, author: us.lid, sender: us.lid, use: 'Poll Vote', plaintext: votePlaintext(['Coffee']) }),
    senderTimestampMs: Date.now() } }, looks.vote);
  await until('the vote', () => votesIn(poll).length > 0);
  assert.deepEqual(votesIn(poll)[0].payload.vote.selectedOptions, ['Coffee']);
  assert.equal(votesIn(poll)[0].payload.vote.fromMe, true);
});

test('polls that make no sense are refused by the name of what is wrong', async () => {
  for (const [poll, names] of [[{ name: 'x', options: ['a'] }, /poll\.options/], [{ name: 'x', options: ['a', 'a'] }, /poll\.options/],
    [{ options }, /poll\.name/], [{ name: 'x'.repeat(256), options }, /poll\.name/], [{ name: 'x', options: ['a', 'b'.repeat(101)] }, /poll\.options/],
    [{ name: 'x', options: Array.from({ length: 13 }, (_, i) => `${i}`) }, /poll\.options/]])
    await refused(sendPoll(poll), 400, names);
});

test('an event is sent, and answers to it are told', async () => {
  const sent = await world.call('POST', '/api/default/events', { chatId: chatId(theirs),
    event: { name: 'Party', description: 'Bring cake', startTime: 1900000000, location: { name: 'Home' }, extraGuestsAllowed: true } });
  assert.equal(sent.body, 'Party\nBring cake\nHome');
  await until('it at the peer', () => world.arrived(sent._data.id));
  const { message } = world.arrived(sent._data.id);
  assert.equal(message.eventMessage.name, 'Party');
  assert.equal(message.eventMessage.location.name, 'Home');
  assert.equal(Number(message.eventMessage.startTime), 1900000000);
  const secret = Buffer.from(message.messageContextInfo.messageSecret);
  const answer = (key, response, extraGuestCount) => sendContent(world.sandbox, theirs, ours, { encEventResponseMessage: {
    eventCreationMessageKey: { remoteJid: world.forms.ours.lid, fromMe: false, id: sent._data.id },
    ...seal({ secret: key, id: sent._data.id, author: world.forms.ours.lid, sender: world.forms.theirs.lid, use: 'Event Response',
      plaintext: proto.Message.EventResponseMessage.encode({ response, timestampMs: 1700000000000, extraGuestCount }).finish() }) } }, looks.response);
  for (const [response, name] of [[1, 'GOING'], [2, 'NOT_GOING'], [3, 'MAYBE']]) {
    await answer(secret, response, 2);
    const { payload } = await told('event.response', event => event.payload.eventResponse.response === name);
    assert.equal(payload.eventCreationKey.id, sent.id);
    assert.equal(payload.eventResponse.extraGuestCount, 2);
    assert.equal(payload.from, chatId(theirs));
  }
  await answer(randomBytes(32), 1, 0);
  const { payload } = await told('event.response.failed', () => true);
  assert.equal(payload.eventResponse, null);
  assert.equal(world.empty(), 0);
  await refused(world.call('POST', '/api/default/events', { chatId: chatId(theirs), event: { name: 'x', startTime: 10, endTime: 5 } }), 400, /event\.endTime/);
  await refused(world.call('POST', '/api/default/events', { chatId: chatId(theirs), event: { startTime: 10 } }), 400, /event\.name/);
  await assertNoViolations(world.sandbox);
});

test('their event is a message with what it says', async () => {
  await world.peer.sock.sendMessage(pnJid(ours), { event: { name: 'Picnic', description: 'In the park', startDate: new Date(1900000000000) } });
  const { payload } = await told('message', event => event.payload.body.startsWith('Picnic'));
  assert.equal(payload.body, 'Picnic\nIn the park');
});

test('a poll that is edited takes votes for its new options', async () => {
  const secret = randomBytes(32);
  const { ours: us, theirs: them } = world.forms;
  const { id } = await sendContent(world.sandbox, theirs, ours, { pollCreationMessage: { name: 'Growing', options: [{ optionName: 'A' }], selectableOptionsCount: 0 },
    messageContextInfo: { messageSecret: secret } }, looks.poll);
  const poll = await told('message', event => event.payload.body === 'Growing');
  const plaintext = proto.Message.encode({ pollCreationMessage: { name: 'Grown', options: [{ optionName: 'A' }, { optionName: 'B' }] } }).finish();
  await sendContent(world.sandbox, theirs, ours, { secretEncryptedMessage: { targetMessageKey: { remoteJid: us.lid, fromMe: true, id }, secretEncType: 4,
    ...seal({ secret, id, author: them.lid, sender: them.lid, use: 'Poll Edit', plaintext }) } }, { type: 'poll', edit: '1', polltype: 'edit' });
  const edited = await told('message.edited', event => event.payload.editedMessageId === id);
  assert.equal(edited.payload.body, 'Grown');
  const sent = await vote({ pollMessageId: poll.payload.id, votes: ['B'] });
  assert.deepEqual((await told('poll.vote', event => event.payload.vote.id === sent.id)).payload.vote.selectedOptions, ['B']);
});
