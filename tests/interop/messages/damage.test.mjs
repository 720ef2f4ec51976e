// A page of the database goes bad: told, and healed from the backup; without one told, with the API up.
import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { key, makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { assertNoViolations, chatId, makeSandbox } from '../lib/world.mjs';

const ours = '491540000001';
const friend = '491540000002';
const page = 1024;

async function linkedAndStopped(t) {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  await sandbox.account(friend);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  await gateway.link(sandbox, 'default', ours);
  for (let i = 0; i < 5; ++i) await gateway.sendText('default', chatId(friend), `before ${i}`);
  await gateway.stop();
  const store = join(gateway.folder, 'pigeond.db');
  assert.ok(statSync(`${store}.backup`).size > 0, 'a clean stop makes a backup');
  const health = async () => {
    const answer = await fetch(`${gateway.base}/health`, { headers: { 'x-api-key': key } });
    return { status: answer.status, body: await answer.json() };
  };
  return { sandbox, gateway, store, health };
}

function zero(file, first, count = 1) {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(page * count), 0, page * count, first * page);
  closeSync(descriptor);
}

const pages = file => Math.floor(statSync(file).size / page);

for (const damaged of ['page 20', 'every third page'])
  test(`${damaged} goes bad after a clean stop: the session works again by itself`, async t => {
    const { sandbox, gateway, store, health } = await linkedAndStopped(t);
    if (damaged === 'page 20') zero(store, 19);
    else for (let i = 1; i < pages(store); i += 3) zero(store, i);
    await gateway.start();
    let tries = 0;
    await until('a session that sends', async () => {
      try {
        await gateway.sendText('default', chatId(friend), `after ${++tries}`);
        return true;
      } catch (error) {
        assert.ok(error.status === 503 || error.status === 422, error.message);
        return false;
      }
    }, 60);
    const now = await health();
    assert.equal(now.status, 200, JSON.stringify(now.body));
    assert.equal(await gateway.status('default'), 'WORKING');
    const texts = (await sandbox.received(friend)).map(({ text }) => text);
    assert.equal(texts.filter(text => text === `after ${tries}`).length, 1);
    assert.equal(new Set(texts).size, texts.length, texts.join(', '));
    if (now.body.info.storage.restored)
      assert.ok(readdirSync(gateway.folder).some(name => name.includes('.damaged-')), 'the damaged file is kept');
    await assertNoViolations(sandbox);
  });

test('without a backup the API is up and says what is wrong', async t => {
  const { gateway, store, health } = await linkedAndStopped(t);
  rmSync(`${store}.backup`);
  zero(store, 1, pages(store) - 1);
  await gateway.start();
  await until('the cause', async () => (await health()).status === 503);
  const told = (await health()).body;
  assert.equal(told.error.storage.status, 'down');
  assert.equal(told.error.storage.damaged, true);
  assert.match(told.error.storage.cause.detail ?? JSON.stringify(told.error.storage.cause), /backup/);
  assert.ok(told.error.storage.since > 0);
  // That the session is not there nobody can know: no caller is to give it up.
  for (const ask of [() => gateway.session('default'), () => gateway.sendText('default', chatId(friend), 'x'),
    () => gateway.call('GET', '/api/default/outbox'), () => gateway.call('POST', '/api/sessions/default/start')]) {
    const error = await ask().then(() => assert.fail('answered'), refused => refused);
    assert.equal(error.status, 503, error.message);
    assert.match(JSON.stringify(error.body), /storage/);
  }
  assert.equal(gateway.process.child.exitCode, null);
});
