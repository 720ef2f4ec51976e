// What it costs to read the history that a phone sends to a companion that was just linked: CPU and memory, beside the
// same link of an account without one.
//
//     node bench/history.mjs [--messages=50000] [--judge]
//
// --judge: exit 1 if it took more than 5 s of CPU, or 8 MiB of memory beyond what the link itself takes at its peak.
import { readFileSync } from 'node:fs';
import { makeGateway } from '../tests/interop/lib/gateway.mjs';
import { until } from '../tests/interop/lib/process.mjs';
import { startSandbox } from '../tests/interop/lib/sandbox.mjs';
import { aim } from './judge.mjs';
import { cpuSeconds, sleep } from './measure.mjs';

const option = (name, fallback) => Number(process.argv.find(arg => arg.startsWith(`--${name}=`))?.split('=')[1] ?? fallback);
const messages = option('messages', 50_000);
const ours = '491610000000', friend = '491600000000';

const peakKiB = pid => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

async function link(history) {
  const sandbox = await startSandbox();
  await sandbox.account(ours, { history_messages: history });
  await sandbox.account(friend);
  await sandbox.sendAs(friend, ours, 'long ago');
  const gateway = await makeGateway({ url: sandbox.ws, rootKey: sandbox.rootKey });
  const { pid } = gateway.process.child;
  const before = cpuSeconds(pid);
  const began = Date.now();
  await gateway.link(sandbox, 'default', ours);
  await until('the history to be read', async () => (await sandbox.call('GET', `/trace?account=${ours}&limit=1000`))
    .filter(entry => entry.direction === 'in' && /^<receipt .*type="hist_sync"/.test(entry.stanza)).length >= 3);
  const seconds = (Date.now() - began) / 1000;
  await sleep(1000);
  const taken = { cpu: cpuSeconds(pid) - before, peak: peakKiB(pid) / 1024, seconds };
  await gateway.stop();
  await sandbox.stop();
  return taken;
}

const plain = await link(0), long = await link(messages);
const cpu = long.cpu - plain.cpu, memory = long.peak - plain.peak;
console.log(`${messages} messages: ${cpu.toFixed(2)} s of CPU, ${memory.toFixed(2)} MiB at the peak, ${(long.seconds - plain.seconds).toFixed(1)} s`);
aim('CPU of the history (s)', cpu, { most: 5 });
aim('memory of the history (MiB)', memory, { most: 8 });
process.exit(process.exitCode ?? 0);
