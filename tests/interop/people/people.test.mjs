// People: whether they are there, what they say of themselves, who is blocked; and what the account itself shows. With Baileys as the
// other side, and as another device of the same account.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { HttpError } from '../lib/http.mjs';
import { linkedWorld } from '../lib/linked.mjs';
import { until } from '../lib/process.mjs';
import { assertNoViolations, chatId, pnJid } from '../lib/world.mjs';

const [ours, friend, shop, missing] = ['491598000001', '491598000002', '491598000003', '491598000009'];
const world = {};
test.before(async () => {
  Object.assign(world, await linkedWorld([[ours, { name: 'Pigeon' }], [friend, { name: 'Friend Of Ours' }],
    [shop, { business: 'Bread and rolls', category: 'Bakery', website: 'https://bread.example/', email: 'a@bread.example', address: 'Main St 1' }]],
  { pacing: 'off' }));
  world.peer = await makePeer({ url: world.sandbox.ws });
  await world.peer.link(world.sandbox, friend);
  world.sibling = await makePeer({ url: world.sandbox.ws });
  await world.sibling.link(world.sandbox, ours);
});
test.after(async () => {
  world.peer?.stop();
  world.sibling?.stop();
  await world.end();
});

const call = (...how) => world.gateway.call(...how);
const get = path => call('GET', path);
const account = phone => world.sandbox.call('GET', `/accounts/${phone}`);
async function refused(status, names, ...how) {
  const error = await call(...how).then(() => assert.fail('it was not refused'), caught => caught);
  assert.ok(error instanceof HttpError, String(error));
  assert.equal(error.status, status, String(error));
  assert.match(JSON.stringify(error.body), names);
}
const asked = async what => (await world.sandbox.trace(`?account=${ours}`))
  .filter(({ direction, device, stanza }) => direction === 'in' && device === 1 && stanza.includes(what)).length;

test('numbers are checked together, in their order, with one question, which is remembered', async () => {
  const { lid } = await account(friend);
  const before = await asked('<contact/>');
  const phones = [missing, `+${friend}`, chatId(shop), friend];
  const checked = await call('POST', '/api/contacts/check-exists', { session: 'default', phones });
  assert.deepEqual(checked.map(({ phone, numberExists }) => [phone, numberExists]),
    [[missing, false], [friend, true], [shop, true], [friend, true]]);
  assert.deepEqual(checked[1], { phone: friend, numberExists: true, chatId: chatId(friend), pn: chatId(friend), lid });
  assert.equal(await asked('<contact/>'), before + 1);
  assert.deepEqual(await get(`/api/contacts/check-exists?phone=${friend}`), { numberExists: true, chatId: chatId(friend), pn: chatId(friend), lid });
  assert.equal(await asked('<contact/>'), before + 1);
  await get(`/api/contacts/check-exists?phone=${friend}&refresh=true`);
  assert.equal(await asked('<contact/>'), before + 2);
  const theirs = await world.peer.sock.onWhatsApp(ours, missing);
  assert.deepEqual(theirs.map(({ exists }) => exists), [true], 'another client asks the same');
  await refused(400, /phones/, 'POST', '/api/contacts/check-exists', { session: 'default' });
  await refused(400, /phones/, 'POST', '/api/contacts/check-exists', { session: 'default', phones: [] });
  await refused(400, /phones\[1\]/, 'POST', '/api/contacts/check-exists', { phones: [friend, 'x'] });
  await refused(400, /phones/, 'POST', '/api/contacts/check-exists', { phones: Array(501).fill(friend) });
  await refused(422, /nobody/, 'POST', '/api/contacts/check-exists', { session: 'nobody', phones: [friend] });
});

test('contacts are those who were heard of, with the names that they give themselves', async () => {
  await world.peer.send(pnJid(ours), 'it is me');
  const { lid } = await account(friend);
  const known = await until('the name', async () => {
    const contact = await get(`/api/contacts?contactId=${friend}`);
    return contact.pushname && contact;
  });
  assert.deepEqual(known, { id: chatId(friend), pn: chatId(friend), lid, number: friend, name: null, pushname: 'Friend Of Ours', shortName: 'Friend', isMe: false, isGroup: false });
  assert.deepEqual(await get(`/api/contacts?contactId=${encodeURIComponent(lid)}`), known);
  assert.deepEqual(await get(`/api/default/contacts/${encodeURIComponent(chatId(friend))}`), known);
  const all = await get('/api/contacts/all?limit=1000');
  assert.equal(all.filter(({ id }) => id === chatId(friend)).length, 1, JSON.stringify(all));
  assert.ok(all.some(({ id, isMe, pushname }) => id === chatId(ours) && isMe && pushname === 'Pigeon'), JSON.stringify(all));
  assert.deepEqual(await get('/api/contacts/all?limit=1&offset=1'), all.slice(1, 2));
  assert.deepEqual(await get('/api/contacts/all?sortOrder=desc&limit=1000'), all.toReversed());
  const named = (await get('/api/contacts/all?sortBy=name&limit=1000')).map(({ pushname }) => pushname).filter(Boolean);
  assert.deepEqual(named, named.toSorted());
  assert.equal((await get(`/api/contacts?contactId=${missing}`)).number, missing, 'answers also for who is not there');
  await refused(400, /sortBy/, 'GET', '/api/contacts/all?sortBy=x');
  await refused(400, /contactId/, 'GET', '/api/contacts?contactId=1-2@g.us');
  await refused(422, /nobody/, 'GET', '/api/contacts/all?session=nobody');
});

test('who is blocked reaches the account no more, until he is unblocked; other devices hear of it', async () => {
  const heard = [];
  world.sibling.sock.ev.on('blocklist.update', update => heard.push(update));
  const { lid } = await account(friend);
  assert.deepEqual(await call('POST', '/api/contacts/block', { session: 'default', contactId: chatId(friend) }), {});
  assert.deepEqual((await account(ours)).blocked, [friend]);
  assert.deepEqual(await get('/api/contacts/blocklist'), [{ id: chatId(friend), pn: chatId(friend), lid }]);
  assert.deepEqual(await world.sibling.sock.fetchBlocklist(), [lid]);
  await until('that the other device hears of it', () => heard.some(({ blocklist, type }) => type === 'add' && blocklist.includes(lid)));
  const lost = await world.peer.send(pnJid(ours), 'can you hear me?');
  await until('that the service has it', () => world.peer.statuses[lost] >= 2);
  await call('POST', '/api/contacts/unblock', { contactId: lid });
  assert.deepEqual(await get('/api/contacts/blocklist'), []);
  const id = await world.peer.send(pnJid(ours), 'and now?');
  await until('that this one arrives', () => world.peer.statuses[id] >= 3);
  assert.ok((world.peer.statuses[lost] ?? 0) < 3, 'the other one never did');

  // And the other way: Baileys blocks us.
  const { lid: own } = await account(ours);
  await world.peer.sock.updateBlockStatus(own, 'block');
  assert.deepEqual((await account(friend)).blocked, [ours]);
  const before = world.peer.texts.length;
  await world.gateway.sendText('default', chatId(friend), 'into the void');
  await world.peer.sock.updateBlockStatus(own, 'unblock');
  await world.gateway.sendText('default', chatId(friend), 'again');
  await world.peer.untilTexts(before + 1);
  assert.equal(world.peer.texts.at(-1).text, 'again');
  assert.equal(world.peer.texts.length, before + 1);
  await refused(422, /not_on_whatsapp/, 'POST', '/api/contacts/block', { contactId: chatId(missing) });
  await refused(400, /contactId/, 'POST', '/api/contacts/block', { contactId: chatId(ours) });
  await refused(400, /contactId/, 'POST', '/api/contacts/block', {});
});

test('a business says what it is, and who is none says so', async () => {
  const profile = await get(`/api/contacts/business-profile?contactId=${shop}`);
  const theirs = await world.peer.sock.getBusinessProfile(pnJid(shop));
  assert.equal(profile.isBusiness, true);
  assert.equal(profile.description, theirs.description);
  assert.equal(profile.description, 'Bread and rolls');
  assert.deepEqual(profile.websites, theirs.website);
  assert.equal(profile.email, theirs.email);
  assert.equal(profile.address, 'Main St 1');
  assert.deepEqual(profile.categories, ['Bakery']);
  assert.equal(profile.timezone, theirs.business_hours.timezone);
  assert.deepEqual(profile.hours, [{ day: 'mon', mode: 'specific_hours', open: 540, close: 1080 }]);
  assert.equal((await get(`/api/contacts/business-profile?contactId=${friend}`)).isBusiness, false);
});

test('what the account says of itself is what others see', async () => {
  assert.deepEqual(await call('PUT', '/api/default/profile/status', { status: 'At the dovecote' }), { success: true });
  const [{ status }] = await world.peer.sock.fetchStatus(pnJid(ours));
  assert.equal(status.status, 'At the dovecote');
  assert.deepEqual(await get(`/api/contacts/about?contactId=${ours}`), { about: 'At the dovecote' });
  await call('PUT', '/api/default/profile/status', { status: '' });
  assert.deepEqual(await get(`/api/contacts/about?contactId=${ours}`), { about: null });

  await call('PUT', '/api/default/profile/name', { name: 'Löft' });
  const { lid } = await account(ours);
  assert.deepEqual(await get('/api/default/profile'), { id: chatId(ours), lid, picture: null, name: 'Löft' });
  const before = world.peer.texts.length;
  await world.gateway.sendText('default', chatId(friend), 'who am I?');
  await world.peer.untilTexts(before + 1);
  assert.equal(world.peer.texts.at(-1).message.pushName, 'Löft');
  await refused(400, /name/, 'PUT', '/api/default/profile/name', { name: '' });
  await refused(400, /name/, 'PUT', '/api/default/profile/name', { name: 'x'.repeat(26) });
  await refused(400, /status/, 'PUT', '/api/default/profile/status', { status: 'x'.repeat(140) });
  await refused(422, /nobody/, 'GET', '/api/nobody/profile');
});

test('privacy is read and set, and other devices read the same', async () => {
  const settings = await get('/api/default/profile/privacy');
  assert.deepEqual(settings, { lastSeen: 'all', online: 'all', profilePicture: 'all', about: 'all', readReceipts: 'all', groups: 'all', calls: 'all', messages: 'all' });
  const changed = await call('PUT', '/api/default/profile/privacy', { lastSeen: 'contacts', calls: 'known' });
  assert.deepEqual(changed, { ...settings, lastSeen: 'contacts', calls: 'known' });
  assert.equal((await world.sibling.sock.fetchPrivacySettings(true)).last, 'contacts');
  await world.sibling.sock.updateOnlinePrivacy('match_last_seen');
  assert.equal((await get('/api/default/profile/privacy')).online, 'match_last_seen');
  await refused(400, /lastSeen must be one of/, 'PUT', '/api/default/profile/privacy', { lastSeen: 'match_last_seen' });
  await refused(400, /setting/, 'PUT', '/api/default/profile/privacy', {});
});

test('the default timer is read and set', async () => {
  assert.deepEqual(await get('/api/default/profile/disappearing-mode'), { duration: 0, since: null });
  await call('PUT', '/api/default/profile/disappearing-mode', { duration: 604800 });
  const { duration, since } = await get('/api/default/profile/disappearing-mode');
  assert.equal(duration, 604800);
  assert.ok(since > 0);
  const [{ disappearing_mode }] = await world.peer.sock.fetchDisappearingDuration(pnJid(ours));
  assert.equal(disappearing_mode.duration, 604800);
  await world.sibling.sock.updateDefaultDisappearingMode(0);
  assert.equal((await get('/api/default/profile/disappearing-mode')).duration, 0);
  await refused(400, /duration/, 'PUT', '/api/default/profile/disappearing-mode', { duration: 17 });
  await refused(400, /duration/, 'PUT', '/api/default/profile/disappearing-mode', {});
});

test('the service was asked nothing that it would not take', () => assertNoViolations(world.sandbox));
