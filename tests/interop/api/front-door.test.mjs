// What somebody without a key can do to the API: nothing.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { key, makeGateway } from '../lib/gateway.mjs';
import { binary, scratch, start, until } from '../lib/process.mjs';

const unlinked = { url: 'ws://127.0.0.1:1/', rootKey: '' };

async function makeUnlinked(t, more = {}) {
  const gateway = await makeGateway({ ...unlinked, ...more });
  t.after(() => gateway.stop());
  return gateway;
}

// All bytes that come back until the connection ends, or until `enough` matches them.
function raw(gateway, bytes, enough = /$^/) {
  return new Promise((resolve, reject) => {
    let seen = '';
    const socket = connect(Number(new URL(gateway.base).port), '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('latin1');
    socket.on('data', data => { seen += data; if (enough.test(seen)) { socket.destroy(); resolve(seen); } });
    socket.on('error', reject);
    socket.on('close', () => resolve(seen));
  });
}

const form = name => {
  const body = `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\nhi\r\n--B--\r\n`;
  return `POST /ping HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
};

test('a form is not parsed, however long its names are', async t => {
  const gateway = await makeUnlinked(t);
  for (const length of [1, 1000, 100_000])
    assert.match(await raw(gateway, form('x'.repeat(length)), /\r\n\r\n/), /^HTTP\/1\.1 4\d\d /, `${length} characters`);
  assert.equal((await fetch(`${gateway.base}/ping`)).status, 200);
});

test('where there is no thread to be had, requests wait or are put off, and once there is one they are answered', { timeout: 60_000 }, async t => {
  const gateway = await makeUnlinked(t);
  const { pid } = gateway.process.child;
  const callers = call => Promise.all(Array.from({ length: 8 }, call));
  const ping = () => fetch(`${gateway.base}/ping`).then(answer => answer.status);  // the loop itself answers
  const work = () => fetch(`${gateway.base}/api/version`, { headers: { 'x-api-key': key } });  // a thread does
  await callers(ping);  // what their connections need is there then
  const size = Number(/VmSize:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
  const limitMemory = most => execFileSync('prlimit', ['--pid', String(pid), `--as=${most}:unlimited`]);
  limitMemory(size + 128 * 1024);  // half of a thread's stack
  for (const answer of await callers(work)) {
    assert.ok([200, 503].includes(answer.status), String(answer.status));  // a thread that ended may have left its stack
    if (answer.status === 503) assert.ok(Number(answer.headers.get('retry-after')) > 0, await answer.text());
  }
  assert.deepEqual(await callers(ping), Array(8).fill(200));
  limitMemory('unlimited');
  for (const answer of await callers(work)) assert.equal(answer.status, 200);
  assert.equal(gateway.process.child.exitCode, null);
});

// What systemd would be told; Node knows no datagrams over unix sockets.
const manager = `
import socket, sys
heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
heard.bind(sys.argv[1])
print('here', flush=True)
while True: print(heard.recv(4096).decode(), flush=True)
`;

async function startManager(t) {
  const socket = join(scratch(), 'notify');
  const child = spawn('python3', ['-c', manager, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  const told = [];
  createInterface({ input: child.stdout }).on('line', line => told.push(line));
  await until('the manager', () => told.includes('here'));
  return { socket, told };
}

// More connections of one address than it may have, each of which begins a head and never ends it. Whoever is turned
// away comes again.
function besiege(t, gateway, many) {
  let strangers = [];
  const come = () => {
    strangers = strangers.filter(socket => !socket.destroyed);
    while (strangers.length < many) {
      const socket = connect({ port: Number(new URL(gateway.base).port), host: '127.0.0.1', localAddress: '127.0.0.2' });
      socket.on('error', () => {}).on('data', () => {}).write('GET /ping HT');
      strangers.push(socket);
    }
  };
  const again = setInterval(come, 200);
  t.after(() => { clearInterval(again); strangers.forEach(socket => socket.destroy()); });
  come();
}

test('beside strangers who hold all places of their address the watchdog is served, and SIGTERM ends the process', async t => {
  const { socket, told } = await startManager(t);
  const gateway = await makeUnlinked(t, { env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '400000' } });
  besiege(t, gateway, 1100);
  await until('strangers to be turned away', async () => (await gateway.call('GET', '/health')).details.api.refusedConnections > 0);
  const beats = () => told.filter(line => line === 'WATCHDOG=1').length;
  const before = beats();
  await until('five more signs of life', () => beats() >= before + 5);
  assert.deepEqual(await gateway.stop(), [0, null], gateway.process.log.join('\n'));
  assert.match(gateway.process.log.at(-1), /stopped$/);
});

test('of few descriptors half are left to what is no connection of a caller', async t => {
  const program = join(scratch(), 'few');
  writeFileSync(program, `#!/bin/bash\nulimit -n 64\nexec ${binary} "$@"\n`, { mode: 0o755 });
  const gateway = await makeUnlinked(t, { program });
  besiege(t, gateway, 20);  // of one address half of that half
  const door = async () => (await gateway.call('GET', '/health')).details.api;
  await until('strangers to be turned away', async () => (await door()).refusedConnections > 0);
  assert.ok((await door()).connections <= 32);
});

test('without descriptors the log says so, and who waits is served once there are some', { timeout: 60_000 }, async t => {
  const gateway = await makeUnlinked(t);
  const { pid } = gateway.process.child;
  const [, before] = /Max open files +(\d+)/.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'));
  const limitFiles = most => execFileSync('prlimit', ['--pid', String(pid), `--nofile=${most}:`]);
  limitFiles(3);
  const waits = raw(gateway, 'GET /ping HTTP/1.1\r\nHost: x\r\n\r\n', /pong/);
  await until('a line in the log', () => gateway.process.log.some(line => /accept address=\S+ error="Too many open files"/.test(line)));
  limitFiles(before);
  assert.match(await waits, /^HTTP\/1\.1 200 /);
});

test('a second gateway on the same port says so, and leaves the first one its requests', { timeout: 60_000 }, async t => {
  const gateway = await makeUnlinked(t);
  const folder = scratch();
  const config = join(folder, 'pigeond.ini');
  const port = new URL(gateway.base).port;
  writeFileSync(config, `[api]\nport = ${port}\nkey = another-key\n[store]\npath = ${join(folder, 'pigeond.db')}\n`);
  const second = start(['run', '--config', config]);
  t.after(() => second.stop());
  const [code] = await second.exited;
  assert.notEqual(code, 0);
  assert.match(second.log.join('\n'), new RegExp(`127\\.0\\.0\\.1:${port}`));
  for (let i = 0; i < 12; i++) await gateway.call('GET', '/api/sessions');
});
