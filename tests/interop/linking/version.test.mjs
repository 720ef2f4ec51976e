// The version of the web client that is announced: refused, learnt, and raised, with no hand. And what linking with an
// old one looks like, which is a code that no phone can use.
import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, chatId, makeCertificates, makeSandbox } from '../lib/world.mjs';

const ours = '491550000001';
const theirs = '491550000002';
const builtIn = 1045649367;

const clients = (sandbox, policy) => sandbox.call('PUT', '/clients', policy);
const health = async gateway => (await gateway.call('GET', '/health')).details.client;
const revisionOf = async gateway => Number((await health(gateway)).version.split('.')[2]);
const withVersions = (sandbox, url = `${sandbox.control}/sw.js`) => makeGateway({ ...sandbox, whatsapp: { version_url: url } });

test('a version that is refused in the middle of the night heals with no hand, and nothing is lost', async t => {
  const sandbox = await makeSandbox(t);
  for (const phone of [ours, theirs]) await sandbox.account(phone);
  await clients(sandbox, { current: builtIn + 1000 });
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const gateway = await withVersions(sandbox);
  t.after(() => gateway.stop());
  await gateway.link(sandbox, 'default', ours, { webhooks: [{ url: receiver.url, events: ['session.status', 'message'] }] });
  const peer = await makePeer({ url: sandbox.url });
  t.after(() => peer.stop());
  await peer.link(sandbox, theirs);
  await gateway.sendText('default', chatId(theirs), 'in the evening');
  await peer.untilTexts(1);
  assert.equal(await revisionOf(gateway), builtIn + 1000);  // looked up at the start

  // Night: what is announced is not enough any more, and every link is dropped.
  await clients(sandbox, { current: builtIn + 5000, login: builtIn + 4000, linking: builtIn + 4500 });
  await sandbox.disconnect(ours);
  await until('the newer version', async () => (await revisionOf(gateway)) === builtIn + 5000);
  await gateway.working('default');
  assert.equal((await health(gateway)).status, 'up');
  await gateway.sendText('default', chatId(theirs), 'in the morning');
  await peer.untilTexts(2);
  await peer.send(`${ours}@s.whatsapp.net`, 'good morning');
  await receiver.until('the answer', 'message', event => event.payload.body === 'good morning');
  const statuses = receiver.events('session.status').map(event => event.payload.status);
  assert.ok(!statuses.includes('FAILED'), `${statuses}`);

  // What was learnt is stored: another start announces it at once, without a look.
  const { asked } = await sandbox.call('GET', '/clients');
  await gateway.stop();
  await gateway.start();
  await gateway.working('default');
  assert.equal(await revisionOf(gateway), builtIn + 5000);
  assert.equal((await sandbox.call('GET', '/clients')).asked, asked);
  await assertNoViolations(sandbox);
});

test('while no newer version is known, the session waits and says so; a page that comes back heals it', async t => {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  await clients(sandbox, { current: 0 });  // the script names none
  const gateway = await withVersions(sandbox);
  t.after(() => gateway.stop());
  await gateway.link(sandbox, 'default', ours);
  await clients(sandbox, { login: builtIn + 1 });
  await sandbox.disconnect(ours);
  const waiting = await until('the refusal to show', async () => {
    const session = await gateway.session('default');
    return session.cause?.name === 'outdated' && session;
  });
  assert.equal(waiting.status, 'STARTING');
  assert.match(waiting.cause.detail, /client outdated/);
  assert.equal(waiting.next.step, 'connect');
  assert.ok(waiting.next.at > Date.now());
  const shown = await health(gateway);
  assert.equal(shown.status, 'down');
  assert.equal(shown.refused, 1);
  assert.match(shown.lookError, /names no version/);
  // It is asked again by itself, and the session does not wait for its own next try.
  await clients(sandbox, { current: builtIn + 9 });
  await until('the version to be learnt', async () => (await revisionOf(gateway)) === builtIn + 9);
  await gateway.working('default');
});

test('linking with a version that phones do not take any more: the code is made anew with a newer one', async t => {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  await clients(sandbox, { current: 0, linking: builtIn + 1 });
  const gateway = await withVersions(sandbox);
  t.after(() => gateway.stop());
  await gateway.call('POST', '/api/sessions', { name: 'default' });
  const old = await gateway.qr('default');
  await assert.rejects(sandbox.scan(ours, old), /can't link/);
  assert.equal(await gateway.status('default'), 'SCAN_QR_CODE');  // nobody told it
  await clients(sandbox, { current: builtIn + 2 });
  const fresh = await until('a code that is not the old one', async () => {
    const code = await gateway.qr('default').catch(() => undefined);
    return code && code !== old && code;
  });
  await sandbox.scan(ours, fresh);
  await gateway.working('default');
});

test('a configured version is left alone, and its age and its end are told', async t => {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  const gateway = await makeGateway({ ...sandbox, whatsapp: { version: '2.3000.1035920091', version_url: `${sandbox.control}/sw.js` } });
  t.after(() => gateway.stop());
  await gateway.link(sandbox, 'default', ours);
  const { version, source } = await health(gateway);
  assert.deepEqual([version, source], ['2.3000.1035920091', 'configured']);
  assert.equal((await sandbox.call('GET', '/clients')).asked, 0);
  await clients(sandbox, { expires: 10 * 86400 });
  const shown = await until('the end to be told', async () => {
    const client = await health(gateway);
    return client.expires && client;
  });
  assert.ok(Math.abs(shown.expires - Date.now() - 10 * 86400_000) < 600_000);
  assert.match(shown.warning, /will refuse version 2\.3000\.1035920091 from .*take \[whatsapp\] version out/);
  assert.ok(gateway.process.log.some(line => /client version expires/.test(line)));
  await clients(sandbox, { expires: 0 });
  await until('the end to be taken back', async () => (await health(gateway)).expires === null);
});

// A server of our own, as it may be on the worst of days.
async function withScript(t, serve, tls) {
  const requests = [];
  const server = (tls ? https : http).createServer({ ...tls }, (request, response) => {
    requests.push(request.headers);
    serve(response);
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => { server.closeAllConnections(); server.close(); });
  return { url: `${tls ? 'https' : 'http'}://localhost:${server.address().port}/sw.js`, requests };
}

test('the version is read over TLS, past redirects, floods and nonsense, and is never lowered', async t => {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours);
  const certificates = makeCertificates();
  const answers = [
    response => response.writeHead(302, { location: 'http://127.0.0.1/' }).end(),
    response => { response.writeHead(200); response.write('x'.repeat(6 << 20)); response.end('"client_revision":1999999999,'); },
    response => response.writeHead(200).end('"client_revision":1045649367000,"client_revision":"soon"'),
    response => response.writeHead(200).end(`"client_revision":${builtIn - 1},`),
    response => response.writeHead(200).end(`{"client_revision": "${builtIn + 7}"}`),
  ];
  const page = await withScript(t, response => answers[Math.min(page.requests.length, answers.length) - 1](response), certificates.tls);
  const gateway = await makeGateway({ ...sandbox, whatsapp: { version_url: page.url }, caFile: certificates.caFile });
  t.after(() => gateway.stop());
  const seen = new Set();
  // Each start asks, as long as nothing was told.
  for (let round = 1; round <= 4; round++) {
    await until('the answer', async () => page.requests.length >= round && ((await health(gateway)).lookError ?? (await health(gateway)).looked));
    const client = await health(gateway);
    assert.equal(client.version, `2.3000.${builtIn}`);
    seen.add(client.lookError ?? 'told');
    await gateway.stop();
    if (round < 4) await gateway.start();
  }
  assert.deepEqual([...seen], ['the answer is HTTP 302', 'the answer names no version', 'told']);
  assert.equal(page.requests[0]['sec-fetch-site'], 'none');
  assert.match(page.requests[0]['user-agent'], /Chrome\//);
  // The fourth was an answer: for a day nobody is asked, unless the service refuses.
  await clients(sandbox, { login: builtIn + 7 });
  await gateway.start();
  assert.equal(page.requests.length, 4);
  await gateway.call('POST', '/api/sessions', { name: 'default' });
  await until('the version', async () => (await revisionOf(gateway)) === builtIn + 7);
  await sandbox.scan(ours, await gateway.qr('default'));
  await gateway.working('default');
});
