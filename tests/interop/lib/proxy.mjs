// Proxies as people run them, small: HTTP CONNECT and SOCKS5 (RFC 1928, RFC 1929), each over real sockets. Names are looked up
// in `hosts` first, so that a test may use one that nobody else knows. What a proxy was asked for, by whom, and from which
// ports it went on is kept.
import { createServer, connect } from 'node:net';
import { until } from './process.mjs';

// Bytes of a socket, as they are asked for.
function reader(socket) {
  let held = Buffer.alloc(0), wanted, ended = false;
  const settle = () => {
    if (!wanted) return;
    const size = wanted.size(held);
    if (size !== undefined) {
      const part = held.subarray(0, size);
      held = held.subarray(size);
      const { resolve } = wanted;
      wanted = undefined;
      resolve(part);
    } else if (ended) {
      wanted.reject(new Error('closed'));
      wanted = undefined;
    }
  };
  const take = data => { held = Buffer.concat([held, data]); settle(); };
  socket.on('data', take);
  socket.on('close', () => { ended = true; settle(); });
  socket.on('error', () => {});
  const ask = size => new Promise((resolve, reject) => { wanted = { size, resolve, reject }; settle(); });
  return {
    bytes: count => ask(have => have.length >= count ? count : undefined),
    head: () => ask(have => { const at = have.indexOf('\r\n\r\n'); return at < 0 ? undefined : at + 4; }),
    rest: () => { socket.off('data', take); return held; },
  };
}

async function readConnect(socket, read, auth) {
  const text = (await read.head()).toString('latin1');
  const [, host, port] = /^CONNECT (?:\[([^\]]+)\]|([^:\s]+)):(\d+) HTTP\/1\.1\r\n/.exec(text)?.filter((part, i) => i === 0 || part !== undefined) ?? [];
  if (!host) throw new Error(`no CONNECT: ${text}`);
  const credentials = /^proxy-authorization: basic (\S+)\r$/im.exec(text)?.[1];
  const given = credentials && Buffer.from(credentials, 'base64').toString();
  const refuse = status => { socket.end(`HTTP/1.1 ${status} no\r\nContent-Length: 0\r\n\r\n`); };
  if (auth && given !== auth) return refuse(407), undefined;
  return { host, port: Number(port), given, accept: () => socket.write('HTTP/1.1 200 Connection established\r\nContent-Length: 7\r\n\r\n'), refuse: () => refuse(403) };
}

async function readSocks(socket, read, auth) {
  const [version, count] = await read.bytes(2);
  if (version !== 5) throw new Error(`version ${version}`);
  const methods = [...await read.bytes(count)];
  const method = auth ? 2 : 0;
  if (!methods.includes(method)) return socket.end(Buffer.from([5, 255])), undefined;
  socket.write(Buffer.from([5, method]));
  let given;
  if (auth) {
    const text = async () => (await read.bytes((await read.bytes(1))[0])).toString();
    await read.bytes(1);
    given = `${await text()}:${await text()}`;
    socket.write(Buffer.from([1, given === auth ? 0 : 1]));
    if (given !== auth) return socket.end(), undefined;
  }
  const [, command, , type] = await read.bytes(4);
  if (command !== 1) throw new Error(`command ${command}`);
  const host = type === 3 ? (await read.bytes((await read.bytes(1))[0])).toString() : [...await read.bytes(type === 1 ? 4 : 16)].join('.');
  const port = (await read.bytes(2)).readUInt16BE();
  const answer = code => Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]);
  return { host, port, given, accept: () => socket.write(answer(0)), refuse: () => socket.end(answer(2)) };
}

// `kind`: http or socks5. `auth`: user:password. `hosts`: names to addresses. Its `mode` may be set at any time: 'serve',
// 'refuse' (each connection), 'silent' (says nothing), 'garbage', or 'hang up'.
export async function startProxy({ kind = 'http', auth, hosts = {}, port = 0 } = {}) {
  const sockets = new Set();
  const proxy = { kind, mode: 'serve', asked: [], wrong: [], ports: [], connections: 0 };
  const server = createServer(socket => {
    proxy.connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket).catch(error => { proxy.wrong.push(String(error)); socket.destroy(); });
  });
  async function serve(socket) {
    const read = reader(socket);
    if (proxy.mode === 'hang up') return void socket.destroy();
    if (proxy.mode === 'garbage') return void socket.write('SSH-2.0-OpenSSH_9.2\r\n\r\n');
    if (proxy.mode === 'silent') return;
    const wanted = await (kind === 'http' ? readConnect : readSocks)(socket, read, auth);
    if (!wanted) return void proxy.wrong.push('credentials');
    proxy.asked.push(`${wanted.host}:${wanted.port}`);
    if (proxy.mode === 'refuse') return wanted.refuse();
    const far = connect({ host: hosts[wanted.host] ?? wanted.host, port: wanted.port, noDelay: true });
    sockets.add(far);
    far.on('close', () => { sockets.delete(far); socket.destroy(); });
    far.on('error', () => socket.destroy());
    socket.on('close', () => far.destroy());
    far.on('connect', () => {
      proxy.ports.push(far.localPort);
      wanted.accept();
      const rest = read.rest();
      if (rest.length) far.write(rest);
      socket.pipe(far);
      far.pipe(socket);
    });
  }
  const listen = at => new Promise((resolve, reject) => { server.once('error', reject); server.listen(at, '127.0.0.1', resolve); });
  await listen(port);
  const own = server.address().port;
  proxy.server = `${kind === 'socks5' ? 'socks5://' : ''}127.0.0.1:${own}`;
  proxy.cut = () => { for (const socket of sockets) socket.destroy(); };
  proxy.stop = () => { proxy.cut(); return new Promise(resolve => { server.close(resolve); }); };
  proxy.start = () => listen(own);
  return proxy;
}

// Stands before a server, and knows who connects to it: the ports that connections come from.
export async function startTap(t, { host = '127.0.0.1', port }) {
  const tap = { ports: [] };
  const server = createServer({ noDelay: true }, socket => {
    tap.ports.push(socket.remotePort);
    const far = connect({ host, port, noDelay: true });
    socket.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.pipe(far).pipe(socket);
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  tap.port = server.address().port;
  return tap;
}

// Each connection that came to the tap is one that the proxy made.
export async function onlyThrough(tap, proxy) {
  await until('the proxy to know its connections', () => tap.ports.every(port => proxy.ports.includes(port)), 5);
  return tap.ports.length;
}
