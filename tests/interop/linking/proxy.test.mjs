// A session's proxy: all that goes to the service for it goes through that, or not at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { onlyThrough, startProxy, startTap } from '../lib/proxy.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, chatId, makeSandbox, pnJid } from '../lib/world.mjs';

const ours = '491580000001';
const theirs = '491580000002';

// A sandbox that the gateway knows by `host` alone, behind a tap.
async function makeWorld(t, { host = '127.0.0.1', proxies = [{}], whatsapp = {}, tls = false } = {}) {
  const sandbox = await makeSandbox(t, { tls });
  for (const phone of [ours, theirs]) await sandbox.account(phone);
  const tap = await startTap(t, { port: Number(new URL(sandbox.url).port) });
  const url = new URL(sandbox.url);
  const gateway = await makeGateway({ ...sandbox, url: `${url.protocol}//${host}:${tap.port}${url.pathname}`, whatsapp });
  t.after(() => gateway.stop());
  const running = [];
  for (const options of proxies) {
    const proxy = await startProxy({ hosts: { [host]: '127.0.0.1' }, ...options });
    t.after(() => proxy.stop().catch(() => {}));
    running.push(proxy);
  }
  const update = config => gateway.call('PUT', '/api/sessions/default', { config });
  const cause = async () => (await gateway.session('default')).cause;
  const untilCause = (what, pattern) => until(what, async () => {
    const session = await gateway.session('default');
    return session.status === 'STARTING' && session.cause.name === 'proxy' && pattern.test(session.cause.detail) && session;
  });
  return { sandbox, tap, gateway, proxies: running, proxy: running[0], update, cause, untilCause };
}

// `far.invalid` is a name that no resolver but the proxy's knows: RFC 2606.
for (const [kind, auth, tls] of [['http'], ['socks5'], ['http', 'user:pass:word'], ['socks5', 'user:password'], ['http', undefined, true]]) {
  test(`an account is linked, writes and is written to through ${kind}${auth ? ' with a password' : ''}${tls ? ' under TLS' : ''}, which looks up the name`, async t => {
    const { sandbox, gateway, tap, proxy } = await makeWorld(t, { proxies: [{ kind, auth }], tls, host: tls ? 'localhost' : 'far.invalid' });
    const [username, ...password] = auth?.split(':') ?? [];
    const config = { proxy: { server: proxy.server, ...(auth ? { username, password: password.join(':') } : {}) } };
    await gateway.link(sandbox, 'default', ours, config);
    const peer = await makePeer({ url: sandbox.url, caFile: sandbox.caFile });
    t.after(peer.stop);
    await peer.link(sandbox, theirs);
    await gateway.sendText('default', chatId(theirs), 'through');
    await peer.untilTexts(1);
    await peer.send(pnJid(ours), 'back');
    await gateway.sendText('default', chatId(theirs), 'and again');
    await peer.untilTexts(2);
    assert.ok(await onlyThrough(tap, proxy) >= 2, 'pairing, and the link after it');
    assert.deepEqual(proxy.wrong, []);
    assert.deepEqual((await gateway.session('default')).config, config, 'shown as it came');
    assert.ok(!gateway.process.log.some(line => /pass:word|password/.test(line)), 'never in the log');
    await assertNoViolations(sandbox);
  });
}

test('with the proxy down nothing reaches the service, the session says so, and comes back by itself', async t => {
  const { sandbox, gateway, tap, proxy, untilCause } = await makeWorld(t);
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const webhooks = [{ url: receiver.url, events: ['session.status'] }];
  await gateway.link(sandbox, 'default', ours, { proxy: { server: proxy.server }, webhooks });
  const before = await onlyThrough(tap, proxy);
  await proxy.stop();
  const session = await untilCause('the cause', /can't be reached/);
  assert.match(session.cause.detail, new RegExp(`the proxy ${proxy.server} `));
  assert.match(session.cause.hint, /config\.proxy/);
  assert.equal(session.next.step, 'connect');
  await receiver.until('the event', 'session.status', ({ payload }) => payload.status === 'STARTING' && payload.cause?.name === 'proxy');
  await until('a second try', () => gateway.process.log.filter(line => /reconnecting .*cause=proxy/.test(line)).length >= 2);
  await gateway.stop();
  await gateway.start();
  await untilCause('the cause again', /can't be reached/);
  assert.equal(tap.ports.length, before);
  await proxy.start();
  await gateway.working('default');
  await onlyThrough(tap, proxy);
});

test('whatever else a proxy does is its failure, told in words, and no link', async t => {
  const { sandbox, gateway, tap, proxies: [proxy, guarded], update, untilCause } = await makeWorld(t, { proxies: [{}, { kind: 'socks5', auth: 'user:password' }] });
  proxy.mode = 'refuse';
  await gateway.call('POST', '/api/sessions', { name: 'default', config: { proxy: { server: proxy.server } } });
  await untilCause('a refusal', /refuses a connection to 127\.0\.0\.1:\d+ \(HTTP 403\)/);
  for (const [mode, words] of [['hang up', /closes the connection without an answer/], ['garbage', /does not answer as an HTTP proxy/], ['silent', /gives no answer in time/]]) {
    proxy.mode = mode;
    await gateway.call('POST', '/api/sessions/default/restart');
    await untilCause(mode, words);
  }
  const socks = { server: guarded.server };
  await update({ proxy: socks });
  await untilCause('what is missing', /wants a user name and a password/);
  await update({ proxy: { ...socks, username: 'user', password: 'wrong-secret' } });
  await untilCause('what is wrong', /refuses the user name or password/);
  await update({ proxy: { server: 'proxy.invalid:8080' } });
  await untilCause('a name', /proxy\.invalid:8080 can't be reached/);
  const qr = await fetch(`${gateway.base}/api/default/auth/qr`, { headers: { 'x-api-key': 'interop-key' } });
  assert.equal(qr.status, 422);
  assert.match(JSON.stringify(await qr.json()), /proxy\.invalid/);
  assert.equal(tap.ports.length, 0);
  await update({ proxy: { ...socks, username: 'user', password: 'password' } });
  await sandbox.scan(ours, await gateway.qr('default'));
  await gateway.working('default');
  await onlyThrough(tap, guarded);
  assert.ok(!gateway.process.log.some(line => /wrong-secret/.test(line)));
});

test('another proxy is used at once, and so is none', async t => {
  const { sandbox, gateway, tap, proxies: [first, second], update } = await makeWorld(t, { proxies: [{}, { kind: 'socks5' }] });
  await gateway.link(sandbox, 'default', ours, { proxy: { server: first.server } });
  await onlyThrough(tap, first);
  const moved = async change => {
    const before = tap.ports.length;
    await change();
    await until('another connection', () => tap.ports.length > before);
    await gateway.working('default');
    await gateway.sendText('default', chatId(theirs), 'still here');
    return tap.ports.slice(before);
  };
  const through = await moved(() => update({ proxy: { server: second.server } }));
  assert.ok(through.every(port => second.ports.includes(port)));
  assert.equal(first.connections, first.ports.length);
  const used = first.connections + second.connections;
  const directly = await moved(() => update({}));
  assert.ok(directly.every(port => !second.ports.includes(port)));
  assert.equal(first.connections + second.connections, used);
  // What does not change the way leaves the link alone.
  const links = tap.ports.length;
  await update({ metadata: { a: 'b' } });
  await gateway.sendText('default', chatId(theirs), 'the same link');
  assert.equal(tap.ports.length, links);
  await assertNoViolations(sandbox);
});

test('a proxy that dies in the middle is a lost link, and the next goes through it as well', async t => {
  const { sandbox, gateway, tap, proxy } = await makeWorld(t);
  await gateway.link(sandbox, 'default', ours, { proxy: { server: proxy.server } });
  for (let i = 0; i < 3; i++) {
    const before = tap.ports.length;
    proxy.cut();
    await until('another connection', () => tap.ports.length > before);
    await gateway.working('default');
    await gateway.sendText('default', chatId(theirs), `alive ${i}`);
  }
  await onlyThrough(tap, proxy);
});

test('a session behind a proxy and one without do not share their way', async t => {
  const { sandbox, gateway, tap, proxy } = await makeWorld(t);
  await gateway.link(sandbox, 'default', ours, { proxy: { server: proxy.server } });
  const behind = await onlyThrough(tap, proxy);
  await gateway.link(sandbox, 'other', theirs);
  assert.equal(proxy.ports.length, behind);
  assert.ok(tap.ports.slice(behind).every(port => !proxy.ports.includes(port)));
});

test('a history is fetched through the proxy, and asked for again when that would not let it', async t => {
  const sandbox = await makeSandbox(t);
  await sandbox.account(ours, { name: 'Our Shop', salt: false });
  await sandbox.account(theirs, { name: 'An old friend' });
  await sandbox.sendAs(theirs, ours, 'long ago');
  const gateway = await makeGateway(sandbox);
  t.after(() => gateway.stop());
  const proxy = await startProxy();
  t.after(() => proxy.stop());
  await gateway.link(sandbox, 'default', ours, { proxy: { server: proxy.server } });
  const media = new URL(sandbox.media).host;
  await until('the history to be read', async () => (await sandbox.trace(`?account=${ours}&limit=1000`))
    .filter(entry => entry.direction === 'in' && /^<receipt .*type="hist_sync"/.test(entry.stanza)).length >= 3);
  await until('the file and its removal', () => proxy.asked.filter(asked => asked === media).length >= 2);
  assert.deepEqual([...new Set(proxy.asked)].sort(), [media, new URL(sandbox.url).host].sort());
  await assertNoViolations(sandbox);
});

// The page names no version, so that it is looked at again before a device is linked.
test('the version of the client is looked up as the sessions go: through a proxy where all have one', async t => {
  const sandbox = await makeSandbox(t);
  const asked = async () => (await sandbox.call('GET', '/clients')).asked;
  await sandbox.call('PUT', '/clients', { current: 0 });
  const gateway = await makeGateway({ ...sandbox, whatsapp: { version_url: `${sandbox.control}/sw.js` } });
  t.after(() => gateway.stop());
  const proxy = await startProxy();
  t.after(() => proxy.stop());
  await until('a look without a session', async () => await asked() === 1);
  await gateway.call('POST', '/api/sessions', { name: 'default', config: { proxy: { server: proxy.server } } });
  await until('another look', async () => await asked() === 2);
  assert.ok(proxy.asked.includes(new URL(sandbox.control).host), `${proxy.asked}`);
});

test('a proxy that makes no sense is refused by the name of its field', async t => {
  const { gateway } = await makeWorld(t);
  const refused = async (proxy, pattern) => assert.rejects(
    gateway.call('POST', '/api/sessions', { name: 'default', config: { proxy } }),
    error => error.status === 400 && pattern.test(error.body.message[0]) || assert.fail(`${JSON.stringify(proxy)}: ${error}`));
  await refused('127.0.0.1:1', /^config\.proxy: must be an object/);
  await refused({}, /^config\.proxy\.server: is required/);
  await refused({ server: 'proxy.example' }, /^config\.proxy\.server: must be host:port .*port is missing/);
  await refused({ server: 'https://proxy.example:1' }, /^config\.proxy\.server: /);
  await refused({ server: 'http://user:password@proxy.example:1' }, /^config\.proxy\.server: .*fields of their own/);
  await refused({ server: 'p:1', password: 'x' }, /^config\.proxy\.username: is required with a password/);
  await refused({ server: 'p:1', username: 'a:b' }, /^config\.proxy\.username: must not have a colon/);
  await refused({ server: 'p:1', username: 'a', password: 'b\r\nc' }, /^config\.proxy\.password: has control characters/);
  await refused({ server: 'p:1', pasword: 'b' }, /^config\.proxy\.pasword: there is no such key/);
  await assert.rejects(gateway.session('default'), error => error.status === 404);
  // As forms send it that were left empty.
  await gateway.call('POST', '/api/sessions', { name: 'default', config: { proxy: { server: '', username: '', password: '' } } });
  await gateway.qr('default');
  await gateway.call('POST', '/api/sessions', { name: 'null', config: { proxy: null } });
});
