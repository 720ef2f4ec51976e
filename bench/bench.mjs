// Memory, start, throughput and CPU of pigeond beside Baileys 7, on one sandbox, in one run; or beside another pigeond:
// --beside=PATH.
import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import { join } from 'node:path';
import { makeGateway } from '../tests/interop/lib/gateway.mjs';
import { scratch, until } from '../tests/interop/lib/process.mjs';
import { startSandbox } from '../tests/interop/lib/sandbox.mjs';
import { bytesWritten, cpuSeconds, median, percentile, residentKiB, sleep, wakeUps } from './measure.mjs';

const option = (name, fallback) => Number(process.argv.find(arg => arg.startsWith(`--${name}=`))?.split('=')[1] ?? fallback);
const texts = option('texts', 1000);
const sessions = option('sessions', 100);
const idleSeconds = option('idle', 15);  // longer than an HTTP thread lingers
const quietSeconds = option('quiet', 120);
const starts = option('starts', 5);

const beside = process.argv.find(arg => arg.startsWith('--beside='))?.slice('--beside='.length);

const contact = '491600000000';
const gatewayPhone = i => `4916100${String(i).padStart(5, '0')}`;
const otherPhone = i => `4916200${String(i).padStart(5, '0')}`;

const sandbox = await startSandbox();
await sandbox.account(contact);

// --- the two sides, with the same face ---

async function makePigeond(name, phoneOf, program) {
  const gateway = await makeGateway({ url: sandbox.ws, rootKey: sandbox.rootKey, program });
  return {
    name,
    phone: phoneOf(0),
    pid: () => gateway.process.child.pid,
    async link(i) {
      await sandbox.account(phoneOf(i));
      await gateway.link(sandbox, i === 0 ? 'default' : `s${i}`, phoneOf(i));
    },
    async send(count, concurrency) {
      let next = 0;
      const took = [];
      const work = async () => {
        while (next < count) {
          const began = performance.now();
          await gateway.sendText('default', `${contact}@c.us`, `text ${next++}`);
          took.push(performance.now() - began);
        }
      };
      await Promise.all(Array.from({ length: concurrency }, work));
      return took;
    },
    commits: async () => (await gateway.call('GET', '/health')).details.storage.commits,
    async restart(count = 1) {
      await gateway.stop();
      const began = performance.now();
      const started = gateway.start();
      await until('online', () => gateway.process.log.filter(line => /session online /.test(line)).length === count, 120);
      const took = performance.now() - began;
      await started;
      return took;
    },
    stop: () => gateway.stop(),
  };
}

async function makeBaileys() {
  const folders = [];
  let child;
  const spawn = () => { child = fork(join(import.meta.dirname, 'baileys-process.mjs'), [sandbox.ws, ...folders],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }); };
  const message = async test => { for await (const [value] of on(child, 'message')) if (test(value)) return value; };
  return {
    name: 'Baileys 7',
    phone: otherPhone(0),
    pid: () => child.pid,
    async link(i) {
      await sandbox.account(otherPhone(i));
      if (child) { child.kill(); await once(child, 'exit'); }
      folders.push(scratch());
      spawn();
      const { qr } = await message(value => value.qr && value.index === i);
      const opened = message(value => value.open === i);
      await sandbox.scan(otherPhone(i), qr);
      await opened;
      await sleep(3000);
    },
    async send(count, concurrency) {
      const done = message(value => value.sent);
      child.send({ send: { to: `${contact}@s.whatsapp.net`, count, concurrency } });
      return (await done).sent;
    },
    commits: async () => NaN,  // files without a sync
    async restart(count = 1) {
      child.kill();
      await once(child, 'exit');
      const began = performance.now();
      spawn();
      const opened = new Set();
      await message(value => value.open !== undefined && opened.add(value.open).size === count);
      return performance.now() - began;
    },
    async stop() { child.kill(); await once(child, 'exit'); },
  };
}

async function settled(phone, count) {
  await until('every text to be taken', async () => {
    const messages = (await sandbox.received(contact)).filter(m => m.from_me && m.text?.startsWith(`to ${phone} `));
    return messages.length >= count && messages.every(m => ['delivered', 'read'].includes(m.ack));
  }, 300);
}

const progress = text => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);

async function measure(side) {
  const result = {};
  progress(`${side.name}: link and start`);
  await side.link(0);
  result.start = [];
  for (let i = 0; i < starts; i++) result.start.push(await side.restart());
  await sleep(idleSeconds * 1000);
  result.resident = residentKiB(side.pid());
  const [woken, written] = [wakeUps(side.pid()), bytesWritten(side.pid())];
  await sleep(quietSeconds * 1000);
  result.wakeUps = (wakeUps(side.pid()) - woken) * 10 / quietSeconds;
  result.idleWritten = bytesWritten(side.pid()) - written;
  await side.send(50, 1);  // sessions are set up
  for (const concurrency of [1, 8, 64]) {
    progress(`${side.name}: ${texts} texts, ${concurrency} at once`);
    const cpu = cpuSeconds(side.pid()), disk = bytesWritten(side.pid()), began = performance.now();
    const commits = await side.commits();
    const took = await side.send(texts, concurrency);
    result[`rate${concurrency}`] = texts / ((performance.now() - began) / 1000);
    result[`commits${concurrency}`] = (await side.commits() - commits) / texts;
    result[`p50_${concurrency}`] = percentile(took, 0.5);
    result[`p99_${concurrency}`] = percentile(took, 0.99);
    result[`cpu${concurrency}`] = (cpuSeconds(side.pid()) - cpu) * 1000 / texts;
    result[`disk${concurrency}`] = (bytesWritten(side.pid()) - disk) / texts;
  }
  progress(`${side.name}: ${texts} texts in`);
  const cpu = cpuSeconds(side.pid());
  for (let i = 0; i < texts; i++) await sandbox.sendAs(contact, side.phone, `to ${side.phone} ${i}`);
  await settled(side.phone, texts);
  result.cpuReceived = (cpuSeconds(side.pid()) - cpu) * 1000 / texts;
  return result;
}

const pigeond = await makePigeond('pigeond', gatewayPhone);
const ours = await measure(pigeond);
const other = beside ? await makePigeond(beside, otherPhone, beside) : await makeBaileys();
const theirs = await measure(other);

// Further idle sessions, each time of a process that was started anew: pigeond up to --sessions, Baileys up to 5, as its
// memory grows the same way.
async function further(side, count) {
  progress(`${side.name}: ${count} sessions`);
  for (let i = 1; i < count; i++) await side.link(i);
  await side.restart(count);
  await sleep(idleSeconds * 1000);
  return count > 1 ? (residentKiB(side.pid()) / 1024 - side.resident) * 1024 / (count - 1) : NaN;
}
pigeond.resident = ours.resident / 1024;
other.resident = theirs.resident / 1024;
ours.further = await further(pigeond, sessions);
theirs.further = await further(other, beside ? sessions : 5);

const rows = [
  ['resident, one idle session (MiB)', r => r.resident / 1024, 'less'],
  ['each further idle session (KiB)', r => r.further, 'less'],
  ['process start to logged in (ms, median)', r => median(r.start), 'less'],
  ['wake-ups of an idle session in 10 s', r => r.wakeUps, 'less'],
  [`bytes written by an idle session in ${quietSeconds} s`, r => r.idleWritten, ''],
  ['texts a second, 1 caller', r => r.rate1, 'more'],
  ['texts a second, 8 callers', r => r.rate8, 'more'],
  ['texts a second, 64 callers', r => r.rate64, 'more'],
  ...[1, 8, 64].flatMap(n => [50, 99].map(p => [`ms to the server's ack, ${n} caller${n > 1 ? 's' : ''}, p${p}`, r => r[`p${p}_${n}`], 'less'])),
  ['CPU a text sent, 1 caller (ms)', r => r.cpu1, 'less'],
  ['CPU a text sent, 64 callers (ms)', r => r.cpu64, 'less'],
  ['CPU a text received (ms)', r => r.cpuReceived, 'less'],
  ['bytes written a text sent, 1 caller', r => r.disk1, ''],
  ['bytes written a text sent, 64 callers', r => r.disk64, ''],
  ['commits a text sent, 1 caller', r => r.commits1, ''],
  ['commits a text sent, 64 callers', r => r.commits64, ''],
];
const show = value => (Number.isNaN(value) ? '' : value >= 100 || value === 0 ? value.toFixed(0) : value.toPrecision(3));
console.log(`| ${texts} texts a figure, ${sessions} sessions | pigeond | ${other.name} | ratio |\n|---|---:|---:|---:|`);
for (const [name, get, better] of rows) {
  const [a, b] = [get(ours), get(theirs)];
  const ratio = !a || !b ? '' : better === 'less' ? `${show(b / a)}× less` : better === 'more' ? `${show(a / b)}×` : '';
  console.log(`| ${name} | ${show(a)} | ${show(b)} | ${ratio} |`);
}
await pigeond.stop();
await other.stop();
await sandbox.stop();
process.exit(0);
