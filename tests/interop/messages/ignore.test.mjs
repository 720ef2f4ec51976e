// What a session ignores: decrypted, so that Signal's state stays what Baileys thinks, and acknowledged; neither kept nor told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { linkedWorld } from '../lib/linked.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, pnJid } from '../lib/world.mjs';

const ours = '491600000001';
const theirs = '491600000002';

test('a status that is ignored is answered and not told, and the next one is read when it is not', async t => {
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const webhooks = [{ url: receiver.url, events: ['message', 'message.any'] }];
  const { sandbox, gateway, end } = await linkedWorld([ours, theirs], { webhooks, ignore: { status: true } });
  t.after(end);
  const peer = await makePeer({ url: sandbox.url });
  t.after(peer.stop);
  await peer.link(sandbox, theirs);
  const post = text => peer.sock.sendMessage('status@broadcast', { text }, { statusJidList: [pnJid(ours)], broadcast: true });
  const answered = id => until(`an answer to ${id}`, async () => (await sandbox.trace(`?account=${ours}&limit=1000`))
    .find(({ direction, stanza }) => direction === 'in' && /^<receipt /.test(stanza) && stanza.includes(`id="${id}"`)));
  const first = await post('a story');
  assert.doesNotMatch((await answered(first.key.id)).stanza, /retry/);
  await peer.send(pnJid(ours), 'in person');
  await receiver.until('the text', 'message', ({ payload }) => payload.body === 'in person');
  await gateway.call('PUT', '/api/sessions/default', { config: { webhooks, ignore: { groups: true } } });
  const second = await post('another story');
  const told = await receiver.until('the story', 'message', ({ payload }) => payload.body === 'another story');
  assert.equal(told.payload.from, 'status@broadcast');
  assert.equal(told.payload.participant, `${theirs}@c.us`);
  await answered(second.key.id);
  assert.deepEqual(receiver.events('message').map(({ payload }) => payload.body), ['in person', 'another story']);
  assert.equal(receiver.events('message.any').length, 2);
  await assertNoViolations(sandbox);
});
