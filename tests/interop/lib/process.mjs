// Starts and ends the program under test. Processes are ended by their own id.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const binary = process.env.PIGEOND ?? join(import.meta.dirname, '../../../build/pigeond');

export const scratch = () => mkdtempSync(join(tmpdir(), 'pigeond-'));

export function start(args, env = {}, program = binary) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = [];
  createInterface({ input: child.stderr }).on('line', line => {
    log.push(line);
    if (process.env.PIGEOND_VERBOSE) console.error(`${args[0]}: ${line}`);
  });
  const exited = once(child, 'exit');
  return {
    child,
    log,
    exited,
    lines: createInterface({ input: child.stdout }),
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return exited;
    },
  };
}

// Asks until the answer is truthy; what is awaited is named in the error. The limit is there for what never comes: a busy
// machine is no failure.
export async function until(what, ask, seconds = 120) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`gave up waiting for ${what}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
