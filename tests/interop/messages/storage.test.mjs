// A disk that takes no more: sends are refused with the reason, nothing is half done, and all goes on by itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { key, makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { assertNoViolations, chatId, makeSandbox } from '../lib/world.mjs';

const ours = '491540000001';
const friend = '491540000002';

// No file of the process may grow beyond `bytes`; what SQLite then sees is what a full disk shows it.
const limitFiles = (gateway, bytes) =>
  execFileSync('prlimit', ['--pid', String(gateway.process.child.pid), `--fsize=${bytes}:unlimited`]);

test('while nothing can be stored sends are refused with the cause, and go on once it can', async t => {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  await sandbox.account(friend);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  await gateway.link(sandbox, 'default', ours);
  const health = async () => {
    const answer = await fetch(`${gateway.base}/health`, { headers: { 'x-api-key': key } });
    return { status: answer.status, body: await answer.json() };
  };
  const before = await health();
  assert.equal(before.status, 200, JSON.stringify(before.body));
  assert.equal(before.body.info.storage.status, 'up');
  await gateway.sendText('default', chatId(friend), 'before');

  limitFiles(gateway, 1);
  for (const text of ['lost 0', 'lost 1']) {
    await assert.rejects(gateway.sendText('default', chatId(friend), text), error => {
      assert.equal(error.status, 503, error.message);
      assert.match(error.message, /storage|database|disk/);
      return true;
    });
  }
  const during = await health();
  assert.equal(during.status, 503);
  assert.equal(during.body.error.storage.status, 'down');
  assert.equal(during.body.error.storage.cause.name, 'storage');
  assert.ok(during.body.error.storage.since > 0);
  assert.equal(gateway.process.child.exitCode, null);

  limitFiles(gateway, 'unlimited');
  await until('the storage to be up again', async () => (await health()).status === 200);
  await gateway.working('default');
  await gateway.sendText('default', chatId(friend), 'after');
  assert.deepEqual((await sandbox.received(friend)).map(({ text }) => text), ['before', 'after']);
  await assertNoViolations(sandbox);
});
