// Whatever a caller types, the service says whose it is: the message, its id, its acks and its place in the outbox are that account's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkedWorld } from '../lib/linked.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, chatId } from '../lib/world.mjs';

const ours = '491596000001';
// As people dial them, and as they are registered.
const cases = {
  'Brazil, with the ninth digit': ['5511987650001', '551187650001'],
  'Brazil, without it': ['551187650002', '5511987650002'],
  'Mexico, with the 1': ['5215512340003', '525512340003'],
  'Argentina, with the 9': ['5491112340004', '541112340004'],
};
const [late, lateAccount] = ['5511987650009', '551187650009'];
const [once, onceAccount] = ['5511987650010', '551187650010'];
const plain = '5511987650011', hidden = '491596000012';

const world = {};
test.before(async () => {
  const receiver = await startReceiver();
  Object.assign(world, await linkedWorld([ours, plain, hidden,
    ...[...Object.values(cases), [late, lateAccount], [once, onceAccount]].map(([dialled, phone]) => [phone, { dialled }])],
  { pacing: 'off', webhooks: [{ url: receiver.url, events: ['message.any', 'message.ack'] }] }));
  world.receiver = receiver;
});
test.after(async () => {
  await world.end();
  await world.receiver.stop();
});

const send = (chat, text, more = {}, headers = {}) =>
  world.gateway.call('POST', '/api/sendText', { session: 'default', chatId: chat, text, ...more }, headers);
const told = text => world.receiver.events('message.any').filter(({ payload }) => payload.body === text);
const acks = id => world.receiver.events('message.ack').filter(({ payload }) => payload._data.id === id);
const delivered = id => until('the acks', () => acks(id).some(({ payload }) => payload.ack === 2));
const arrived = (phone, text) => until(`"${text}"`, async () => (await world.sandbox.received(phone)).find(message => message.text === text));
const lookups = async number => (await world.sandbox.trace(`?account=${ours}`)).filter(({ direction, stanza }) =>
  direction === 'in' && stanza.includes('usync') && stanza.includes(Buffer.from(`+${number}`).toString('hex'))).length;

for (const [where, [dialled, phone]] of Object.entries(cases)) {
  test(`${where}: a text to the dialled number is the account's`, async () => {
    const sent = await send(chatId(dialled), where);
    assert.match(sent.id, new RegExp(`^true_${phone}@c.us_`));
    assert.equal(sent.to, chatId(phone));
    await arrived(phone, where);
    await delivered(sent._data.id);
    const events = [...told(where), ...acks(sent._data.id)];
    assert.deepEqual([...new Set(events.map(({ payload }) => payload.id))], [sent.id]);
    assert.ok(events.every(({ payload }) => payload.to === chatId(phone)));
    assert.equal(events.filter(({ event }) => event === 'message.any').length, 1);
    // Once it was named, nobody is asked again, however the number is written.
    const asked = await lookups(dialled);
    assert.equal(asked, 1);
    for (const form of [`+${dialled}`, phone, sent._data.lid].filter(Boolean))
      assert.match((await send(form, `${where}, again`)).id, new RegExp(`^true_${phone}@c.us_`));
    assert.equal(await lookups(dialled), asked);
    const { numberExists, chatId: checked } = await world.gateway.call('GET', `/api/contacts/check-exists?phone=${dialled}`);
    assert.deepEqual({ numberExists, checked }, { numberExists: true, checked: chatId(phone) });
  });
}

test('what a check has named is known to the next text, also after a restart', async () => {
  const [dialled, phone] = [late, lateAccount];
  await world.gateway.call('GET', `/api/contacts/check-exists?phone=${dialled}`);
  await world.gateway.stop();
  await world.gateway.start();
  await world.gateway.working('default');
  const sent = await send(dialled, 'late', { async: true });
  assert.match(sent.id, new RegExp(`^true_${phone}@c.us_`));
  await arrived(phone, 'late');
});

test('one who does not wait is told the dialled number, and the id stays as it is', async () => {
  const [dialled, phone] = [once, onceAccount];
  const key = { 'Idempotency-Key': 'dialled' };
  const sent = await send(chatId(dialled), 'at once', { async: true }, key);
  assert.match(sent.id, new RegExp(`^true_${dialled}@c.us_`));
  await arrived(phone, 'at once');
  await delivered(sent._data.id);
  const events = [...told('at once'), ...acks(sent._data.id)];
  assert.deepEqual([...new Set(events.map(({ payload }) => payload.id))], [sent.id]);
  // The same request, whichever way its recipient is written.
  for (const form of [dialled, phone]) assert.equal((await send(form, 'at once', {}, key)).id, sent.id);
  assert.equal((await world.sandbox.received(phone)).filter(({ text }) => text === 'at once').length, 1);
  assert.match((await send(dialled, 'next')).id, new RegExp(`^true_${phone}@c.us_`));
});

test('a number that is given back as it was is never written otherwise', async () => {
  const sent = await send(plain, 'plain');
  assert.match(sent.id, new RegExp(`^true_${plain}@c.us_`));
  await arrived(plain, 'plain');
});

test('a text to a LID whose number gets known while it is sent has one id', async () => {
  const { lid } = await world.sandbox.call('GET', `/accounts/${hidden}`);
  const sent = await send(lid, 'who are you?');
  await delivered(sent._data.id);
  const events = [...told('who are you?'), ...acks(sent._data.id)];
  assert.deepEqual([...new Set(events.map(({ payload }) => payload.id))], [sent.id]);
});

test('a number that nobody has is refused, under the id that was told', async () => {
  const error = await send('491596000099', 'nobody').then(() => assert.fail('it was sent'), caught => caught);
  assert.equal(error.status, 422);
  await until('its end', () => world.receiver.events('message.ack').some(({ payload }) => payload.id === error.body.id && payload.ack === -1));
  assert.equal(told('nobody')[0].payload.id, error.body.id);
});

test('the service was asked nothing that it would not take', () => assertNoViolations(world.sandbox));
