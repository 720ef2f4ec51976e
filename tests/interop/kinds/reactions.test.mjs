// Reactions between pigeond and Baileys, and from the account's own phone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { looks, sendContent } from '../lib/addons.mjs';
import { chatOfTwo } from '../lib/chat_of_two.mjs';
import { until } from '../lib/process.mjs';
import { assertNoViolations, chatId, pnJid } from '../lib/world.mjs';

const [ours, theirs] = ['491601000001', '491601000002'];
let world;
test.before(async () => { world = await chatOfTwo(ours, theirs); });
test.after(() => world.end());

const react = (messageId, reaction, extra = {}) => world.call('PUT', '/api/reaction', { session: 'default', messageId, reaction, ...extra });
const reactionTo = (messageId, text, own = false) => world.receiver.until(`"${text}"`, 'message.reaction',
  ({ payload }) => payload.fromMe === own && payload.reaction.messageId === messageId && payload.reaction.text === text);
const heardReaction = (id, text) => until(`"${text}" at the peer`,
  () => world.heard.reactions.find(({ key, reaction }) => key.id === id && (reaction.text ?? '') === text));

test('their reaction is told with the emoji and the message, and its end with an empty one', async () => {
  const sent = await world.text('react to me');
  await until('it at the peer', () => world.arrived(sent._data.id));
  const { key } = world.arrived(sent._data.id);
  for (const text of ['👍🏽', '']) {
    await world.peer.sock.sendMessage(pnJid(ours), { react: { text, key } });
    const { payload } = await reactionTo(sent.id, text);
    assert.equal(payload.from, chatId(theirs));
    assert.equal(payload.to, chatId(ours));
    assert.equal(payload.source, 'app');
    assert.match(payload.id, new RegExp(`^false_${chatId(theirs)}_`));
  }
  assert.equal(world.empty(), 0);
  await assertNoViolations(world.sandbox);
});

test('ours arrives at their client, and is taken back', async () => {
  const { key, told } = await world.written('something nice');
  const answer = await react(told.id, '❤️');
  assert.equal(answer.body, '❤️');
  assert.equal(answer.ack, 1);
  await heardReaction(key.id, '❤️');
  const { payload } = await reactionTo(told.id, '❤️', true);
  assert.equal(payload.id, answer.id);
  assert.equal(payload.source, 'api');
  await react(told.id, '');
  await heardReaction(key.id, '');
  assert.deepEqual(world.receiver.events('message.any').filter(event => event.payload.id === answer.id), []);
  await assertNoViolations(world.sandbox);
});

test('a message is found by its bare id, and one that is not stored by its long id alone', async () => {
  const { key } = await world.written('by its bare id');
  await react(key.id, '🎈');
  await heardReaction(key.id, '🎈');
  await react(`false_${chatId(theirs)}_NOTHERE`, '🎈');
  await heardReaction('NOTHERE', '🎈');
  for (const [body, status, names] of [
    [{ messageId: 'NOTHERE', reaction: 'x' }, 404, /messageId/], [{ messageId: '', reaction: 'x' }, 400, /messageId/],
    [{ messageId: key.id }, 400, /reaction/], [{ messageId: key.id, reaction: 'x'.repeat(33) }, 400, /reaction/],
  ]) {
    const error = await world.call('PUT', '/api/reaction', { session: 'default', ...body }).then(() => assert.fail('accepted'), e => e);
    assert.equal(error.status, status, JSON.stringify(body));
    assert.match(JSON.stringify(error.body.message), names);
  }
  await assertNoViolations(world.sandbox);
});

test('one with an id of its own is sent once', async () => {
  const { key, told } = await world.written('only once');
  const first = await react(told.id, '🥇', { id: 'my-reaction-1' });
  assert.equal(first._data.id, 'my-reaction-1');
  assert.equal((await react(told.id, '🥇', { id: 'my-reaction-1' })).id, first.id);
  await react(told.id, '🥈');
  await heardReaction(key.id, '🥈');
  assert.deepEqual(world.heard.reactions.filter(({ key: { id } }) => id === key.id).map(({ reaction }) => reaction.text), ['🥇', '🥈']);
});

test("the account's own phone reacts", async () => {
  const { key, told } = await world.written('from the phone');
  await sendContent(world.sandbox, ours, world.forms.theirs.lid,
    { reactionMessage: { key: { remoteJid: world.forms.theirs.lid, fromMe: false, id: key.id }, text: '📱', senderTimestampMs: Date.now() } },
    looks.reaction);
  const { payload } = await reactionTo(told.id, '📱', true);
  assert.equal(payload.source, 'app');
  assert.equal(payload.to, chatId(theirs));
  await assertNoViolations(world.sandbox);
});

test('one that comes while the program is killed is told once, after it', async () => {
  const sent = await world.text('are you there?');
  await until('it at the peer', () => world.arrived(sent._data.id));
  await world.gateway.stop('SIGKILL');
  await world.peer.sock.sendMessage(pnJid(ours), { react: { text: '⏳', key: world.arrived(sent._data.id).key } });
  await world.gateway.start();
  await world.gateway.working('default');
  await reactionTo(sent.id, '⏳');
  await world.written('afterwards');
  assert.equal(world.receiver.events('message.reaction').filter(({ payload }) => payload.reaction.text === '⏳').length, 1);
  await assertNoViolations(world.sandbox);
});
