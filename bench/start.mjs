// How a process starts that has many linked sessions: exec to the first answer, to all of them being online, and what it
// holds then. All sessions are linked with the sandbox once; each start is of the same database.
//
//   node bench/start.mjs [--sessions=500] [--starts=9] [--idle=15] [--beside=PATH] [--judge]
//
// PIGEOND names the binary; another's figures come beside its own, in turn with it: each has a database that it made itself.
// A database of nothing is measured as well: what a start costs is to be the same with any number of sessions.
//
// Who asks is a loop of connects in this process, a request a connection: what it measures is late by half a millisecond.
//
// --judge: exit 1 if the first answer took more than 20 ms.
import { connect } from 'node:net';
import { key, makeGateway } from '../tests/interop/lib/gateway.mjs';
import { binary, start, until } from '../tests/interop/lib/process.mjs';
import { startSandbox } from '../tests/interop/lib/sandbox.mjs';
import { aim } from './judge.mjs';
import { cpuSeconds, median, residentKiB, sleep } from './measure.mjs';

const text = (name, fallback) => process.argv.find(arg => arg.startsWith(`--${name}=`))?.split('=')[1] ?? fallback;
const sessions = Number(text('sessions', 500));
const starts = Number(text('starts', 9));
const idleSeconds = Number(text('idle', 15));
const beside = text('beside', '');

const progress = words => console.error(`${new Date().toISOString().slice(11, 19)} ${words}`);

// The status of an answer, or 0 where nobody listens.
const ask = (port, path) => new Promise(resolve => {
  const socket = connect(port, '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${key}\r\nConnection: close\r\n\r\n`));
  let seen = '';
  socket.setNoDelay(true).setEncoding('latin1');
  socket.on('error', () => resolve(0)).on('data', data => { seen += data; }).on('close', () => resolve(Number(seen.slice(9, 12))));
});

async function firstAnswer(port, path, began) {
  while ((await ask(port, path)) !== 200);
  return performance.now() - began;
}

// One start of a gateway that is down: ms until each path is answered, and until `online` sessions are.
async function timedStart(gateway, program, online) {
  const port = Number(new URL(gateway.base).port);
  const began = performance.now();
  gateway.process = start(['run', '--config', gateway.config], {}, program);
  const ping = await firstAnswer(port, '/ping', began);
  const one = await firstAnswer(port, online ? '/api/sessions/s0' : '/api/version', began);
  const list = await firstAnswer(port, '/api/sessions', began);
  await until('online', () => gateway.process.log.filter(line => /session online /.test(line)).length >= online, 300);
  return { ping, one, list, online: performance.now() - began, cpu: cpuSeconds(gateway.process.child.pid) };
}

const sandbox = await startSandbox();
const sides = [];
for (const [i, program] of [binary, ...(beside ? [beside] : [])].entries()) {
  const empty = await makeGateway({ url: sandbox.ws, rootKey: sandbox.rootKey, program });
  await empty.stop();
  const full = await makeGateway({ url: sandbox.ws, rootKey: sandbox.rootKey, program });
  progress(`${program}: ${sessions} sessions are linked`);
  const phones = Array.from({ length: sessions }, (_, n) => [`s${n}`, `4916${i + 1}0${String(n).padStart(5, '0')}`]);
  await Promise.all([1, 2, 3, 4].map(async () => {
    for (let next = phones.shift(); next; next = phones.shift()) {
      await sandbox.account(next[1]);
      await full.link(sandbox, next[0], next[1]);
    }
  }));
  await full.stop();
  sides.push({ program, empty, full, none: [], many: [] });
}
for (let i = 0; i < starts; i++) {
  progress(`start ${i + 1}`);
  for (const side of sides) {
    side.none.push(await timedStart(side.empty, side.program, 0));
    await side.empty.stop();
    side.many.push(await timedStart(side.full, side.program, sessions));
    if (i === starts - 1) {
      await sleep(idleSeconds * 1000);
      side.resident = residentKiB(side.full.process.child.pid) / 1024;
    }
    await side.full.stop();
  }
}

const of = (list, what) => median(list.map(one => one[what]));
const rows = [
  ['exec to the first GET /ping, no session (ms, median)', side => of(side.none, 'ping')],
  [`the same, ${sessions} linked sessions`, side => of(side.many, 'ping')],
  ['the longest of them', side => Math.max(...side.many.map(one => one.ping))],
  ['exec to the first look at one session', side => of(side.many, 'one')],
  ['exec to the first list of all', side => of(side.many, 'list')],
  ['exec to all of them online', side => of(side.many, 'online')],
  ['CPU until then (s)', side => of(side.many, 'cpu')],
  [`resident ${idleSeconds} s later (MiB)`, side => side.resident],
];
console.log(`| ${sessions} sessions, ${starts} starts | ${sides.map((side, i) => (i ? side.program : 'pigeond')).join(' | ')} |\n|---|${'---:|'.repeat(sides.length)}`);
for (const [name, get] of rows) console.log(`| ${name} | ${sides.map(side => get(side).toPrecision(4)).join(' | ')} |`);
aim(`ms from exec to the first answer, ${sessions} sessions`, of(sides[0].many, 'ping'), { most: 20 });
await sandbox.stop();
process.exit();
