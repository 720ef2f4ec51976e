// What the front door costs and bears: idle connections, slow clients, bodies of strangers, and the time and CPU of
// a request. PIGEOND names the binary; a second one can be measured beside it: --beside=PATH. With --judge it ends with 1 where
// idle connections, bodies or slow clients cost more than they may.
import { connect } from 'node:net';
import { spawnSync } from 'node:child_process';
import { aim } from './judge.mjs';
import { cpuSeconds, percentile, residentKiB, sleep } from './measure.mjs';

const text = (name, fallback) => process.argv.find(arg => arg.startsWith(`--${name}=`))?.split('=')[1] ?? fallback;
const option = (name, fallback) => Number(text(name, fallback));
const idleCount = option('idle', 1000);
const slowCount = option('slow', 500);
const slowSeconds = option('seconds', 60);
const requests = option('requests', 4000);
const callers = text('callers', '1,8,64').split(',').map(Number);

// Each binary in a process of its own, as its path is an environment variable; with descriptors enough for both ends.
const beside = text('beside', '');
if (beside || !process.env.FRONT_CHILD) {
  for (const binary of [process.env.PIGEOND, ...(beside ? [beside] : [])]) {
    console.log(`# ${binary ?? 'build/pigeond'}`);
    const args = process.argv.slice(2).filter(arg => !arg.startsWith('--beside='));
    const command = 'ulimit -n 8192 && exec "$0" "$@"';
    const child = spawnSync('bash', ['-c', command, process.execPath, import.meta.filename, ...args], {
      stdio: 'inherit', env: { ...process.env, FRONT_CHILD: '1', ...(binary ? { PIGEOND: binary } : {}) },
    });
    if (child.status !== 0) process.exit(child.status ?? 1);
  }
  process.exit(0);
}

const { key, makeGateway } = await import('../tests/interop/lib/gateway.mjs');
const gateway = await makeGateway({ url: 'ws://127.0.0.1:1/', rootKey: '' });
const { pid } = gateway.process.child;
const port = Number(new URL(gateway.base).port);
const row = (name, value) => console.log(`| ${name} | ${value} |`);

function open() {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
    socket.setNoDelay(true);
  });
}

// One keep-alive connection with one request at a time, in as little JavaScript as possible.
async function makeCaller(request) {
  const socket = await open();
  let seen = '', wanted = null;
  socket.setEncoding('latin1');
  const fail = () => { wanted?.reject(new Error('the connection ended')); wanted = null; };
  socket.on('error', fail);
  socket.on('close', fail);
  socket.on('data', data => {
    seen += data;
    const head = seen.indexOf('\r\n\r\n');
    if (head < 0 || !wanted) return;
    const length = Number(/content-length: (\d+)/i.exec(seen.slice(0, head))?.[1] ?? 0);
    if (seen.length < head + 4 + length) return;
    const { resolve } = wanted;
    wanted = null;
    const status = Number(seen.slice(9, 12));
    seen = '';
    resolve(status);
  });
  return {
    ask: () => new Promise((resolve, reject) => { wanted = { resolve, reject }; socket.write(request); }),
    end: () => socket.destroy(),
  };
}

const ping = 'GET /ping HTTP/1.1\r\nHost: x\r\n\r\n';
const version = `GET /api/version HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${key}\r\n\r\n`;

async function measure(request, count, concurrency) {
  const all = await Promise.all(Array.from({ length: concurrency }, () => makeCaller(request)));
  const took = [];
  let next = 0;
  const cpu = cpuSeconds(pid), began = performance.now();
  await Promise.all(all.map(async caller => {
    while (next++ < count) {
      const start = performance.now();
      const status = await caller.ask();
      if (status !== 200) throw new Error(`status ${status}`);
      took.push(performance.now() - start);
    }
  }));
  const seconds = (performance.now() - began) / 1000;
  all.forEach(caller => caller.end());
  return { p50: percentile(took, 0.5), p99: percentile(took, 0.99), rate: took.length / seconds, cpu: (cpuSeconds(pid) - cpu) / took.length };
}

const show = m => `p50 ${m.p50.toFixed(3)} ms, p99 ${m.p99.toFixed(3)} ms, ${m.rate.toFixed(0)} a second, ${(m.cpu * 1e6).toFixed(0)} us CPU`;

await measure(ping, 500, 8);
for (const [name, request] of [['/ping', ping], ['a worker (/api/version)', version]])
  for (const concurrency of callers) row(`${name}, ${concurrency} callers`, show(await measure(request, requests, concurrency)));
if (process.argv.includes('--requests-only')) { await gateway.stop(); process.exit(0); }

await sleep(12_000);  // until idle threads have gone
const quiet = await measure(ping, 500, 1);
let before = residentKiB(pid);
const idle = await Promise.all(Array.from({ length: idleCount }, open));
await sleep(1000);
const idleMiB = (residentKiB(pid) - before) / 1024;
row(`${idleCount} idle connections, resident`, `${idleMiB.toFixed(2)} MiB more`);
aim(`MiB for ${idleCount} idle connections`, idleMiB, { most: 4 * idleCount / 1000 });
row('/ping beside them (before)', `${show(await measure(ping, 500, 1))} (${quiet.p50.toFixed(3)})`);
idle.forEach(socket => socket.destroy());
await sleep(500);

before = residentKiB(pid);
const head = `POST /api/sendText HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n`;
const body = Buffer.alloc(900_000, 'x');
let peak = 0;
const watch = setInterval(() => { peak = Math.max(peak, residentKiB(pid) - before); }, 5);
const statuses = await Promise.all(Array.from({ length: 140 }, async () => {
  const socket = await open();
  return new Promise(resolve => {
    socket.on('error', () => resolve('cut'));
    socket.on('data', data => resolve(data.toString('latin1').slice(9, 12)));
    socket.on('close', () => resolve('closed'));
    socket.write(head);
    socket.write(body);
  });
}));
clearInterval(watch);
row('140 bodies of 900 KB without a key, resident', `${(peak / 1024).toFixed(2)} MiB more at the most; 401 to ${statuses.filter(s => s === '401').length}`);
aim('MiB for 140 bodies without a key', peak / 1024, { most: 2 });

let slow = [];
const drip = setInterval(() => {
  slow = slow.filter(socket => !socket.destroyed);
  for (const socket of slow) socket.write('a');
  while (slow.length < slowCount) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('data', () => {});
    socket.write(slow.length % 2 ? 'GET /ping HT' : `POST /ping HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n`);
    slow.push(socket);
  }
}, 1000);
await sleep(2000);
const took = [];
let errors = 0;
const end = performance.now() + slowSeconds * 1000;
const steady = await makeCaller(version);
while (performance.now() < end) {
  const start = performance.now();
  const status = await steady.ask().catch(() => 0);
  if (status === 0) break;
  if (status !== 200) ++errors;
  took.push(performance.now() - start);
  await sleep(20);
}
clearInterval(drip);
row(`a steady caller beside ${slowCount} slow ones for ${slowSeconds} s`,
  `p50 ${percentile(took, 0.5).toFixed(3)} ms, p99 ${percentile(took, 0.99).toFixed(3)} ms, ${took.length} answers, ${errors} errors`);
aim(`errors beside ${slowCount} slow ones`, errors, { most: 0 });
await gateway.stop();
process.exit();
