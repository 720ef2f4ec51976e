// How the API is reached: keys, other origins, TLS, a unix socket, and a gateway that is on its way out.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { key, makeGateway } from '../lib/gateway.mjs';
import { linkedWorld } from '../lib/linked.mjs';
import { binary, scratch, until } from '../lib/process.mjs';
import { chatId, makeCertificates } from '../lib/world.mjs';

const unlinked = { url: 'ws://127.0.0.1:1/', rootKey: '' };

async function make(t, api = {}) {
  const gateway = await makeGateway({ ...unlinked, api });
  t.after(() => gateway.stop());
  return gateway;
}

// One request as Node's own client makes it: { status, headers, body }.
function ask(options, body) {
  const { request } = options.ca ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request({ method: 'GET', ...options }, response => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', data => { text += data; });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
const to = (gateway, path, headers = {}, more = {}) =>
  ask({ host: '127.0.0.1', port: new URL(gateway.base).port, path, headers, ...more });

test('wrong keys are refused, counted, and told in the log without the key', async t => {
  const gateway = await make(t);
  for (let i = 0; i < 5; i++) assert.equal((await to(gateway, '/api/sessions', { 'x-api-key': `guess-${i}` })).status, 401);
  assert.equal((await to(gateway, '/api/sessions')).status, 401);
  const health = await gateway.call('GET', '/health');
  assert.equal(health.details.api.refusedKeys, 5);
  const lines = gateway.process.log.filter(line => /wrong API key/.test(line));
  assert.equal(lines.length, 1, lines.join('\n'));
  assert.match(lines[0], /peer=127\.0\.0\.1/);
  assert.ok(!gateway.process.log.some(line => line.includes('guess-')));
});

test('a request with two keys is refused, whichever of them is right', async t => {
  const gateway = await make(t);
  for (const keys of [[key, 'wrong-key'], ['wrong-key', key]]) {
    const { status, body } = await to(gateway, '/api/sessions', { 'x-api-key': keys });
    assert.ok(status === 400 || status === 401, `${status} ${body}`);
  }
});

test('a path is split before it is decoded, so that nobody disguises one', async t => {
  const gateway = await make(t);
  await gateway.call('POST', '/api/sessions', { name: 'default', start: false });
  const get = path => to(gateway, path, { 'x-api-key': key }).then(({ status }) => status);
  assert.equal(await get('/api/sessions/default'), 200);
  assert.equal(await get('/api/sessions/d%65fault'), 200);
  assert.equal(await get('/api/sessions/default/'), 200);
  for (const path of ['/api/sessions/default%2fme', '/api%2fversion', '/api/version%00', '/api/%zz', '/api/sessions/%2e%2e/version'])
    assert.equal(await get(path), 400, path);
});

test('other origins are let in only where they are listed', async t => {
  const page = 'https://crm.example';
  const preflight = { origin: page, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,x-api-key' };
  const closed = await make(t);
  assert.equal((await to(closed, '/api/sendText', preflight, { method: 'OPTIONS' })).headers['access-control-allow-origin'], undefined);
  const open = await make(t, { cors: `http://localhost:5173, ${page}` });
  const answer = await to(open, '/api/sendText', preflight, { method: 'OPTIONS' });
  assert.equal(answer.status, 204);
  assert.equal(answer.headers['access-control-allow-origin'], page);
  assert.equal(answer.headers['access-control-allow-headers'], 'content-type,x-api-key');
  for (const headers of [{ origin: page, 'x-api-key': key }, { origin: page }])
    assert.equal((await to(open, '/api/sessions', headers)).headers['access-control-allow-origin'], page, 'also when refused');
  assert.equal((await to(open, '/api/sessions', { origin: 'https://evil.example', 'x-api-key': key })).headers['access-control-allow-origin'], undefined);
  // What the door answers by itself, when the head is read: else a page is told of a broken network, and not why.
  const large = { 'x-api-key': key, 'content-type': 'application/json', 'content-length': 100_000_000 };
  const refused = await to(open, '/api/sendText', { ...large, origin: page }, { method: 'POST' });
  assert.equal(refused.status, 413);
  assert.equal(refused.headers['access-control-allow-origin'], page);
  const stranger = await to(open, '/api/sendText', { ...large, origin: 'https://evil.example' }, { method: 'POST' });
  assert.equal(stranger.status, 413);
  assert.equal(stranger.headers['access-control-allow-origin'], undefined);
});

test('with a certificate the API speaks https, and the command line still reaches it', async t => {
  const { certFile, keyFile, tls, caFile } = makeCertificates();
  const gateway = await make(t, { tls_cert: certFile, tls_key: keyFile });
  const secure = { host: 'localhost', port: new URL(gateway.base).port, ca: readFileSync(caFile), family: 4 };
  assert.ok(tls.cert.length > 0);
  assert.equal((await ask({ ...secure, path: '/ping' })).status, 200);
  const created = await ask({ ...secure, path: '/api/sessions', method: 'POST', headers: { 'x-api-key': key, 'content-type': 'application/json' } },
    JSON.stringify({ name: 'over-tls', start: false, config: { ofItsOwner: 'x'.repeat(20_000) } }));
  assert.equal(created.status, 201, created.body);
  await assert.rejects(fetch(`http://127.0.0.1:${secure.port}/ping`), 'no plain http on that port');
  const socket = join(gateway.folder, 'api.sock');
  assert.equal(statSync(socket).mode & 0o777, 0o600);
  assert.match(execFileSync(binary, ['sessions', '--config', gateway.config], { encoding: 'utf8' }), /over-tls/);
});

test('a renewed certificate is served from SIGHUP on, and a broken one leaves the old one in use', async t => {
  const { certFile, keyFile, caFile } = makeCertificates();
  const gateway = await make(t, { tls_cert: certFile, tls_key: keyFile });
  const secure = { host: 'localhost', port: new URL(gateway.base).port, ca: readFileSync(caFile), family: 4, agent: false };
  const served = () => new Promise((resolve, reject) => {
    const sent = https.request({ ...secure, path: '/health', headers: { 'x-api-key': key } }, response => {
      const { serialNumber } = response.socket.getPeerCertificate();
      let text = '';
      response.on('data', data => { text += data; }).on('end', () => resolve({ serialNumber, tls: JSON.parse(text).info.api.tls }));
    });
    sent.on('error', reject).end();
  });
  const openssl = (...args) => execFileSync('openssl', args, { cwd: dirname(certFile), stdio: 'ignore' });
  const hangUp = async () => {
    const seen = gateway.process.log.length;
    gateway.process.child.kill('SIGHUP');
    await until('the reload', () => gateway.process.log.slice(seen).some(line => /configuration reloaded/.test(line)));
  };
  const first = await served();
  assert.deepEqual(first.tls, { status: 'up' });
  openssl('x509', '-req', '-in', 'leaf.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'leaf.pem', '-days', '30',
    '-copy_extensions', 'copy');
  await hangUp();
  const second = await served();
  assert.notEqual(second.serialNumber, first.serialNumber);
  assert.deepEqual(second.tls, { status: 'up' });
  writeFileSync(keyFile, 'no key at all');
  await hangUp();
  const third = await served();
  assert.equal(third.serialNumber, second.serialNumber);
  assert.equal(third.tls.status, 'down');
  assert.match(third.tls.error, /not renewed: .*key/);
  assert.ok(gateway.process.log.some(line => /certificate kept as it was/.test(line)));
});

test('a unix socket serves the same API, and is gone after a stop', async t => {
  const path = join(scratch(), 'p.sock');
  const gateway = await make(t, { unix: path, unix_mode: '0640' });
  assert.equal(statSync(path).mode & 0o777, 0o640);
  assert.equal((await ask({ socketPath: path, path: '/ping' })).status, 200);
  assert.equal((await ask({ socketPath: path, path: '/api/sessions' })).status, 401);
  assert.equal((await ask({ socketPath: path, path: '/api/sessions', headers: { 'x-api-key': key } })).status, 200);
  // After a kill the file is still there: the next one takes its place.
  await gateway.stop('SIGKILL');
  await gateway.start();
  assert.equal((await ask({ socketPath: path, path: '/ping' })).status, 200);
  await gateway.stop();
  assert.throws(() => statSync(path), { code: 'ENOENT' });
});

const [ours, friend] = ['491550000001', '491550000002'];

async function makeLinked(t) {
  const { sandbox, gateway, end } = await linkedWorld([ours, friend]);
  t.after(end);
  return { sandbox, gateway };
}

test('a gateway that is stopping refuses with 503, never with what sounds final', async t => {
  const { gateway } = await makeLinked(t);
  const agent = new http.Agent({ keepAlive: true });
  const seen = [];
  let stopping = false;
  const callers = Promise.all(Array.from({ length: 8 }, async () => {
    for (;;) {
      const body = JSON.stringify({ session: 'default', chatId: chatId(friend), text: 'on and on' });
      try {
        const answer = await ask({ host: '127.0.0.1', port: new URL(gateway.base).port, path: '/api/sendText', method: 'POST', agent,
          headers: { 'x-api-key': key, 'content-type': 'application/json', 'content-length': body.length } }, body);
        seen.push(answer);
        if (answer.status !== 201 && answer.status !== 202) return;
      } catch (error) {
        assert.ok(stopping, String(error));
        return;
      }
    }
  }));
  while (seen.length < 50) await new Promise(resolve => setTimeout(resolve, 10));
  stopping = true;
  await gateway.stop();
  await callers;
  for (const { status, headers, body } of seen) {
    assert.ok([201, 202, 503].includes(status), `${status} ${body}`);
    if (status === 503) assert.ok(Number(headers['retry-after']) > 0, body);
  }
  assert.match(gateway.process.log.at(-1), /stopped/);
});

test('a gateway whose service has fallen silent ends cleanly, with what waits and what is asked meanwhile', async t => {
  const { sandbox, gateway } = await makeLinked(t);
  await gateway.sendText('default', chatId(friend), 'heard');
  sandbox.process.child.kill('SIGSTOP');  // its sockets stay, and nobody answers, not even to a goodbye
  try {
    const callers = Promise.all(Array.from({ length: 8 }, (_, i) =>
      gateway.sendText('default', chatId(friend), `unheard ${i}`).catch(error => error)));
    await until('all texts to wait', async () => (await gateway.call('GET', '/api/default/outbox')).length === 8);
    assert.deepEqual(await gateway.stop(), [0, null], gateway.process.log.join('\n'));
    assert.match(gateway.process.log.at(-1), /stopped$/);
    for (const answer of await callers) assert.ok(answer.pending || answer.status === 503, String(answer));
  } finally {
    sandbox.process.child.kill('SIGCONT');
  }
});
