// What the kernel says of a process.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

const ticks = Number(execFileSync('getconf', ['CLK_TCK']));

// CPU seconds so far, all threads, user and system.
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

// Resident memory in KiB.
export function residentKiB(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}

// Bytes that reached the storage layer.
export function bytesWritten(pid) {
  return Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))[1]);
}

// Times that one of its threads gave up the CPU to wait, and so was woken again.
export const wakeUps = pid => readdirSync(`/proc/${pid}/task`).reduce((sum, thread) =>
  sum + Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'))[1]), 0);

export const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
export const median = list => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
export const percentile = (list, share) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))];
