// The command line, as a person meets it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeGateway } from '../lib/gateway.mjs';
import { binary, scratch, start, until } from '../lib/process.mjs';
import { makeSandbox } from '../lib/world.mjs';

const ours = '491580000001';
const commands = ['run', 'pair', 'send', 'sessions', 'sandbox', 'demo', 'version'];

// Runs to its end: {code, out, err}.
async function run(args, { env = {}, within = 60, program = binary } = {}) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const read = async stream => { let text = ''; for await (const part of stream) text += part; return text; };
  const timer = setTimeout(() => child.kill('SIGKILL'), within * 1000);
  const [out, err, [code]] = await Promise.all([read(child.stdout), read(child.stderr), once(child, 'exit')]);
  clearTimeout(timer);
  return { code, out, err };
}

// Nothing of this process comes in between.
const pause = ms => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

const anyPorts = ['--api-port', '0', '--ws-port', '0', '--control-port', '0'];

// Until it says that it is ready; its output goes on being read into `text`.
async function startDemo(args, env = {}) {
  const demo = start(['demo', ...args], env);
  demo.text = '';
  demo.lines.on('line', line => { demo.text += `${line}\n`; });
  await until('the demo', () => {
    if (demo.child.exitCode !== null) throw new Error(`the demo ended: ${demo.log.join('\n')}`);
    return demo.text.includes('Ctrl-C ends it');
  }, 60);
  return demo;
}

test('every command tells its usage, and a wrong word is an error that names it', async () => {
  const all = await run(['help']);
  assert.equal(all.code, 0);
  for (const command of commands) {
    assert.match(all.out, new RegExp(`^  ${command}\\b`, 'm'));
    for (const args of [[command, '--help'], [command, '-h'], ['help', command]]) {
      const told = await run(args);
      assert.equal(told.code, 0, args.join(' '));
      assert.match(told.out, new RegExp(`^pigeond ${command}\\b`));
    }
    const wrong = await run([command, '--wrong']);
    assert.equal(wrong.code, 2, command);
    assert.match(wrong.err, /--wrong/);
  }
  const send = await run(['send']);
  assert.equal(send.code, 2);
  assert.match(send.err, /needs TO and TEXT/);
});

test('without a gateway that ever ran here, the missing key is explained', async () => {
  const env = { PIGEOND_STORE_PATH: join(scratch(), 'pigeond.db') };
  for (const args of [['sessions'], ['pair'], ['send', '1', 'x']]) {
    const { code, err } = await run(args, { env });
    assert.equal(code, 1);
    assert.match(err, /no API key: .*\[api\] key.*api\.key.*first start/);
  }
});

test('sessions has a head, says when there are none, and a wrong key names where it is from', async t => {
  const sandbox = await makeSandbox(t);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  const none = await run(['sessions', '--config', gateway.config]);
  assert.match(none.out, /^SESSION +STATUS +ACCOUNT +CAUSE/);
  assert.match(none.err, /no session yet/);
  const wrong = await run(['sessions', '--config', gateway.config], { env: { PIGEOND_API_KEY: 'another-key' } });
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /does not take the API key of \[api\] key/);
});

test('send names a number that is not on WhatsApp, and gives the hint', async t => {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  await gateway.link(sandbox, 'default', ours);
  const { code, err } = await run(['send', '--config', gateway.config, '491519999999', 'x']);
  assert.equal(code, 1);
  assert.equal(err, 'pigeond: chatId: 491519999999 is not on WhatsApp (check the number)\n');
});

test('pair says why it waits, and so does the QR of the API; then it shows the code and ends with the link', async t => {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  const gateway = await makeGateway({ ...sandbox, rootKey: '00'.repeat(31) + '09' });
  t.after(() => gateway.stop());
  const waiting = start(['pair', '--config', gateway.config]);
  t.after(() => waiting.stop('SIGKILL'));
  await until('the cause', () => waiting.log.some(line => /STARTING \(bad_signature: .*root_key\)/.test(line)));
  const answer = await fetch(`${gateway.base}/api/default/auth/qr`, { headers: { 'x-api-key': 'interop-key' } });
  assert.equal(answer.status, 422);
  const body = await answer.json();
  assert.equal(body.status, 'STARTING');
  assert.match(body.message, /bad_signature: .*root_key/);
  assert.equal(body.reason.name, 'bad_signature');

  const well = await makeGateway(sandbox);
  t.after(() => well.stop());
  const pair = start(['pair', '--config', well.config]);
  let shown = '';
  pair.lines.on('line', line => { shown += `${line}\n`; });
  await until('a code', () => shown.includes('Waiting for the scan'));
  assert.match(shown, /auth\/qr/);
  await sandbox.scan(ours, await well.qr('default'));
  const [code] = await pair.exited;
  assert.equal(code, 0);
  assert.match(shown, new RegExp(`linked as ${ours}@c.us`));
});

const onTerminal = (args, program = [binary]) => ['-c', 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)', ...program, ...args];

test('a terminal is shown words where the journal gets priorities', async t => {
  const taken = createServer();
  await new Promise(resolve => taken.listen(0, '127.0.0.1', resolve));
  t.after(() => taken.close());
  const env = () => ({ PIGEOND_STORE_PATH: join(scratch(), 'p.db'), PIGEOND_API_PORT: `${taken.address().port}` });
  const journal = await run(['run'], { env: env() });
  assert.equal(journal.code, 1);  // another may end: systemd tries again
  assert.match(journal.err, /^<5>API key made file=/m);
  const terminal = await run(onTerminal(['run']), { env: env(), program: 'python3' });
  assert.equal(terminal.code, 1);
  assert.match(terminal.out, /^API key made file=/m);
  assert.doesNotMatch(terminal.out, /<\d>/);
});

test('on a terminal a code is taken away once it is scanned', async t => {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  const pair = spawn('python3', onTerminal(['pair', '--config', gateway.config]), { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => pair.kill('SIGKILL'));
  let shown = '';
  pair.stdout.on('data', part => { shown += part; });
  const exited = once(pair, 'exit');
  await until('a code', () => shown.includes('auth/qr'));
  const drawn = shown.split('\n').filter(line => line.includes('\x1b[40;97m')).length;
  await sandbox.scan(ours, await gateway.qr('default'));
  const [code] = await exited;
  assert.equal(code, 0);
  const [, up] = shown.match(/\x1b\[(\d+)A\r\x1b\[J/);
  assert.equal(Number(up), drawn + 3);
  assert.ok(shown.lastIndexOf('\x1b[J') > shown.lastIndexOf('\x1b[40;97m'));
});

test('a terminal that is too small for a code is told what the code needs', async t => {
  const gateway = await makeGateway(await makeSandbox(t));
  t.after(() => gateway.stop());
  const small = ['sh', '-c', 'stty rows 10 columns 40 && exec "$0" "$@"', binary];
  const pair = spawn('python3', onTerminal(['pair', '--config', gateway.config], small), { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => pair.kill('SIGKILL'));
  let shown = '';
  pair.stdout.on('data', part => { shown += part; });
  await until('a code', () => shown.includes('auth/qr'));
  assert.match(shown, /This terminal is too small for the code, which needs \d+ lines of \d+ columns/);
});

test('the demo takes free ports where its own are taken, and not where it was told one', async t => {
  const first = await startDemo([]);
  t.after(() => first.stop());
  const second = await startDemo([]);
  t.after(() => second.stop());
  const url = demo => demo.text.match(/API +(http\S+)/)[1];
  assert.notEqual(url(first), url(second));
  for (const demo of [first, second]) assert.deepEqual(await (await fetch(`${url(demo)}/ping`)).json(), { message: 'pong' });
  const taken = createServer();
  await new Promise(resolve => taken.listen(0, '127.0.0.1', resolve));
  t.after(() => taken.close());
  const { port } = taken.address();
  for (const option of ['--api-port', '--ws-port', '--control-port']) {
    const { code, err } = await run(['demo', '--once', ...anyPorts, option, `${port}`]);
    assert.equal(code, 1, option);
    assert.match(err, new RegExp(`${port}`));
  }
});

test('the demo needs a directory for temporary files, and leaves nothing in it, however often it is asked to end', async () => {
  const missing = await run(['demo', '--once', ...anyPorts], { env: { TMPDIR: '/nowhere' } });
  assert.equal(missing.code, 1);
  assert.match(missing.err, /^pigeond: no directory for temporary files: \/nowhere: /);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    const folder = scratch();
    const demo = await startDemo(anyPorts, { TMPDIR: folder });
    assert.equal(readdirSync(folder).length, 1);
    demo.child.kill(signal);
    demo.child.kill(signal);
    pause(5);
    demo.child.kill(signal);
    const [code] = await demo.exited;
    assert.equal(code, 0, demo.log.join('\n'));
    assert.deepEqual(readdirSync(folder), []);
    assert.deepEqual(demo.log, []);  // pairing has nothing to warn of
  }
});

test('a gateway that is asked twice at once to end, ends as if asked once', async t => {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  const gateway = await makeGateway(sandbox);
  await gateway.link(sandbox, 'default', ours);
  gateway.process.child.kill('SIGTERM');
  pause(5);
  gateway.process.child.kill('SIGTERM');
  const [code] = await gateway.process.exited;
  assert.equal(code, 0, gateway.process.log.join('\n'));
  assert.ok(existsSync(join(gateway.folder, 'pigeond.db.backup')));
  assert.equal(gateway.process.log.filter(line => /linked session=/.test(line)).length, 1);
});

test('a configuration that is no text is refused in printable words', async () => {
  const { writeFileSync } = await import('node:fs');
  const file = join(scratch(), 'pigeond.ini');
  writeFileSync(file, Buffer.from([0x5b, 0x61, 0x70, 0x69, 0x5d, 0x0a, 0x1b, 0x5b, 0x32, 0x4a, 0xff, 0x3d, 0x31, 0x0a]));
  const { code, err } = await run(['run', '--config', file]);
  assert.equal(code, 2);
  assert.match(err, /^[\x20-\x7e]+\n$/);
  assert.match(err, /\\x1b/);
});
