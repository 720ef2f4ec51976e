// Who only looks does not wait for the gateway's loop; and still sees, with the very next look, whatever he was answered.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { key } from '../lib/gateway.mjs';
import { linkedWorld } from '../lib/linked.mjs';
import { chatId } from '../lib/world.mjs';

const ours = '491540000001', friend = '491540000002', rounds = 30;
let world, gateway;

before(async () => {
  world = await linkedWorld([ours, [friend, { reply: 'echo' }]], { pacing: 'off' });
  gateway = world.gateway;
});
after(() => world.end());

const names = async () => (await gateway.call('GET', '/api/sessions')).map(session => session.name);
const one = name => gateway.call('GET', `/api/sessions/${name}`);
const gone = name => fetch(`${gateway.base}/api/sessions/${name}`, { headers: { 'x-api-key': key } }).then(r => r.status);

// Beside texts, so that commits are under way whenever somebody looks.
async function beside(texts, work) {
  let over = false;
  const sending = (async () => {
    for (let i = 0; !over; i++) await gateway.sendText('default', chatId(friend), `${texts} ${i}`);
  })();
  try { await work(); } finally { over = true; await sending; }
}

test('a session that was created, configured, started, stopped or deleted is so for the next who looks', async () => {
  await beside('sessions', async () => {
    for (let i = 0; i < rounds; i++) {
      const name = `s${i}`, path = `/api/sessions/${name}`;
      await gateway.call('POST', '/api/sessions', { name, start: false });
      assert.ok((await names()).includes(name), 'created');
      await gateway.call('PUT', path, { config: { metadata: { round: `${i}` } } });
      assert.equal((await one(name)).config.metadata.round, `${i}`);
      await gateway.call('POST', `${path}/start`);
      assert.notEqual((await one(name)).status, 'STOPPED');
      await gateway.call('POST', `${path}/stop`);
      assert.equal((await one(name)).status, 'STOPPED');
      await gateway.call('DELETE', path);
      assert.ok(!(await names()).includes(name), 'deleted');
      assert.equal(await gone(name), 404);
    }
  });
});

test('a message that was accepted, or taken back, is in the outbox, or is not, for the next who looks', async () => {
  await gateway.call('POST', '/api/sessions/default/stop');
  const outbox = async () => (await gateway.call('GET', '/api/default/outbox')).map(message => message.id);
  for (let i = 0; i < rounds; i++) {
    const { id } = await gateway.call('POST', '/api/sendText', { session: 'default', chatId: chatId(friend), text: `${i}`, queue: true });
    assert.deepEqual(await outbox(), [id]);
    await gateway.call('DELETE', `/api/default/outbox/${encodeURIComponent(id)}`);
    assert.deepEqual(await outbox(), []);
  }
  await gateway.call('POST', '/api/sessions/default/start');
  await gateway.working('default');
});
