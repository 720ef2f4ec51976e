// What others notice while a session with many messages is erased: how long their texts and reads take, and how large
// the database's log gets. The rows are put in with Python's sqlite3 while the gateway is down.
//
//     node bench/erase.mjs [--messages=500000] [--callers=2] [--quiet=10] [--judge]
//
// --quiet: seconds that the same calls are made before. A long one tells the machine's own hiccups.
//
// Reads are the lists and states that people look at, in turn: those answers come from beside the loop.
//
// --judge: exit 1 if a call of others took more than 50 ms meanwhile.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeGateway, key } from '../tests/interop/lib/gateway.mjs';
import { startSandbox } from '../tests/interop/lib/sandbox.mjs';
import { makeCall } from './call.mjs';
import { aim } from './judge.mjs';
import { percentile, residentKiB, sleep } from './measure.mjs';

const option = (name, fallback) => Number(process.argv.find(arg => arg.startsWith(`--${name}=`))?.split('=')[1] ?? fallback);
const messages = option('messages', 500_000);
const callers = option('callers', 2);

const fill = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
session, = db.execute("SELECT id FROM session WHERE name = 'big'").fetchone()
rows = ((session, f'3EB0{i:016X}', f'{4915100000000 + i % 500}@s.whatsapp.net', f'{4915100000000 + i % 500}@s.whatsapp.net',
         0, 0, 1750000000 + i, 'text', b'x' * 150, 0) for i in range(int(sys.argv[2])))
db.executemany('INSERT INTO message (session_id, id, chat, sender, from_me, from_api, timestamp, type, content, ack)'
               ' VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', rows)
db.commit()
`;

const contact = '491600000000', ours = '491610000000';
const sandbox = await startSandbox();
for (const phone of [contact, ours]) await sandbox.account(phone);
const gateway = await makeGateway({ url: sandbox.ws, rootKey: sandbox.rootKey });
await gateway.link(sandbox, 'default', ours);
await gateway.call('POST', '/api/sessions', { name: 'big', start: false });
await gateway.stop();
const database = join(gateway.folder, 'pigeond.db');
execFileSync('python3', ['-c', fill, database, String(messages)]);
await gateway.start();
await gateway.working('default');

const call = makeCall(Number(new URL(gateway.base).port));
const agent = new Agent({ keepAlive: true });
const text = i => call('POST', '/api/sendText', JSON.stringify({ session: 'default', chatId: `${contact}@c.us`, text: `${i}` }), key, agent);
const looks = {
  sessions: '/api/sessions', session: '/api/sessions/default', health: '/api/sessions/default/health', outbox: '/api/default/outbox',
  deliveries: '/api/sessions/default/webhooks/deliveries', lids: '/api/default/lids', keys: '/api/keys',
};
const fileSize = path => (existsSync(path) ? statSync(path).size : 0);

async function callsFor(over) {
  const texts = [], reads = Object.fromEntries(Object.keys(looks).map(name => [name, []]));
  const timed = async (into, what, wanted) => {
    const began = performance.now(), status = await what();
    into.push(performance.now() - began);
    if (status !== wanted) throw new Error(`status ${status}`);
  };
  await Promise.all(Array.from({ length: callers }, async () => {
    for (let i = 0; !over(); i++) {
      await timed(texts, () => text(i), 201);
      for (const [name, path] of Object.entries(looks)) await timed(reads[name], () => call('GET', path, undefined, key, agent), 200);
      await sleep(5);
    }
  }));
  const show = list => `p50 ${percentile(list, 0.5).toFixed(1)}, p99 ${percentile(list, 0.99).toFixed(1)}, most ${Math.max(...list).toFixed(1)} ms of ${list.length}`;
  const all = [...texts, ...Object.values(reads).flat()];
  const said = [`texts ${show(texts)}`, ...Object.entries(reads).map(([name, list]) => `${name} ${show(list)}`)];
  return { said: `${said.join('\n  ')}\n  ${all.filter(ms => ms > 50).length} over 50 ms`, most: Math.max(...all) };
}

const until = Date.now() + option('quiet', 10) * 1000;
console.log(`${messages} messages, ${(fileSize(database) / 1048576).toFixed(0)} MiB; before:\n  ${(await callsFor(() => Date.now() > until)).said}`);
const began = performance.now();
let answered = 0, over = false, log = 0, resident = 0;
const removed = gateway.call('DELETE', '/api/sessions/big').then(() => { answered = performance.now() - began; });
// Beside the callers: what waits for Python would count as theirs.
const left = async () => Number((await promisify(execFile)('python3', ['-c',
  'import sqlite3,sys; print(sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute("SELECT count(*) FROM erasing").fetchone()[0])',
  database])).stdout);
const watch = (async () => {
  for (let i = 0; !over; i++) {
    await sleep(100);
    log = Math.max(log, fileSize(`${database}-wal`));
    resident = Math.max(resident, residentKiB(gateway.process.child.pid));
    if (answered && i % 50 === 0) over = (await left()) === 0;
  }
})();
const during = await callsFor(() => over);
await Promise.all([removed, watch]);
console.log(`DELETE was answered after ${answered.toFixed(1)} ms, all was gone after ${((performance.now() - began) / 1000).toFixed(0)} s`);
console.log(`meanwhile:\n  ${during.said}; log at most ${(log / 1048576).toFixed(1)} MiB, resident ${(resident / 1024).toFixed(1)} MiB`);
aim('ms of the longest call meanwhile', during.most, { most: 50 });
await gateway.stop();
await sandbox.stop();
process.exit();
