// Groups made, joined, changed and left over the API, as Baileys in the same groups sees it, and the other way round: in groups
// that go by LID and in groups that go by number.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { key } from '../lib/gateway.mjs';
import { bea, cy, dan, expected, groupedWorld, ours, people, refused, shy } from '../lib/grouped.mjs';
import { until } from '../lib/process.mjs';
import { assertNoViolations, chatId, pnJid } from '../lib/world.mjs';

let world;
test.before(async () => { world = await groupedWorld(); });
test.after(() => world.end());

const ids = (...phones) => ({ participants: phones.map(phone => ({ id: phone.includes('@') ? phone : chatId(phone) })) });

for (const addressing of ['lid', 'pn']) {
  test(`a group by ${addressing} is listed and shown with its people in both forms`, async () => {
    const group = await world.make([ours, bea, dan], { creator: bea, addressing, announce: true });
    await world.receiver.until('that we are in it', 'group.v2.join', ({ payload }) => payload.group.id === group.id);
    const shown = await world.call('GET', `/${group.id}`);
    assert.equal(shown.id, group.id);
    assert.equal(shown.JID, group.id);
    assert.equal(shown.subject, 'Choir');
    assert.equal(shown.Name, 'Choir');
    assert.equal(shown.IsAnnounce, true);
    assert.equal(shown.membersCanSendMessages, false);
    assert.equal(shown.addressingMode, addressing);
    const roles = Object.fromEntries(shown.participants.map(({ pn, role }) => [pn, role]));
    assert.deepEqual(roles, { [chatId(ours)]: 'participant', [chatId(bea)]: 'superadmin', [chatId(dan)]: 'participant' });
    for (const { id, pn, lid } of shown.participants) assert.equal(id, addressing === 'lid' ? lid : pn);
    assert.deepEqual(shown.Participants.filter(({ IsAdmin }) => IsAdmin).map(({ PhoneNumber }) => PhoneNumber), [pnJid(bea)]);
    assert.deepEqual((await world.call('GET', `/${group.id}/participants/v2`)).map(({ id, pn, role }) => ({ id, pn, role })),
      shown.participants.map(({ id, pn, role }) => ({ id, pn, role })));
    assert.equal((await world.call('GET', `/${group.id}/participants`)).length, 3);
    const listed = await world.call('GET', '');
    assert.ok(listed.some(({ id, participants }) => id === group.id && participants.length === 3));
    const bare = await world.call('GET', '?exclude=participants&sortBy=subject&sortOrder=desc&limit=1');
    assert.equal(bare.length, 1);
    assert.ok(!('participants' in bare[0]));
    assert.equal((await world.call('GET', '/count')).count, listed.length);
  });

  test(`what Baileys changes in a group by ${addressing} is told, and known without a question`, async () => {
    const group = await world.make([ours, bea, dan], { creator: bea, addressing });
    const { sock } = world.bea, of = ({ payload }) => payload.group.id === group.id;
    const joined = await world.receiver.until('that we are in it', 'group.v2.join', of);
    assert.equal(joined.payload.group.subject, 'Choir');
    assert.equal(joined.payload.group.participants.length, 3);
    assert.ok(joined.payload.group.participants.some(({ pn, role }) => pn === chatId(bea) && role === 'superadmin'));
    await world.receiver.until('the same in the shape of before', 'group.join', ({ payload }) => payload.id === group.id);

    await sock.groupUpdateSubject(group.id, 'Band');
    await sock.groupUpdateDescription(group.id, 'Tuesdays');
    await sock.groupSettingUpdate(group.id, 'announcement');
    await sock.groupMemberAddMode(group.id, 'admin_add');
    await sock.groupJoinApprovalMode(group.id, 'on');
    await sock.groupToggleEphemeral(group.id, 86400);
    await sock.groupParticipantsUpdate(group.id, [addressing === 'lid' ? world.lid(cy) : pnJid(cy)], 'add');
    await sock.groupParticipantsUpdate(group.id, [pnJid(dan)], 'promote');
    await sock.groupParticipantsUpdate(group.id, [pnJid(cy)], 'remove');
    const changes = type => world.receiver.until(type, 'group.v2.participants', event => of(event) && event.payload.type === type);
    assert.deepEqual((await changes('join')).payload.participants.map(({ pn, role }) => [pn, role]), [[chatId(cy), 'participant']]);
    assert.deepEqual((await changes('promote')).payload.participants.map(({ pn, role }) => [pn, role]), [[chatId(dan), 'admin']]);
    assert.deepEqual((await changes('leave')).payload.participants.map(({ pn, role }) => [pn, role]), [[chatId(cy), 'left']]);
    const updates = world.receiver.events('group.v2.update').filter(of).map(({ payload }) => payload);
    const facts = Object.assign({}, ...updates.map(({ group: { id, ...rest } }) => rest));
    assert.deepEqual(facts, { subject: 'Band', description: 'Tuesdays', membersCanSendMessages: false, membersCanAddNewMember: false,
      newMembersApprovalRequired: true, ephemeralDuration: 86400 });
    for (const { _data } of updates) assert.equal(_data.authorPn, chatId(bea));

    const before = (await world.sandbox.trace(`?account=${ours}`)).at(-1).index;
    const shown = await world.call('GET', `/${group.id}`);
    assert.equal(shown.subject, 'Band');
    assert.equal(shown.Topic, 'Tuesdays');
    assert.equal(shown.ephemeralDuration, 86400);
    assert.deepEqual(shown.participants.map(({ pn, role }) => `${pn} ${role}`).sort(),
      [`${chatId(ours)} participant`, `${chatId(bea)} superadmin`, `${chatId(dan)} admin`].sort());
    const asked = (await world.sandbox.trace(`?account=${ours}`)).filter(({ index, stanza }) => index > before && /w:g2/.test(stanza));
    assert.deepEqual(asked, []);

    await sock.groupParticipantsUpdate(group.id, [pnJid(ours)], 'remove');
    await world.receiver.until('that we are out', 'group.v2.leave', of);
    await world.receiver.until('the same in the shape of before', 'group.leave', ({ payload }) => payload.id === group.id);
    assert.ok(!(await world.call('GET', '')).some(({ id }) => id === group.id));
  });
}

test('a group that is made has its people, and each who is not in it has his reason', async () => {
  const made = await world.gateway.call('POST', '/api/default/groups', { name: 'Dovecote', ...ids(bea, shy, '491579999999') });
  assert.match(made.id, /@g\.us$/);
  assert.deepEqual(made.results.map(({ id, status }) => [id, status]),
    [[chatId(bea), '200'], [chatId(shy), '403'], ['491579999999@c.us', '404']]);
  assert.ok(made.results[1].inviteCode && made.results[1].inviteExpiration > 0);
  assert.deepEqual(made.participants.map(({ pn }) => pn).sort(), [chatId(ours), chatId(bea)]);
  const seen = await world.bea.sock.groupMetadata(made.id);
  assert.equal(seen.subject, 'Dovecote');
  assert.deepEqual(people(seen), expected({ [ours]: 'superadmin', [bea]: 'participant' }));
  await refused(world.gateway.call('POST', '/api/default/groups', { name: 'x' }), 400, /participants/);
  await refused(world.gateway.call('POST', '/api/default/groups', { name: '', ...ids(bea) }), 400, /name/);
  await refused(world.gateway.call('POST', '/api/default/groups', { name: 'x', participants: [{ id: 'nobody' }] }), 400, /participants\[0\]\.id/);
});

for (const addressing of ['lid', 'pn']) {
  test(`who is added to a group by ${addressing}, by number or by LID, has a result of his own`, async () => {
    const group = await world.make([ours, bea], { creator: ours, addressing });
    const added = await world.call('POST', `/${group.id}/participants/add`, ids(dan, world.lid(cy), shy, '491579999998', bea));
    assert.deepEqual(added.map(({ id, status, success }) => [id, status, success]), [[chatId(dan), '200', true],
      [world.lid(cy), '200', true], [chatId(shy), '403', false], ['491579999998@c.us', '404', false], [chatId(bea), '409', false]]);
    assert.ok(added[2].inviteCode.length > 10);
    assert.deepEqual(people(await world.bea.sock.groupMetadata(group.id)),
      expected({ [ours]: 'superadmin', [bea]: 'participant', [dan]: 'participant', [cy]: 'participant' }));
    const one = async (path, phone) => (await world.call('POST', `/${group.id}${path}`, ids(phone)))[0].status;
    assert.equal(await one('/admin/promote', dan), '200');
    assert.deepEqual(people(await world.bea.sock.groupMetadata(group.id)).find(([jid]) => jid === pnJid(dan)), [pnJid(dan), 'admin']);
    assert.equal(await one('/admin/demote', dan), '200');
    assert.equal(await one('/participants/remove', cy), '200');
    assert.equal(await one('/participants/remove', cy), '404');
    const { participants } = await world.call('GET', `/${group.id}`);
    assert.deepEqual(participants.map(({ pn, role }) => [pn, role]).sort(),
      [[chatId(ours), 'superadmin'], [chatId(bea), 'participant'], [chatId(dan), 'participant']].sort());
    await world.bea.sock.groupLeave(group.id);
    await until('that Bea has left', async () => (await world.call('GET', `/${group.id}`)).participants.length === 2);
    assert.equal(await one('/participants/add', bea), '408');
  });
}

test('subject, description and settings are what Baileys sees, and a description set meanwhile is seen first', async () => {
  const group = await world.make([ours, bea], { creator: ours });
  const { sock } = world.bea;
  assert.equal(await world.call('PUT', `/${group.id}/subject`, { subject: 'Bänd 🎺' }), true);
  assert.equal(await world.call('PUT', `/${group.id}/description`, { description: 'first' }), true);
  await sock.groupUpdateDescription(group.id, 'second');
  assert.equal(await world.call('PUT', `/${group.id}/description`, { description: 'third' }), true);
  for (const [name, word, value] of [['info-admin-only', 'adminsOnly', true], ['messages-admin-only', 'adminsOnly', true],
    ['member-add-mode', 'membersCanAddNewMember', false], ['membership-approval', 'newMembersApprovalRequired', true]]) {
    const path = `/${group.id}/settings/security/${name}`;
    assert.deepEqual(await world.call('GET', path), { [word]: !value }, name);
    assert.deepEqual(await world.call('PUT', path, { [word]: value }), { [word]: value }, name);
    assert.deepEqual(await world.call('GET', path), { [word]: value }, name);
    await refused(world.call('PUT', path, { [word]: 'maybe' }), 400, new RegExp(word));
  }
  assert.equal(await world.call('PUT', `/${group.id}/settings/ephemeral`, { seconds: 604800 }), true);
  const seen = await sock.groupMetadata(group.id);
  assert.equal(seen.subject, 'Bänd 🎺');
  assert.equal(seen.desc, 'third');
  assert.deepEqual([seen.restrict, seen.announce, seen.memberAddMode, seen.ephemeralDuration], [true, true, false, 604800]);
  assert.equal((await world.truth(group.id)).approval, true);
  assert.equal(await world.call('PUT', `/${group.id}/description`, { description: '' }), true);
  assert.equal((await sock.groupMetadata(group.id)).desc, undefined);
  await refused(world.call('PUT', `/${group.id}/subject`, { subject: 'x'.repeat(101) }), 400, /subject/);
  await refused(world.call('PUT', `/${group.id}/settings/ephemeral`, { seconds: 7 }), 400, /seconds/);
});

test('what only admins may is refused to members, and nobody is told of a group that is not there', async () => {
  const group = await world.make([ours, bea], { creator: bea, locked: true, admins_add: true });
  await refused(world.call('PUT', `/${group.id}/subject`, { subject: 'mine' }), 422, /forbidden/);
  await refused(world.call('POST', `/${group.id}/participants/add`, ids(dan)), 422, /forbidden/);
  await refused(world.call('PUT', `/${group.id}/settings/security/info-admin-only`, { adminsOnly: false }), 422, /forbidden/);
  await refused(world.call('POST', `/${group.id}/invite-code/revoke`), 422, /forbidden/);
  await refused(world.call('GET', '/120363000000000000@g.us'), 404, /no such group/);
  const foreign = await world.make([bea, dan], { creator: bea });
  await refused(world.call('GET', `/${foreign.id}`), 422, /not in the group/);
  await refused(world.call('GET', `/${chatId(bea)}`), 400, /id must be/);
  assert.deepEqual((await world.truth(group.id)).subject, 'Choir');
});

test('people come in by a link, also such as admins have to let in, until it is reset', async () => {
  const group = await world.make([ours, bea], { creator: ours });
  const text = async (method, path) => {
    const response = await fetch(`${world.gateway.base}/api/default/groups/${group.id}${path}`, { method, headers: { 'x-api-key': key } });
    assert.equal(response.status, 200);
    return response.text();
  };
  const code = await text('GET', '/invite-code');
  assert.equal((await world.cy.sock.groupGetInviteInfo(code)).id, group.id);
  const info = await world.call('GET', `/join-info?code=https://chat.whatsapp.com/${code}`);
  assert.equal(info.id, group.id);
  assert.equal(info.Name, 'Choir');
  assert.equal(await world.cy.sock.groupAcceptInvite(code), group.id);
  await world.receiver.until('that Cy came by the link', 'group.v2.participants', ({ payload }) => payload.group.id === group.id &&
    payload.type === 'join' && payload._data.reason === 'invite' && payload.participants[0].pn === chatId(cy));

  await world.cy.sock.groupLeave(group.id);
  await world.call('PUT', `/${group.id}/settings/security/membership-approval`, { newMembersApprovalRequired: true });
  const ask = async () => {
    await world.cy.sock.groupAcceptInvite(code);
    return until('his request', async () => (await world.call('GET', `/${group.id}/participants/join-requests`))[0]);
  };
  const request = await ask();
  assert.equal(request.requesterPn, chatId(cy));
  assert.equal(request.requestMethod, 'invite_link');
  await world.receiver.until('the request', 'group.v2.participants.join-request',
    ({ payload }) => payload.group.id === group.id && payload.action === 'created' && payload.requesterPn === chatId(cy));
  const decide = (how, ...who) => world.call('POST', `/${group.id}/participants/join-requests/${how}`, ids(...who));
  assert.deepEqual((await decide('reject', cy)).map(({ success }) => success), [true]);
  assert.deepEqual(await world.call('GET', `/${group.id}/participants/join-requests`), []);
  await ask();
  assert.deepEqual((await decide('approve', cy, dan)).map(({ success }) => success), [true, false]);
  assert.ok((await world.cy.sock.groupMetadata(group.id)).participants.length === 3);

  const other = await text('POST', '/invite-code/revoke');
  assert.notEqual(other, code);
  await assert.rejects(world.cy.sock.groupGetInviteInfo(code));
  await refused(world.call('GET', `/join-info?code=${code}`), 409, /reset/);
  await refused(world.call('GET', '/join-info?code=AAAAAAAAAAAAAAAAAAAA'), 400, /code/);
  await refused(world.call('POST', '/join', { code: 'no code!' }), 400, /code/);
});

test('the account joins by the link of Baileys, is in it once, and leaves', async () => {
  const { id } = await world.bea.sock.groupCreate('Loft', [pnJid(dan)]);
  const code = await world.bea.sock.groupInviteCode(id);
  assert.equal((await world.call('POST', '/join', { code: `https://chat.whatsapp.com/${code}` })).id, id);
  assert.equal((await world.call('POST', '/join', { code })).id, id);
  await world.receiver.until('that we are in it', 'group.v2.join', ({ payload }) => payload.group.id === id);
  assert.ok(people(await world.bea.sock.groupMetadata(id)).some(([jid]) => jid === pnJid(ours)));
  assert.deepEqual(await world.call('POST', `/${id}/leave`), { success: true });
  assert.ok(!people(await world.bea.sock.groupMetadata(id)).some(([jid]) => jid === pnJid(ours)));
  assert.ok(!(await world.call('GET', '')).some(group => group.id === id));
  await world.call('POST', '/refresh');
  assert.ok(!(await world.call('GET', '')).some(group => group.id === id));
});

test('what happened while the gateway was killed is known when it is back', async () => {
  const group = await world.make([ours, bea, dan], { creator: bea });
  await world.receiver.until('that we are in it', 'group.v2.join', ({ payload }) => payload.group.id === group.id);
  await world.gateway.stop('SIGKILL');
  await world.bea.sock.groupUpdateSubject(group.id, 'Away');
  await world.bea.sock.groupParticipantsUpdate(group.id, [pnJid(dan)], 'remove');
  await world.gateway.start();
  await world.gateway.working('default');
  await world.receiver.until('that Dan is out', 'group.v2.participants',
    ({ payload }) => payload.group.id === group.id && payload.type === 'leave');
  const shown = await world.call('GET', `/${group.id}`);
  assert.equal(shown.subject, 'Away');
  assert.deepEqual(shown.participants.map(({ pn }) => pn).sort(), [chatId(ours), chatId(bea)]);
});

test('the service was asked nothing that it would not take', () => assertNoViolations(world.sandbox));
