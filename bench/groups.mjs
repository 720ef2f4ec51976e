// What a text to a large group costs, cold (nothing is known of it) and warm, beside Baileys 7 on the same sandbox in the
// same run; then the same with what comes of it, as each member's phone confirms that it has it. CPU is the process's alone.
//
//     node bench/groups.mjs [--members=1000] [--texts=50] [--judge]
//
// --judge: exit 1 if a warm text took more than 5 ms of CPU, or the cold one more than 1.5 s until its answer.
import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import { join } from 'node:path';
import { makeGateway } from '../tests/interop/lib/gateway.mjs';
import { makeGroup } from '../tests/interop/lib/groups.mjs';
import { scratch } from '../tests/interop/lib/process.mjs';
import { startSandbox } from '../tests/interop/lib/sandbox.mjs';
import { aim } from './judge.mjs';
import { cpuSeconds, residentKiB, sleep } from './measure.mjs';

const option = (name, fallback) => Number(process.argv.find(arg => arg.startsWith(`--${name}=`))?.split('=')[1] ?? fallback);
const members = option('members', 1000), texts = option('texts', 50);
const ours = '491630000000', theirs = '491640000000';
const phones = Array.from({ length: members - 2 }, (_, index) => `4916500${String(index).padStart(5, '0')}`);

const sandbox = await startSandbox();
for (const phone of [ours, theirs, ...phones]) await sandbox.account(phone);
const group = await makeGroup(sandbox, [ours, theirs, ...phones]);

async function makePigeond() {
  const gateway = await makeGateway({ url: sandbox.ws, rootKey: sandbox.rootKey });
  await gateway.link(sandbox, 'default', ours, { ignore: { groups: true } });
  return {
    name: 'pigeond',
    pid: gateway.process.child.pid,
    async send(count) { for (let i = 0; i < count; i++) await gateway.sendText('default', group, `text ${i}`); },
    stop: () => gateway.stop(),
  };
}

async function makeBaileys() {
  const folder = scratch();
  const child = fork(join(import.meta.dirname, 'baileys-process.mjs'), [sandbox.ws, folder], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const message = async test => { for await (const [value] of on(child, 'message')) if (test(value)) return value; };
  const { qr } = await message(value => value.qr);
  const opened = message(value => value.open !== undefined);
  await sandbox.scan(theirs, qr);
  await opened;
  return {
    name: 'Baileys 7',
    pid: child.pid,
    async send(count) {
      child.send({ send: { to: group, count, concurrency: 1 } });
      await message(value => value.sent);
    },
    async stop() {
      child.kill();
      await once(child, 'exit');
    },
  };
}

async function measure(side) {
  await sleep(3000);  // what follows linking is over
  const of = async count => {
    const cpu = cpuSeconds(side.pid), began = performance.now();
    await side.send(count);
    return { cpu: (cpuSeconds(side.pid) - cpu) * 1000 / count, took: (performance.now() - began) / count };
  };
  const before = residentKiB(side.pid);
  await sandbox.fault({ kind: 'unconfirmed' });
  const cold = await of(1), warm = await of(texts);
  await sandbox.clearFaults();
  const heard = await of(texts);
  const grown = (residentKiB(side.pid) - before) / 1024;
  await side.stop();
  console.log(`${side.name}: cold ${cold.took.toFixed(0)} ms (${cold.cpu.toFixed(0)} ms of CPU), `
    + `warm ${warm.took.toFixed(2)} ms (${warm.cpu.toFixed(2)} ms of CPU), `
    + `with ${members - 2} receipts ${heard.took.toFixed(2)} ms (${heard.cpu.toFixed(2)} ms of CPU), ${grown.toFixed(1)} MiB more`);
  return { cold, warm, heard };
}

console.log(`a group of ${members} members, ${texts} warm texts`);
const pigeond = await measure(await makePigeond()), baileys = await measure(await makeBaileys());
console.log(`less CPU: cold ${(baileys.cold.cpu / pigeond.cold.cpu).toFixed(1)}×, warm ${(baileys.warm.cpu / pigeond.warm.cpu).toFixed(1)}×, `
  + `with receipts ${(baileys.heard.cpu / pigeond.heard.cpu).toFixed(1)}×`);
aim('CPU of a warm text (ms)', pigeond.warm.cpu, { most: 5 });
aim('time of a cold text (ms)', pigeond.cold.took, { most: 1500 });
await sandbox.stop();
process.exit(process.exitCode ?? 0);
