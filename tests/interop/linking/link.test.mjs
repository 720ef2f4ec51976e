// The end of a link, and what follows it by itself.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { assertNoViolations, chatId, makeSandbox } from '../lib/world.mjs';

const ours = '491570000001';
const theirs = '491570000002';

// A box that was cloned, and runs twice.
test('a session whose place another program takes gives way, says until when, and takes it back when told to', async t => {
  const sandbox = await makeSandbox(t);
  for (const phone of [ours, theirs]) await sandbox.account(phone);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  await gateway.link(sandbox, 'default', ours);
  await gateway.stop();
  const twin = await makeGateway(sandbox);
  t.after(() => twin.stop());
  await twin.stop();
  cpSync(join(gateway.folder, 'pigeond.db'), join(twin.folder, 'pigeond.db'));
  await gateway.start();
  await gateway.working('default');
  await twin.start();
  await twin.working('default');
  const displaced = await until('the first to give way', async () => {
    const session = await gateway.session('default');
    return session.status === 'FAILED' && session;
  });
  assert.equal(displaced.cause.name, 'replaced');
  assert.match(displaced.cause.detail, /tried again in \d+ minutes/);
  assert.equal(displaced.next.step, 'connect');
  const minutes = (displaced.next.at - Date.now()) / 60_000;
  assert.ok(minutes > 7 && minutes < 12, `${minutes} minutes`);
  assert.equal(await twin.status('default'), 'WORKING');  // nobody takes turns

  await twin.stop();
  await gateway.call('POST', '/api/sessions/default/start');
  await gateway.working('default');
  await gateway.sendText('default', chatId(theirs), 'back');
  await assertNoViolations(sandbox);
});

test('a link that is dropped again and again comes back later and later, and nothing is lost', async t => {
  const sandbox = await makeSandbox(t);
  for (const phone of [ours, theirs]) await sandbox.account(phone);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  await gateway.link(sandbox, 'default', ours);
  const delays = () => gateway.process.log.flatMap(line => /reconnecting .*delay_ms=(\d+) cause=link_lost/.exec(line)?.[1] ?? []).map(Number).filter(delay => delay > 0);
  const logins = () => gateway.process.log.filter(line => /session online /.test(line)).length;
  for (let i = 0; i < 4; i++) {
    await until('the next login', () => logins() > i);
    await sandbox.disconnect(ours);
    await until('the drop to be seen', () => delays().length > i);
  }
  assert.ok(delays()[3] >= 2700, `${delays()}`);
  await gateway.sendText('default', chatId(theirs), 'through');
  assert.ok((await sandbox.received(theirs)).some(message => message.text === 'through'));
});
