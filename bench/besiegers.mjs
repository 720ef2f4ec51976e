// The besiegers of bench/siege.mjs, in a process of their own and of the lowest priority, as strangers do not share the
// gateway's CPU nor its callers' event loop: what these measure is the gateway.
//
//     node bench/besiegers.mjs PORT KEY      begins at once; a message ends it, and is answered with what they met
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { constants, setPriority } from 'node:os';
import { makeCall } from './call.mjs';
import { sleep } from './measure.mjs';

setPriority(constants.priority.PRIORITY_LOW);
const port = Number(process.argv[2]), key = process.argv[3];
const call = makeCall(port);

// Each repeats one thing until the end; half of them come from other addresses.
let besieged = true, peer = 1;
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
    if (name !== 'second' && Math.random() < 0.5) await call('POST', '/api/sessions', JSON.stringify({ name }), key, lives).catch(() => {});
    const [method, verb] = verbs[Math.floor(Math.random() * verbs.length)];
    const outcome = await call(method, `/api/sessions/${name}${verb}`, method === 'PUT' ? '{"config":{}}' : '', key, lives).catch(error => error.code);
    note('life cycle', outcome);
    await sleep(50);
  }],
};

const attackers = Object.values(kinds).flatMap(([count, once]) => Array.from({ length: count }, async () => {
  while (besieged) { await once(); await sleep(20 + Math.random() * 80); }
}));
process.once('message', async () => {
  besieged = false;
  await Promise.race([Promise.all(attackers), sleep(35_000)]);
  process.send(met, () => process.exit(0));
});
