// What streams of events cost: so many idle subscribers, half over WebSockets and half over SSE, and then texts that all
// of them are told of.
//
//   node bench/streams.mjs [--streams=1000] [--texts=20]
//
// PIGEOND names the binary. The clients are sockets in this process, which costs far more than what it measures.
import net from 'node:net';
import { readdirSync } from 'node:fs';
import { key, makeGateway } from '../tests/interop/lib/gateway.mjs';
import { until } from '../tests/interop/lib/process.mjs';
import { makeSandbox, chatId } from '../tests/interop/lib/world.mjs';
import { cpuSeconds, residentKiB, sleep } from './measure.mjs';

const number = (name, fallback) => Number(process.argv.find(arg => arg.startsWith(`--${name}=`))?.slice(name.length + 3) ?? fallback);
const streams = number('streams', 1000);
const texts = number('texts', 20);
const ours = '491540000001';
const friend = '491540000002';

const heads = {
  ws: 'GET /ws?events=message.any HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
    + `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Api-Key: ${key}\r\n\r\n`,
  sse: `GET /api/events/stream?events=message.any HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nX-Api-Key: ${key}\r\n\r\n`,
};

// One subscriber; counts texts by what they all have in them.
function subscribe(port, kind) {
  return new Promise((resolve, reject) => {
    const client = { told: 0, socket: net.connect(port, '127.0.0.1', () => client.socket.write(heads[kind])) };
    client.socket.on('error', reject).on('data', data => {
      if (!client.open) {
        client.open = true;
        resolve(client);
      }
      client.told += data.toString('latin1').split('"body":"bench').length - 1;
    });
  });
}

const cleanups = [];
try {
  const sandbox = await makeSandbox({ after: cleanup => cleanups.push(cleanup) });
  await sandbox.account(ours);
  await sandbox.account(friend);
  const gateway = await makeGateway(sandbox);
  cleanups.push(() => gateway.stop());
  await gateway.link(sandbox, 'default', ours, { pacing: 'off' });
  const { pid } = gateway.process.child;
  const port = Number(new URL(gateway.base).port);
  const threads = () => readdirSync(`/proc/${pid}/task`).length;
  const warm = await subscribe(port, 'ws');
  await sleep(2000);
  const before = { memory: residentKiB(pid), threads: threads() };
  const clients = [];
  for (let i = 0; i < streams; i++) clients.push(await subscribe(port, i % 2 ? 'sse' : 'ws'));
  await sleep(2000);
  console.log(`${streams} idle subscribers: ${residentKiB(pid) - before.memory} KiB, ${threads() - before.threads} threads`);

  const cpu = cpuSeconds(pid), begun = performance.now();
  for (let i = 0; i < texts; i++) await gateway.sendText('default', chatId(friend), `bench ${i}`, { async: true });
  await until('all texts at all subscribers', () => clients.every(client => client.told >= texts));
  const seconds = (performance.now() - begun) / 1000;
  console.log(`${texts} texts told to each: ${Math.round(texts * streams / seconds)} frames a second, `
    + `${((cpuSeconds(pid) - cpu) * 1e6 / texts / streams).toFixed(1)} us of CPU a frame, the texts' own among it`);
  for (const client of [warm, ...clients]) client.socket.destroy();
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
}
