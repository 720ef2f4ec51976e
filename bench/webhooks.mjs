// How many events a second one webhook takes: texts are accepted by the API, their message.any events are told to a
// receiver on this machine that answers after a while.
//
//   node bench/webhooks.mjs [--delay=50] [--events=3000] [--chats=40] [--webhooks=1] [--webhook='{"connections":16}'] [--later] [--judge]
//
// delay: ms until the receiver answers; webhooks: so many URLs for each event; webhook: more keys of its configuration;
// --later: it answers 503 until all events wait, so that the webhook alone is measured and not the texts' acceptance beside
// it; --judge: exit 1 if a receiver that needs 50 ms takes fewer than 150 a second, or one that needs 1 ms fewer than 1,000.
// PIGEOND names the binary.
import http from 'node:http';
import { makeGateway } from '../tests/interop/lib/gateway.mjs';
import { makeSandbox, chatId } from '../tests/interop/lib/world.mjs';
import { aim } from './judge.mjs';
import { bytesWritten, sleep } from './measure.mjs';

const text = (name, fallback) => process.argv.find(arg => arg.startsWith(`--${name}=`))?.slice(name.length + 3) ?? fallback;
const delay = Number(text('delay', 50));
const events = Number(text('events', 3000));
const chats = Number(text('chats', 40));
const urls = Number(text('webhooks', 1));
const more = JSON.parse(text('webhook', '{}'));
const later = process.argv.includes('--later');
const ours = '491540000001';
const patience = 180000; // ms, for what still waits when all texts are accepted

const cleanups = [];
let taken = 0, connections = 0, first, last, open = !later;
const receiver = http.createServer((request, response) => {
  const parts = [];
  request.on('data', part => parts.push(part)).on('end', () => {
    if (!open) return void response.writeHead(503).end();
    const body = JSON.parse(Buffer.concat(parts));
    const answer = () => {
      first ??= performance.now();
      last = performance.now();
      taken += Array.isArray(body) ? body.length : 1;
      response.writeHead(200).end();
    };
    if (delay > 0) setTimeout(answer, delay);
    else answer();
  });
}).on('connection', () => ++connections);
await new Promise(resolve => receiver.listen(0, '127.0.0.1', resolve));

try {
  const sandbox = await makeSandbox({ after: cleanup => cleanups.push(cleanup) });
  await sandbox.account(ours);
  const peers = Array.from({ length: chats }, (_, i) => String(491550000000 + i));
  for (const peer of peers) await sandbox.account(peer);
  const gateway = await makeGateway(sandbox);
  cleanups.push(() => gateway.stop());
  const webhooks = Array.from({ length: urls }, (_, i) =>
    ({ url: `http://127.0.0.1:${receiver.address().port}/hook${i}`, events: ['message.any'], ...more }));
  await gateway.link(sandbox, 'default', ours, { pacing: 'off', webhooks });
  const { pid } = gateway.process.child, written = bytesWritten(pid);

  const begun = performance.now();
  let next = 0;
  await Promise.all(Array.from({ length: 32 }, async () => {
    while (next < events) {
      const i = next++;
      await gateway.sendText('default', chatId(peers[i % chats]), `t${i}`, { async: true });
    }
  }));
  const accepted = performance.now();
  open = true;
  while (taken < events * urls && performance.now() - accepted < patience) await sleep(50);
  await sleep(2000); // what was taken is noted within a second
  const takenPerSecond = taken / ((last - first) / 1000);
  console.log(JSON.stringify({
    delay, events, chats, webhooks: urls, webhook: more, later, taken, connections,
    acceptedPerSecond: Math.round(events / ((accepted - begun) / 1000)),
    takenPerSecond: Math.round(takenPerSecond),
    bytesWrittenPerEvent: Math.round((bytesWritten(pid) - written) / events),
  }));
  if (taken < events * urls) process.exitCode = 1;
  aim('events a second', takenPerSecond, { least: { 1: 1000, 50: 150 }[delay] });
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
  receiver.closeAllConnections();
  receiver.close();
}
