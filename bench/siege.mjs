// A siege: strangers and clumsy clients do to the API all that they can, while eight callers send. Prints what the callers
// saw in quiet and under siege, and the gateway's memory. Exit 1 if a caller saw an error.
//
//     node bench/siege.mjs [--seconds=600] [--quiet=60]
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { makeGateway, key } from '../tests/interop/lib/gateway.mjs';
import { startSandbox } from '../tests/interop/lib/sandbox.mjs';
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
function call(method, path, body, headers = { 'x-api-key': key }, through = agent) {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, agent: through,
      headers: { ...headers, ...(body ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {}) } });
    sent.on('error', reject);
    sent.on('response', response => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
      response.on('error', reject);
    });
    sent.end(body);
  });
}

async function sendFor(time) {
  const took = [], errors = {};
  const end = Date.now() + time * 1000;
  await Promise.all(Array.from({ length: callers }, async (_, caller) => {
    for (let i = 0; Date.now() < end; i++) {
      const began = performance.now();
      const body = JSON.stringify({ session: 'default', chatId: `${contact}@c.us`, text: `${caller}/${i}` });
      const outcome = await call('POST', '/api/sendText', body).catch(error => error.code ?? String(error));
      took.push(performance.now() - began);
      if (outcome !== 201) errors[outcome] = (errors[outcome] ?? 0) + 1;
    }
  }));
  return { took, errors };
}

// --- the besiegers: each repeats one thing until the end; half of them come from other addresses ---

let besieged = false, peer = 1;
const met = {};  // what the besiegers saw, by kind and outcome
const note = (kind, outcome) => { met[kind] ??= {}; met[kind][outcome] = (met[kind][outcome] ?? 0) + 1; };
const address = () => (++peer % 2 === 0 ? '127.0.0.1' : `127.0.${1 + peer % 7}.${1 + peer % 250}`);

// Opens a connection, lets `work` do its worst, and is done when the gateway or `work` ends it.
function attack(kind, work) {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: address(), allowHalfOpen: true });
    let outcome = 'closed';
    socket.setEncoding('latin1');
    socket.on('data', data => { outcome = /^HTTP\/1\.1 (\d+)/.exec(data)?.[1] ?? outcome; });
    socket.on('error', error => { outcome = error.code; });
    socket.on('end', () => socket.end());
    socket.on('close', () => { note(kind, outcome); resolve(); });
    socket.on('connect', () => work(socket).catch(() => {}).finally(() => socket.destroy()));
    setTimeout(() => socket.destroy(), 30_000).unref();
  });
}
const alive = socket => besieged && !socket.destroyed && socket.writable && !socket.readableEnded;
const head = length => `POST /api/sendText HTTP/1.1\r\nHost: x\r\nX-Api-Key: wrong-${Math.random()}\r\nContent-Length: ${length}\r\n\r\n`;

const kinds = {
  'slow head': [100, () => attack('slow head', async socket => {
    for (const byte of head(10)) { if (!alive(socket)) return; socket.write(byte); await sleep(1000); }
  })],
  'slow body': [50, () => attack('slow body', async socket => {
    socket.write(head(100_000).replace(/wrong-[\d.]+/, key));
    while (alive(socket)) { socket.write('x'); await sleep(1000); }
  })],
  silent: [200, () => attack('silent', async socket => { while (alive(socket)) await sleep(500); })],
  'half open': [20, () => attack('half open', async socket => { socket.write('GET /pi'); socket.end(); await sleep(5000); })],
  flood: [10, () => attack('flood', async () => {})],
  'wrong key': [10, () => attack('wrong key', async socket => { socket.write(head(2) + '{}'); await sleep(2000); })],
  'big body': [5, () => attack('big body', async socket => {
    socket.write(head(900_000));
    const piece = 'x'.repeat(50_000);
    for (let i = 0; i < 18 && alive(socket); i++) { socket.write(piece); await sleep(10); }
    await sleep(1000);
  })],
  form: [3, () => attack('form', async socket => {
    const body = `--B\r\nContent-Disposition: form-data; name="${'a'.repeat(5000)}"\r\n\r\nhi\r\n--B--\r\n`;
    socket.write(`POST /ping HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await sleep(1000);
  })],
  pipeline: [3, () => attack('pipeline', async socket => { socket.write('GET /ping HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(100)); await sleep(2000); })],
  'does not read': [10, () => attack('does not read', async socket => {
    socket.pause();
    for (let i = 0; i < 200 && alive(socket); i++) { socket.write('GET /ping HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(50)); await sleep(20); }
    await sleep(5000);
  })],
  garbage: [5, () => attack('garbage', async socket => { socket.write(Buffer.from(Array.from({ length: 2000 }, () => Math.random() * 256))); await sleep(1000); })],
  'life cycle': [4, async () => {
    const lives = new Agent({ keepAlive: false });
    const name = Math.random() < 0.3 ? 'second' : `l${Math.floor(Math.random() * 4)}`;
    const verbs = [['POST', '/start'], ['POST', '/stop'], ['POST', '/restart'], ['PUT', ''], ['POST', '/start']];
    if (name !== 'second') verbs.push(['POST', '/logout'], ['DELETE', '']);
    if (name !== 'second' && Math.random() < 0.5) await call('POST', '/api/sessions', JSON.stringify({ name }), undefined, lives).catch(() => {});
    const [method, verb] = verbs[Math.floor(Math.random() * verbs.length)];
    const outcome = await call(method, `/api/sessions/${name}${verb}`, method === 'PUT' ? '{"config":{}}' : '', undefined, lives).catch(error => error.code);
    note('life cycle', outcome);
    await sleep(50);
  }],
};

function besiege() {
  besieged = true;
  return Object.values(kinds).flatMap(([count, once]) => Array.from({ length: count }, async () => {
    while (besieged) { await once(); await sleep(20 + Math.random() * 80); }
  }));
}

const show = ({ took, errors }) => `${took.length} sends, p50 ${percentile(took, 0.5).toFixed(1)} ms, p99 ${percentile(took, 0.99).toFixed(1)} ms, errors ${JSON.stringify(errors)}`;
const memory = () => `${(residentKiB(pid) / 1024).toFixed(1)} MiB`;

await sendFor(5);
const quiet = await sendFor(quietSeconds);
console.log(`quiet: ${show(quiet)}; resident ${memory()}`);
const cpu = cpuSeconds(pid);
const attackers = besiege();
await sleep(3000);
const watch = setInterval(() => console.log(`  resident ${memory()}`), 60_000);
const siege = await sendFor(seconds);
clearInterval(watch);
console.log(`siege of ${seconds} s: ${show(siege)}; resident ${memory()}; ${(cpuSeconds(pid) - cpu).toFixed(0)} s of CPU`);
console.log(`p99 under siege is ${(percentile(siege.took, 0.99) / percentile(quiet.took, 0.99)).toFixed(2)} times the quiet one`);
besieged = false;
await Promise.race([Promise.all(attackers), sleep(35_000)]);
const after = await sendFor(10);
console.log(`afterwards: ${show(after)}; resident ${memory()}`);
for (const [kind, outcomes] of Object.entries(met)) console.log(`  ${kind}: ${JSON.stringify(outcomes)}`);
const failed = [quiet, siege, after].some(({ errors }) => Object.keys(errors).length > 0);
await gateway.stop();
await sandbox.stop();
process.exit(failed ? 1 : 0);
