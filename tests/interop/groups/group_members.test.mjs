// Groups whose members come and go: who is new reads what follows, who was removed does not, though he kept his keys.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNode } from '../lib/binary-node.mjs';
import { makePeer } from '../lib/baileys.mjs';
import { makeGroup, traceEnd, untilPhone } from '../lib/groups.mjs';
import { linkedWorld } from '../lib/linked.mjs';
import { until } from '../lib/process.mjs';
import { assertNoViolations, pnJid } from '../lib/world.mjs';

const [ours, admin, member] = ['491552000001', '491552000002', '491552000003'];
const world = {};

test.before(async () => {
  Object.assign(world, await linkedWorld([ours, admin, member]));
  const link = async phone => {
    const peer = await makePeer({ url: world.sandbox.ws });
    await peer.link(world.sandbox, phone);
    return peer;
  };
  world.admin = await link(admin);
  world.member = await link(member);
});
test.after(async () => {
  world.admin?.stop();
  world.member?.stop();
  await world.end();
});

const send = (group, text) => world.gateway.sendText('default', group, text);
const textAt = (peer, text) => until(text, () => peer.texts.find(each => each.text === text));

// Of what our device wrote to the group since then.
async function ciphertextOf(group, after) {
  const entry = (await world.sandbox.trace(`?account=${ours}`)).find(({ index, direction, device, stanza }) =>
    index > after && direction === 'in' && device === 1 && stanza.startsWith('<message') && stanza.includes(group));
  const { content } = readNode(entry.bytes).children.find(({ tag }) => tag === 'enc');
  return Buffer.from(content.text, 'latin1');
}
// By which the group's members know our device.
const author = async group => /participant="([^"]+)"/.exec((await world.sandbox.trace(`?account=${member}`)).find(({ direction, stanza }) =>
  direction === 'out' && stanza.startsWith('<message') && stanza.includes(`from="${group}"`)).stanza)[1];

for (const addressing of ['lid', 'pn']) {
  test(`${addressing}: who was removed can't read what follows, and whoever stays and comes can`, async () => {
    const group = await makeGroup(world.sandbox, [ours, member], { creator: admin, addressing });
    await send(group, `${addressing} before`);
    await textAt(world.member, `${addressing} before`);
    await textAt(world.admin, `${addressing} before`);
    const self = await author(group);
    const jid = addressing === 'lid'
      ? (await world.admin.sock.groupMetadata(group)).participants.find(each => each.phoneNumber === pnJid(member)).id : pnJid(member);

    const [{ status }] = await world.admin.sock.groupParticipantsUpdate(group, [jid], 'remove');
    assert.equal(status, '200');
    const removed = await traceEnd(world.sandbox);
    await send(group, `${addressing} after`);
    await textAt(world.admin, `${addressing} after`);
    await untilPhone(world.sandbox, admin, group, `${addressing} after`);
    const msg = await ciphertextOf(group, removed);
    await assert.rejects(world.member.sock.signalRepository.decryptGroupMessage({ group, authorJid: self, msg }));
    // The same attempt succeeds with what was handed to him: he is a member again.
    await world.admin.sock.groupParticipantsUpdate(group, [jid], 'add');
    await send(group, `${addressing} again`);
    await textAt(world.member, `${addressing} again`);
    assert.equal(world.member.texts.some(({ text }) => text === `${addressing} after`), false);
    await assertNoViolations(world.sandbox);
  });
}

test('a companion that was unlinked can\'t read what follows', async () => {
  const second = await makePeer({ url: world.sandbox.ws });
  await second.link(world.sandbox, member);
  const group = await makeGroup(world.sandbox, [ours, member], { creator: admin });
  await send(group, 'to both');
  await textAt(second, 'to both');
  const self = await author(group);
  const { signalRepository } = second.sock;
  second.ended = true;
  await second.sock.logout();
  const unlinked = await traceEnd(world.sandbox);
  await send(group, 'to one');
  await textAt(world.member, 'to one');
  const msg = await ciphertextOf(group, unlinked);
  await assert.rejects(signalRepository.decryptGroupMessage({ group, authorJid: self, msg }));
  await assertNoViolations(world.sandbox);
});

test('who is promoted may write where only admins do', async () => {
  const group = await makeGroup(world.sandbox, [ours, member], { creator: admin, announce: true });
  const refused = await send(group, 'too early').then(() => assert.fail('sent'), error => error);
  assert.equal(refused.status, 422);
  const own = (await world.admin.sock.groupMetadata(group)).participants.find(each => each.phoneNumber === pnJid(ours)).id;
  await world.admin.sock.groupParticipantsUpdate(group, [own], 'promote');
  assert.equal((await send(group, 'as an admin')).ack, 1);
  await textAt(world.member, 'as an admin');
  await assertNoViolations(world.sandbox);
});
