// The sandbox is honest: unmodified clients link with it and talk through it, with no pigeond in between.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { until } from '../lib/process.mjs';
import { assertInOrder, assertNoViolations, makeSandbox, pnJid } from '../lib/world.mjs';

const alice = '491510000001';
const bob = '491510000002';

for (const [first, second] of [[7, 7], [6, 7], [6, 6]]) {
  test(`Baileys ${first} and Baileys ${second} link by QR and talk through the sandbox`, async t => {
    const sandbox = await makeSandbox(t);
    await sandbox.account(alice, { name: 'Alice' });
    await sandbox.account(bob, { name: 'Bob' });
    const a = await makePeer({ version: first, url: sandbox.url });
    t.after(a.stop);
    await a.link(sandbox, alice);
    const b = await makePeer({ version: second, url: sandbox.url });
    t.after(b.stop);
    await b.link(sandbox, bob);

    // First texts that cross make libsignal-node drop one of the two sessions, and ask again out of order.
    await a.send(pnJid(bob), 'hello');
    await b.untilTexts(1);
    await b.send(pnJid(alice), 'hello yourself');
    await a.untilTexts(1);

    const sent = [];
    for (let i = 0; i < 20; i++) {
      sent.push(await a.send(pnJid(bob), `to bob ${i}`));
      await b.send(pnJid(alice), `to alice ${i}`);
    }
    await b.untilTexts(21);
    await a.untilTexts(21);
    assertInOrder(b.texts.map(text => text.text), 'to bob', 20);
    assertInOrder(a.texts.map(text => text.text), 'to alice', 20);
    await until('delivery receipts', () => sent.every(id => a.statuses[id] >= 3));
    await b.sock.readMessages(b.texts.map(text => text.key));
    await until('read receipts', () => sent.every(id => a.statuses[id] >= 4));

    const phone = (await sandbox.received(bob)).filter(message => !message.from_me);
    assertInOrder(phone.map(message => message.text), 'to bob', 20);
    await assertNoViolations(sandbox);
  });
}

test('Baileys talks with a phone of the sandbox, and reads what came while it was away', async t => {
  const sandbox = await makeSandbox(t);
  await sandbox.account(alice);
  await sandbox.account(bob, { reply: 'echo' });
  const a = await makePeer({ url: sandbox.url });
  t.after(() => a.stop());
  await a.link(sandbox, alice);
  await a.send(pnJid(bob), 'hello');
  await a.untilTexts(1);
  assert.equal(a.texts[0].text, 'echo: hello');

  a.stop();
  // More than come unasked: Baileys asks once, for a hundred.
  for (let i = 0; i < 40; i++) await sandbox.sendAs(bob, alice, `away ${i}`);
  const again = await makePeer({ url: sandbox.url, folder: a.folder });
  t.after(() => again.stop());
  await again.untilTexts(40);
  assertInOrder(again.texts.map(text => text.text), 'away', 40);
  await assertNoViolations(sandbox);
});
