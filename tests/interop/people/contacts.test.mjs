// What people show of themselves, asked over the API of a gateway that is linked to the sandbox.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpError } from '../lib/http.mjs';
import { linkedWorld } from '../lib/linked.mjs';
import { assertNoViolations, chatId } from '../lib/world.mjs';

const ours = '491560000001';
const open = '491560000002';
const shy = '491560000003';
const silent = '491560000004';
const picture = 'https://pps.whatsapp.net/v/t61/2.jpg?oe=1';

const world = {};
test.before(async () => {
  Object.assign(world, await linkedWorld([[ours, { about: 'us', picture }], [open, { about: 'At the dovecote', picture }],
    [shy, { about: 'secret', picture, privacy: 'none' }], silent]));
  await world.gateway.call('POST', '/api/sessions', { name: 'stopped', start: false });
});
test.after(() => world.end());

const get = path => world.gateway.call('GET', path);
async function refused(path, status, names) {
  const error = await get(path).then(() => assert.fail('it was not refused'), caught => caught);
  assert.ok(error instanceof HttpError, String(error));
  assert.equal(error.status, status, String(error));
  assert.match(JSON.stringify(error.body), names);
}

test('about is what somebody says, null where he says nothing or hides it', async () => {
  const about = id => get(`/api/contacts/about?session=default&contactId=${encodeURIComponent(id)}`);
  assert.deepEqual(await about(chatId(open)), { about: 'At the dovecote' });
  assert.deepEqual(await about(open), { about: 'At the dovecote' });
  assert.deepEqual(await about(chatId(shy)), { about: null });
  assert.deepEqual(await about(chatId(silent)), { about: null });
  assert.deepEqual(await about(chatId(ours)), { about: 'us' });
  const { lid } = await get(`/api/contacts/check-exists?phone=${open}`);
  assert.deepEqual(await about(lid), { about: 'At the dovecote' });
  await refused('/api/contacts/about?contactId=491569999999', 422, /not_on_whatsapp/);
  await refused('/api/contacts/about', 400, /contactId is required/);
  await refused('/api/contacts/about?contactId=12-34@g.us', 400, /contactId/);
  await refused(`/api/contacts/about?session=stopped&contactId=${open}`, 422, /STOPPED/);
  await refused(`/api/contacts/about?session=nobody&contactId=${open}`, 422, /nobody/);
});

test('a picture is its address, null where there is none or it is hidden', async () => {
  const shown = (id, more = '') => get(`/api/contacts/profile-picture?contactId=${encodeURIComponent(id)}${more}`);
  assert.deepEqual(await shown(chatId(open)), { profilePictureURL: picture });
  assert.deepEqual(await shown(chatId(open), '&refresh=true'), { profilePictureURL: picture });
  assert.deepEqual(await shown(chatId(shy)), { profilePictureURL: null });
  assert.deepEqual(await shown(silent), { profilePictureURL: null });
  assert.deepEqual(await shown(ours), { profilePictureURL: picture });
  await refused('/api/contacts/profile-picture?contactId=x', 400, /contactId/);
  await refused(`/api/contacts/profile-picture?session=stopped&contactId=${open}`, 422, /STOPPED/);
  const many = await Promise.all(Array.from({ length: 20 }, () => shown(chatId(open))));
  assert.ok(many.every(({ profilePictureURL }) => profilePictureURL === picture));
});

test('LIDs and numbers that were heard of together are shown, also while the session is stopped', async () => {
  const { lid } = await get(`/api/contacts/check-exists?phone=${open}`);
  const pair = { lid, pn: chatId(open) };
  const { count } = await get('/api/default/lids/count');
  const all = await get('/api/default/lids?limit=1000');
  assert.equal(all.length, count);
  assert.ok(all.some(row => row.lid === pair.lid && row.pn === pair.pn), JSON.stringify(all));
  assert.deepEqual(await get('/api/default/lids?limit=1&offset=1'), all.slice(1, 2));
  assert.deepEqual(await get(`/api/default/lids/${encodeURIComponent(lid)}`), pair);
  assert.deepEqual(await get(`/api/default/lids/${lid.split('@')[0]}`), pair);
  assert.deepEqual(await get('/api/default/lids/123456789@lid'), { lid: '123456789@lid', pn: null });
  assert.deepEqual(await get(`/api/default/lids/pn/${open}`), pair);
  assert.deepEqual(await get(`/api/default/lids/pn/${chatId(open)}`), pair);
  assert.deepEqual(await get('/api/default/lids/pn/491569999999'), { lid: null, pn: '491569999999@c.us' });
  await refused('/api/default/lids/x@c.us', 400, /lid must be/);
  await refused('/api/default/lids?limit=0', 400, /limit/);
  await refused('/api/nobody/lids', 422, /nobody/);
  assert.deepEqual(await get('/api/stopped/lids/count'), { count: 0 });
});

test('the service was asked nothing that it would not take', () => assertNoViolations(world.sandbox));
