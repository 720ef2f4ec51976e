// README's own commands, run in order as a reader would: in bash, against the demo that he has started before.
//
// A block is marked in its first line: ```bash tour in the reader's shell, one after the other; ```bash receiver in a
// further terminal; ```bash sandbox in one without the demo. What a command answers stands behind it:
//   command   # 201, "ack":1, "id":"true_; words
// a status of HTTP, then fragments of the output.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { freePort } from '../lib/port.mjs';
import { binary, scratch, start, until } from '../lib/process.mjs';

const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8');
const blocks = kind => [...readme.matchAll(new RegExp('^```bash ' + kind + '\\n(.*?)^```$', 'gms'))].map(found => found[1]);

// Lines belong to one command until bash takes them as complete.
function commandsOf(block) {
  const commands = [];
  let pending = '';
  for (const line of block.split('\n')) {
    if (!pending && (!line.trim() || line.startsWith('#'))) continue;
    pending += pending ? `\n${line}` : line;
    const { status, stderr } = spawnSync('bash', ['-n', '-c', pending], { encoding: 'utf8' });
    if (status !== 0 || stderr) continue;
    const expectation = line.match(/\s{2,}# (.*)$/)?.[1].split('; ')[0] ?? '';
    const [first, ...others] = expectation.split(', ');
    const status_ = /^\d{3}$/.test(first) ? first : undefined;
    const fragments = status_ ? others : /^["[]/.test(first) ? [first, ...others] : [];
    commands.push({ text: pending, status: status_, fragments });
    pending = '';
  }
  assert.equal(pending, '', 'a command of README has no end');
  return commands;
}

// A folder whose `pigeond` is the program under test.
function place() {
  const folder = scratch();
  mkdirSync(join(folder, 'bin'));
  symlinkSync(binary, join(folder, 'bin/pigeond'));
  return { cwd: folder, env: { PATH: `${folder}/bin:${process.env.PATH}`, HOME: folder, PIGEOND_API_PORT: process.env.PIGEOND_API_PORT ?? '' } };
}

// An interactive bash, as far as that matters: commands go in one after the other.
function shell(t) {
  const { cwd, env } = place();
  delete env.PIGEOND_API_PORT;
  const child = spawn('setsid', ['bash', '--noprofile', '--norc'], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  t.after(() => { try { process.kill(-child.pid, 'SIGTERM'); } catch { /* it has ended */ } });
  let output = '', errors = '';
  child.stdout.on('data', part => { output += part; });
  child.stderr.on('data', part => { errors += part; });
  // The status of each answer goes another way than the answer.
  child.stdin.write('curl() { command curl -w \'%{stderr}@http %{http_code}@\\n\' "$@"; }\n');
  let count = 0;
  return {
    child,
    output: () => output,
    async run(text) {
      output = errors = '';
      const end = `@end ${++count} `;
      child.stdin.write(`${text}\nprintf '\\n${end}%s@\\n' "$?"; printf '${end}\\n' >&2\n`);
      await until(`the end of: ${text}\n${output}${errors}`, () => output.includes(end) && errors.includes(end), 60);
      const code = Number(output.split(end)[1].split('@')[0]);
      return { code, output: output.split(`\n${end}`)[0], errors, http: [...errors.matchAll(/@http (\d+)@/g)].map(found => found[1]) };
    },
  };
}

async function follow(terminal, block, replace = text => text) {
  for (const { text, status, fragments } of commandsOf(block)) {
    const told = await terminal.run(replace(text));
    const shown = `${text}\n${told.output}\n${told.errors}`;
    assert.equal(told.code, 0, shown);
    if (status) assert.deepEqual(told.http, [status], shown);
    else assert.ok(told.http.every(code => code < 400), shown);
    for (const fragment of fragments) assert.ok(told.output.includes(replace(fragment)), `${fragment}\nis not in the answer to\n${shown}`);
  }
}

test("README's tour does what it says, from the demo's output on", async t => {
  const demo = start(['demo', '--api-port', '0', '--ws-port', '0', '--control-port', '0']);
  t.after(() => demo.stop());
  let variables;
  demo.lines.on('line', line => { if (/^ +U=/.test(line)) variables = line; });
  await until('the variables', () => variables, 60);
  const terminal = shell(t);
  await terminal.run(variables);

  // The receiver's port is one that is free here.
  const port = `${await freePort()}`;
  const replace = text => text.replaceAll('127.0.0.1:8000', `127.0.0.1:${port}`).replaceAll("('127.0.0.1', 8000)", `('127.0.0.1', ${port})`);
  const [program, ...more] = blocks('receiver');
  assert.deepEqual(more, []);
  assert.notEqual(replace(program), program);
  const receiver = spawn('bash', ['-c', `exec ${replace(program).trimStart()}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => receiver.kill('SIGKILL'));
  const events = [];
  createInterface({ input: receiver.stdout }).on('line', line => events.push(JSON.parse(line)));
  await until('the receiver', () => fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}' }).then(r => r.ok, () => false));

  const tour = blocks('tour');
  assert.ok(tour.length >= 6);
  for (const block of tour) await follow(terminal, block, replace);

  // What the text around the blocks promises of the receiver.
  await until('the answer of the contact', () => events.some(({ event, payload }) => event === 'message' && payload.body === 'echo: Who is there?'));
  const acks = level => events.filter(({ event, payload }) => event === 'message.ack' && payload.ackName === level).map(({ payload }) => payload.id);
  await until('the acknowledgements of one text', () => acks('SERVER').some(id => acks('DEVICE').includes(id) && acks('READ').includes(id)));
  assert.ok(events.some(({ event }) => event === 'session.status'));
  await until('a replay', () => new Set(events.map(event => event.id)).size < events.length);
});

test("README's sandbox and the gateway that is pointed at it", async t => {
  const ports = { 3000: `${await freePort()}`, 4080: `${await freePort()}`, 4081: `${await freePort()}` };
  const terminal = shell(t);
  await terminal.run(`export PIGEOND_API_PORT=${ports[3000]}`);
  // The ports of the text may be in use here.
  const replace = text => text
    .replace('pigeond sandbox ', `pigeond sandbox --ws-port ${ports[4080]} --control-port ${ports[4081]} `)
    .replaceAll('127.0.0.1:4080', `127.0.0.1:${ports[4080]}`);
  for (const block of blocks('sandbox')) await follow(terminal, block, replace);
  const told = await terminal.run('curl -s http://127.0.0.1:' + ports[3000] + '/ping');
  assert.deepEqual(told.http, ['200']);
  // The key of the text is the one that its gateway takes: a session comes as far as its code.
  await terminal.run(`KEY=$(cat try/api.key)`);
  await terminal.run(`curl -s http://127.0.0.1:${ports[3000]}/api/sessions -H "X-Api-Key: $KEY" -d '{"name":"default"}'`);
  const qr = await terminal.run(`curl -s "http://127.0.0.1:${ports[3000]}/api/default/auth/qr?format=raw" -H "X-Api-Key: $KEY"`);
  assert.deepEqual(qr.http, ['200'], qr.output);
});

test('what README says of commands and files is there', () => {
  const told = execFileSync(binary, ['help'], { encoding: 'utf8' });
  for (const [, command] of readme.matchAll(/`pigeond ([a-z]+)/g)) assert.match(told, new RegExp(`^  ${command}\\b`, 'm'));
  const dev = readFileSync(join(import.meta.dirname, '../../../dev'), 'utf8');
  for (const [, command] of readme.matchAll(/\.\/dev ([a-z]+)/g)) assert.match(dev, new RegExp(`^\\./dev ${command}\\b`, 'm'));
  for (const [, file] of readme.matchAll(/\]\(([a-z][\w./-]*)\)/g)) readFileSync(join(import.meta.dirname, '../../..', file));
  for (const [, file] of readme.matchAll(/`(src\/[\w./]+\.(?:cc|h))`/g)) readFileSync(join(import.meta.dirname, '../../..', file));
});
