// Texts in groups, both ways, between pigeond, unmodified Baileys and phones; where members go by LID, and by number.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { makeGroup, traceEnd, untilPhone, written } from '../lib/groups.mjs';
import { linkedWorld } from '../lib/linked.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, chatId } from '../lib/world.mjs';

const [ours, friend, other] = ['491551000001', '491551000002', '491551000003'];
const DELIVERED = 3, READ = 4;
const world = {};

test.before(async () => {
  const receiver = await startReceiver();
  Object.assign(world, await linkedWorld([ours, friend, other], {
    webhooks: [{ url: receiver.url, events: ['message', 'message.any', 'message.ack.group', 'message.ack'] }],
  }));
  world.receiver = receiver;
  const link = async phone => {
    const peer = await makePeer({ url: world.sandbox.ws });
    await peer.link(world.sandbox, phone);
    return peer;
  };
  world.peer = await link(friend); // beside the friend's phone
  world.own = await link(ours); // a second companion of our account
});
test.after(async () => {
  world.peer?.stop();
  world.own?.stop();
  await world.end();
  await world.receiver.stop();
});

const send = (group, text, more = {}) => world.gateway.sendText('default', group, text, more);
const textAt = (peer, text) => until(`${text} at a Baileys`, () => peer.texts.find(each => each.text === text));
const event = (name, test) => world.receiver.until(name, name, ({ payload }) => test(payload));
const events = (name, test) => world.receiver.events(name).filter(({ payload }) => test(payload));

for (const addressing of ['lid', 'pn']) {
  const title = text => `${addressing}: ${text}`;
  const server = addressing === 'lid' ? '@lid' : '@s.whatsapp.net';
  let group;

  test(title('a text is read by every device of every member, and by the own phone and companion'), async () => {
    group = await makeGroup(world.sandbox, [ours, friend, other], { addressing });
    const sent = await send(group, `${addressing} hello`);
    assert.equal(sent.ack, 1);
    assert.equal(sent.to, group);
    assert.match(sent.id, new RegExp(`^true_${group}_[^_]+_${ours}@c.us$`));
    const got = await textAt(world.peer, `${addressing} hello`);
    assert.equal(got.key.remoteJid, group);
    assert.ok(got.key.participant.endsWith(server), got.key.participant);
    for (const phone of [ours, friend, other]) await untilPhone(world.sandbox, phone, group, `${addressing} hello`);
    await until('it at our other companion', () => world.own.statuses[got.id] !== undefined);
    await assertNoViolations(world.sandbox);
  });

  test(title('a further text asks nothing, and hands its key to own devices alone'), async () => {
    const before = await traceEnd(world.sandbox);
    await send(group, `${addressing} warm`);
    await textAt(world.peer, `${addressing} warm`);
    const stanzas = await written(world.sandbox, ours, 1, before);
    assert.deepEqual(stanzas.filter(stanza => stanza.startsWith('<iq')), []);
    const message = stanzas.find(stanza => stanza.startsWith('<message'));
    assert.equal(message.match(/<to /g).length, 2, message); // our phone and our other companion
    assert.match(message, /phash="2:/);
  });

  test(title('who writes is told by both forms of address, under one id'), async () => {
    const id = await world.peer.send(group, `${addressing} from Baileys`);
    const { payload } = await event('message', ({ body }) => body === `${addressing} from Baileys`);
    assert.equal(payload.from, group);
    assert.equal(payload.participant, chatId(friend));
    assert.equal(payload.id, `false_${group}_${id}_${chatId(friend)}`);
    assert.match(payload._data.senderLid, /@lid$/);
    assert.equal(payload._data.senderPn, chatId(friend));
    assert.equal(payload.fromMe, false);
    await until('its delivery', () => world.peer.statuses[id] >= DELIVERED);
    await assertNoViolations(world.sandbox);
  });

  test(title('what a phone writes, and what our own phone writes'), async () => {
    await world.sandbox.sendAs(other, group, `${addressing} from a phone`);
    const { payload } = await event('message', ({ body }) => body === `${addressing} from a phone`);
    assert.equal(payload.participant, chatId(other));
    await world.sandbox.sendAs(ours, group, `${addressing} from our phone`);
    const own = await event('message.any', ({ body }) => body === `${addressing} from our phone`);
    assert.equal(own.payload.fromMe, true);
    assert.equal(own.payload.source, 'app');
    assert.equal(own.payload.participant, chatId(ours));
    assert.deepEqual(events('message', ({ body }) => body === `${addressing} from our phone`), []);
    await assertNoViolations(world.sandbox);
  });

  test(title('each member\'s receipts are told once, under the id of the answer'), async () => {
    const sent = await send(group, `${addressing} receipts`);
    const mine = events('message.any', ({ body }) => body === `${addressing} receipts`)[0]
      ?? await event('message.any', ({ body }) => body === `${addressing} receipts`);
    assert.equal(mine.payload.id, sent.id);
    const got = await textAt(world.peer, `${addressing} receipts`);
    for (const member of [friend, other])
      await event('message.ack.group', each => each.id === sent.id && each.ack === 2 && each.participant === chatId(member));
    await world.peer.sock.readMessages([got.key]);
    const { payload } = await event('message.ack.group', each => each.id === sent.id && each.ack === 3);
    assert.equal(payload.participant, chatId(friend));
    assert.equal(payload.to, group);
    assert.equal(payload.from, chatId(ours));
    const told = events('message.ack.group', ({ id }) => id === sent.id).map(each => `${each.payload.participant} ${each.payload.ack}`);
    assert.equal(new Set(told).size, told.length, told.join());
    assert.deepEqual(events('message.ack', ({ id }) => id.includes(got.id)), []);
  });

  test(title('a reply names what it answers in the group\'s form, whichever form of its id is given'), async () => {
    const id = await world.peer.send(group, `${addressing} question`);
    const asked = await event('message', ({ body }) => body === `${addressing} question`);
    for (const [index, form] of [id, asked.payload.id, `false_${group}_${id}`].entries()) {
      await send(group, `${addressing} answer ${index}`, { reply_to: form });
      const { message } = await textAt(world.peer, `${addressing} answer ${index}`);
      const context = message.message.extendedTextMessage.contextInfo;
      assert.equal(context.stanzaId, id);
      assert.ok(context.participant.endsWith(server), context.participant);
      assert.equal(context.quotedMessage.conversation || context.quotedMessage.extendedTextMessage.text, `${addressing} question`);
    }
    const sent = await send(group, `${addressing} ours`);
    await send(group, `${addressing} to ourselves`, { reply_to: sent.id });
    const { message } = await textAt(world.peer, `${addressing} to ourselves`);
    assert.ok(message.message.extendedTextMessage.contextInfo.participant.endsWith(server));
    // And one that answers ours.
    const ourText = await textAt(world.peer, `${addressing} ours`);
    await world.peer.sock.sendMessage(group, { text: `${addressing} back` }, { quoted: ourText.message });
    const back = await event('message', ({ body }) => body === `${addressing} back`);
    assert.equal(back.payload.replyTo.id, ourText.id);
    await assertNoViolations(world.sandbox);
  });

  test(title('who wrote is told that it was read'), async () => {
    const id = await world.peer.send(group, `${addressing} to be seen`);
    await event('message', ({ body }) => body === `${addressing} to be seen`);
    const { ids } = await world.gateway.call('POST', '/api/sendSeen', { session: 'default', chatId: group });
    assert.ok(ids.includes(`false_${group}_${id}_${chatId(friend)}`), ids.join());
    await until('that it is read', () => world.peer.statuses[id] === READ);
    await assertNoViolations(world.sandbox);
  });

  test(title('what a device could not read it is given again, with the key'), async () => {
    await world.sandbox.fault({ kind: 'garbled', account: friend, device: 1, count: 1 });
    await send(group, `${addressing} garbled`);
    await textAt(world.peer, `${addressing} garbled`);
    await world.sandbox.fault({ kind: 'garbled', account: ours, device: 1, count: 1 });
    await world.peer.send(group, `${addressing} garbled for us`);
    await event('message', ({ body }) => body === `${addressing} garbled for us`);
    await send(group, `${addressing} after it`);
    await textAt(world.peer, `${addressing} after it`);
    await assertNoViolations(world.sandbox);
  });
}

test('a group that changes to LIDs takes the next text, and everybody reads it', async () => {
  const group = await makeGroup(world.sandbox, [ours, friend, other], { addressing: 'pn' });
  await send(group, 'by number');
  await textAt(world.peer, 'by number');
  await world.sandbox.call('PUT', `/groups/${group}`, { addressing: 'lid' });
  const sent = await send(group, 'by LID');
  assert.equal(sent.ack, 1);
  const got = await textAt(world.peer, 'by LID');
  assert.ok(got.key.participant.endsWith('@lid'), got.key.participant);
  for (const phone of [ours, friend, other]) await untilPhone(world.sandbox, phone, group, 'by LID');
  await event('message.ack.group', each => each.id === sent.id && each.ack === 2 && each.participant === chatId(other));
  await assertNoViolations(world.sandbox);
});

test('a group in which the account may not write is refused with its cause, and nothing else suffers', async () => {
  const announce = await makeGroup(world.sandbox, [friend, ours], { announce: true });
  const foreign = await makeGroup(world.sandbox, [friend, other]);
  for (const [group, cause] of [[announce, /admins/], [foreign, /not in the group/], ['120363000000000001@g.us', /no such group/]]) {
    const refused = await send(group, 'not for us').then(() => assert.fail('sent'), error => error);
    assert.equal(refused.status, 422, JSON.stringify(refused.body));
    assert.match(JSON.stringify(refused.body), cause);
  }
  await world.sandbox.call('PUT', `/groups/${announce}`, { admin: ours });
  assert.equal((await send(announce, 'from an admin')).ack, 1);
  await textAt(world.peer, 'from an admin');
  const health = await world.gateway.call('GET', '/api/sessions/default/health');
  assert.equal(health.state, 'ok', JSON.stringify(health));
  assert.equal(await world.gateway.status('default'), 'WORKING');
  assert.equal((await world.gateway.sendText('default', chatId(friend), 'still here')).ack, 1);
});

test('several callers write to a group at once, and each text is read once', async () => {
  const group = await makeGroup(world.sandbox, [ours, friend, other]);
  const texts = Array.from({ length: 20 }, (_, index) => `many ${index}`);
  await send(group, texts[0]);
  await Promise.all(texts.slice(1).map(text => send(group, text)));
  await until('all of them', () => texts.every(text => world.peer.texts.some(each => each.text === text)));
  for (const text of texts) assert.equal(world.peer.texts.filter(each => each.text === text).length, 1, text);
  await assertNoViolations(world.sandbox);
});

test('what was accepted before a SIGKILL is read once', async () => {
  const group = await makeGroup(world.sandbox, [ours, friend, other]);
  await send(group, 'before');
  for (let round = 0; round < 3; round++) {
    await Promise.all([0, 1, 2].map(index => send(group, `kill ${round} ${index}`, { async: true })));
    await world.gateway.stop('SIGKILL');
    await world.gateway.start();
    await world.gateway.working('default');
  }
  const texts = [0, 1, 2].flatMap(round => [0, 1, 2].map(index => `kill ${round} ${index}`));
  for (const text of texts) {
    await textAt(world.peer, text);
    await untilPhone(world.sandbox, other, group, text);
  }
  for (const text of texts) assert.equal(world.peer.texts.filter(each => each.text === text).length, 1, text);
  await world.peer.send(group, 'after the kills');
  await event('message', ({ body }) => body === 'after the kills');
  await assertNoViolations(world.sandbox);
});
