// A siege: strangers and clumsy clients do to the API all that they can, while eight callers send. Prints what the callers
// saw in quiet and under siege, and the gateway's memory. Exit 1 if a caller saw an error.
//
//     node bench/siege.mjs [--seconds=600] [--quiet=60] [--judge]
//
// --judge: also if the callers' p99 was more than 3 times the quiet one, or the memory's peak grew by more than a tenth from
// the first half of the siege to the second.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { makeGateway, key } from '../tests/interop/lib/gateway.mjs';
import { startSandbox } from '../tests/interop/lib/sandbox.mjs';
import { makeCall } from './call.mjs';
import { aim } from './judge.mjs';
import { cpuSeconds, percentile, residentKiB, sleep } from './measure.mjs';

const option = (name, fallback) => Number(process.argv.find(arg => arg.startsWith(`--${name}=`))?.split('=')[1] ?? fallback);
const seconds = option('seconds', 600);
const quietSeconds = option('quiet', 60);
const callers = 8;

const contact = '491600000000', ours = '491610000000', second = '491610000001';
const sandbox = await startSandbox();
for (const phone of [contact, ours, second]) await sandbox.account(phone);
const gateway = await makeGateway({ url: sandbox.ws, rootKey: sandbox.rootKey });
await gateway.link(sandbox, 'default', ours);
await gateway.link(sandbox, 'second', second);
const port = Number(new URL(gateway.base).port);
const pid = gateway.process.child.pid;

// --- the callers ---

const agent = new Agent({ keepAlive: true, maxSockets: callers });
const call = makeCall(port);

async function sendFor(time) {
  const took = [], errors = {};
  const end = Date.now() + time * 1000;
  await Promise.all(Array.from({ length: callers }, async (_, caller) => {
    for (let i = 0; Date.now() < end; i++) {
      const began = performance.now();
      const body = JSON.stringify({ session: 'default', chatId: `${contact}@c.us`, text: `${caller}/${i}` });
      const outcome = await call('POST', '/api/sendText', body, key, agent).catch(error => error.code ?? String(error));
      took.push(performance.now() - began);
      if (outcome !== 201) errors[outcome] = (errors[outcome] ?? 0) + 1;
    }
  }));
  return { took, errors };
}

const show = ({ took, errors }) => `${took.length} sends, p50 ${percentile(took, 0.5).toFixed(1)} ms, p99 ${percentile(took, 0.99).toFixed(1)} ms, errors ${JSON.stringify(errors)}`;
const memory = () => `${(residentKiB(pid) / 1024).toFixed(1)} MiB`;

await sendFor(5);
const quiet = await sendFor(quietSeconds);
console.log(`quiet: ${show(quiet)}; resident ${memory()}`);
const cpu = cpuSeconds(pid);
const besiegers = fork(join(import.meta.dirname, 'besiegers.mjs'), [String(port), key]);
await sleep(3000);
const watch = setInterval(() => console.log(`  resident ${memory()}`), 60_000);
const peaks = [0, 0], began = Date.now();
const look = setInterval(() => {
  const half = Date.now() - began < seconds * 500 ? 0 : 1;
  peaks[half] = Math.max(peaks[half], residentKiB(pid));
}, 500);
const siege = await sendFor(seconds);
clearInterval(watch);
clearInterval(look);
console.log(`siege of ${seconds} s: ${show(siege)}; resident ${memory()}; ${(cpuSeconds(pid) - cpu).toFixed(0)} s of CPU`);
const slower = percentile(siege.took, 0.99) / percentile(quiet.took, 0.99);
console.log(`p99 under siege is ${slower.toFixed(2)} times the quiet one; resident at most ${peaks.map(kib => (kib / 1024).toFixed(1)).join(', then ')} MiB`);
besiegers.send('enough');
const [met] = await once(besiegers, 'message');
const after = await sendFor(10);
console.log(`afterwards: ${show(after)}; resident ${memory()}`);
for (const [kind, outcomes] of Object.entries(met)) console.log(`  ${kind}: ${JSON.stringify(outcomes)}`);
const failed = [quiet, siege, after].some(({ errors }) => Object.keys(errors).length > 0);
if (failed) process.exitCode = 1;
aim("the callers' p99 as a multiple of the quiet one", slower, { most: 3 });
aim('the second half of the siege in memory, as a multiple of the first', peaks[1] / peaks[0], { most: 1.1 });
await gateway.stop();
await sandbox.stop();
process.exit();
