// All kinds around a SIGKILL: what was accepted before arrives once, and what they said meanwhile is told once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proto } from 'baileys';
import { seal } from '../../lib/addons.mjs';
import { everywhere, inFourChats, phones } from '../../lib/four_chats.mjs';
import { castVote, options, ourEvent, ourPoll } from '../../lib/polls.mjs';
import { card, location, vcard } from '../../lib/samples.mjs';
import { assertNoViolations } from '../../lib/world.mjs';

const { world } = inFourChats();

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
