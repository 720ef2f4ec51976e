// What a text costs in user-space instructions, under callgrind: the same again from run to run, where CPU time is the
// machine's. Valgrind offers no SHA and AES instructions, so that hashes and ciphers count as portable code.
//
//     node bench/instructions.mjs [--texts=200] [--parts]     PIGEOND: a binary with its symbols, for --parts
//
// Sent by 1 caller and by 64, received with a webhook. --parts: where they go.
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, Agent } from 'node:http';
import { join } from 'node:path';
import { makeGateway, key } from '../tests/interop/lib/gateway.mjs';
import { binary, scratch, until } from '../tests/interop/lib/process.mjs';
import { startSandbox } from '../tests/interop/lib/sandbox.mjs';
import { makeCall } from './call.mjs';
import { sleep } from './measure.mjs';

const option = (name, fallback) => Number(process.argv.find(arg => arg.startsWith(`--${name}=`))?.split('=')[1] ?? fallback);
const texts = option('texts', 200), withParts = process.argv.includes('--parts');
const contact = '491600000000', ours = '491610000000';

// --- parts: by the archive that a symbol comes from, else by its namespace ---

const archives = [['SQLite', 'libsqlite3.a'], ['hashes', 'libnettle.a'], ['TLS, curves', 'libbearssl.a']];
const home = new Map();
if (withParts) {
  const folder = execFileSync('dpkg-architecture', ['-q', 'DEB_HOST_MULTIARCH'], { encoding: 'utf8' }).trim();
  for (const [part, archive] of archives) {
    const symbols = execFileSync('nm', ['--defined-only', '-f', 'posix', `/usr/lib/${folder}/${archive}`], { encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'ignore'] });
    for (const line of symbols.split('\n')) if (/^\S+ [tT] /.test(line)) home.set(line.split(' ')[0], part);
  }
}
const names = [
  [/^(malloc|free|calloc|realloc|_int_|operator (new|delete)|malloc_consolidate|unlink_chunk|sysmalloc|systrim|tcache|_mid_memalign)/, 'malloc and free'],
  [/^(mem|str|__mem|__str|__GI_mem|__GI_str)/, 'memory and strings'],
  [/nlohmann|json/, 'JSON'],
  [/httplib|pigeond::net::http|pigeond::net::Http|pigeond::api/, 'HTTP and routes'],
  [/curve|^fe_|^ge_|^sc_|^crypto_sign|signal_|session_|ratchet|hmac|hkdf/i, 'Signal and curves'],
  [/sha|aes|gcm|ghash/i, 'hashes and ciphers'],
  [/pigeond::(engine|wire|signal|store|gateway|net|base|crypto)/, name => `pigeond::${/pigeond::(\w+)/.exec(name)[1]}`],
  [/^pb_|_fields/, 'nanopb'],
  [/^std::|^void std::|__gnu/, 'standard library'],
];
function partOf(name) {
  const plain = name.replace(/'\d+$/, '').replace(/\.(constprop|isra|part|lto_priv|cold)(\.\d+)?/g, '').replace(/ \[.*$/, '');
  if (home.has(plain)) return home.get(plain);
  for (const [pattern, part] of names) if (pattern.test(plain)) return typeof part === 'string' ? part : part(plain);
  return 'other';
}

// --- the gateway under callgrind ---

const sandbox = await startSandbox();
for (const phone of [contact, ours]) await sandbox.account(phone);
let heard = 0;
const receiver = createServer((request, response) => {
  request.resume();
  request.on('end', () => { heard++; response.end(); });
});
await new Promise(resolve => receiver.listen(0, '127.0.0.1', resolve));

const dumps = scratch(), wrapper = join(dumps, 'pigeond');
writeFileSync(wrapper, `#!/bin/sh\nexec valgrind -q --tool=callgrind --callgrind-out-file=${dumps}/out ${binary} "$@"\n`);
chmodSync(wrapper, 0o755);
const gateway = await makeGateway({ url: sandbox.ws, rootKey: sandbox.rootKey, program: wrapper });
await gateway.link(sandbox, 'default', ours, {
  webhooks: [{ url: `http://127.0.0.1:${receiver.address().port}/`, events: ['message'] }],
});
const pid = gateway.process.child.pid;
const call = makeCall(Number(new URL(gateway.base).port));
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

async function send(count, callers) {
  let next = 0;
  await Promise.all(Array.from({ length: callers }, async () => {
    while (next < count) {
      const body = JSON.stringify({ session: 'default', chatId: `${contact}@c.us`, text: `text ${next++}` });
      const status = await call('POST', '/api/sendText', body, key, agent);
      if (status !== 201) throw new Error(`status ${status}`);
    }
  }));
}

async function receive(count) {
  const before = heard;
  for (let i = 0; i < count; i++) await sandbox.sendAs(contact, `${ours}@s.whatsapp.net`, `word ${i}`);
  await until('every webhook', () => heard >= before + count);
}

async function counted(what) {
  execFileSync('callgrind_control', ['--zero', String(pid)], { stdio: 'ignore' });
  await what();
  await sleep(2000);  // receipts, too, are part of what a text costs
  const before = new Set(readdirSync(dumps));
  execFileSync('callgrind_control', ['--dump', String(pid)], { stdio: 'ignore' });
  const [file] = readdirSync(dumps).filter(name => !before.has(name));
  const path = join(dumps, file);
  const total = Number(/^(?:totals|summary): (\d+)/m.exec(readFileSync(path, 'utf8'))[1]);
  const parts = new Map();
  if (withParts) {
    const lines = execFileSync('callgrind_annotate', ['--threshold=100', '--show-percs=no', '--auto=no', path], { encoding: 'utf8', maxBuffer: 1 << 28 });
    for (const line of lines.split('\n')) {
      const found = /^\s*([\d,]+)\s+\S*?:(.+)$/.exec(line);
      // What a thread began in is shown with all that it called: it never returned.
      if (!found || /PROGRAM TOTALS|\(below main\)|:(main|clone|start_thread|execute_native_thread_routine|pigeond::app::run_command)\b/.test(line)) continue;
      const part = partOf(found[2]);
      parts.set(part, (parts.get(part) ?? 0) + Number(found[1].replaceAll(',', '')));
    }
  }
  return { total, parts };
}

await send(30, 1);  // what is done once is not a text's
await receive(10);
const results = [
  ['sent, 1 caller', await counted(() => send(texts, 1))],
  ['sent, 64 callers', await counted(() => send(texts, 64))],
  ['received, with a webhook', await counted(() => receive(texts))],
];
console.log(`instructions a text, ${texts} of each, in millions`);
for (const [name, { total, parts }] of results) {
  console.log(`${name}: ${(total / texts / 1e6).toFixed(3)}`);
  for (const [part, count] of [...parts].sort((a, b) => b[1] - a[1]))
    if (count > total / 100) console.log(`    ${part}: ${(100 * count / total).toFixed(0)} %`);
}
await gateway.stop();
await sandbox.stop();
receiver.close();
process.exit(0);
