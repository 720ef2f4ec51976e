// A port for a program that has to have the same one after a restart. Below those that the kernel gives away to whoever asks
// for any (32768 and up on Linux): between two starts nobody else gets it by chance.
import { createServer } from 'node:net';

const lowest = 10000, highest = 32000;
let next = lowest + Math.floor(Math.random() * (highest - lowest));

const isFree = port => new Promise(resolve => {
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
});

export async function freePort() {
  for (;;) {
    next = next < highest ? next + 1 : lowest;
    if (await isFree(next)) return next;
  }
}
