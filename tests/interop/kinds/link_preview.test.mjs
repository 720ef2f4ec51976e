// Cards for links: real pages over real sockets, what Baileys gets below the text, and what is never asked for.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { makePeer } from '../lib/baileys.mjs';
import { makeGateway } from '../lib/gateway.mjs';
import { startProxy } from '../lib/proxy.mjs';
import { assertNoViolations, chatId, makeSandbox } from '../lib/world.mjs';

const [ours, theirs] = ['491593000001', '491593000002'];

// `pages`: what stands under a path: a text of HTML, or a function that answers by itself.
async function startSite(t, pages, host = '127.0.0.1') {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    const page = pages[request.url];
    if (typeof page === 'function') return page(response, request);
    response.writeHead(page ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  });
  await new Promise(resolve => server.listen(0, host, resolve));
  t.after(() => new Promise(resolve => { server.closeAllConnections(); server.close(resolve); }));
  return { url: path => `http://${host}:${server.address().port}${path}`, asked };
}

async function makePair(t, ini, session = {}) {
  const sandbox = await makeSandbox(t);
  for (const phone of [ours, theirs]) await sandbox.account(phone);
  const gateway = await makeGateway({ url: sandbox.url, rootKey: sandbox.rootKey, ini });
  t.after(() => gateway.stop());
  await gateway.link(sandbox, 'default', ours, { pacing: 'off', ...session });
  const peer = await makePeer({ url: sandbox.url });
  t.after(() => peer.stop());
  await peer.link(sandbox, theirs);
  const sent = async (text, extra) => {
    const count = peer.texts.length;
    const answer = await gateway.sendText('default', chatId(theirs), text, extra);
    assert.equal(answer.body, text);
    await peer.untilTexts(count + 1);
    assert.equal(peer.texts[count].id, answer._data.id);
    return peer.texts[count].message.message.extendedTextMessage ?? {};
  };
  return { sandbox, gateway, peer, sent };
}

// Pages of this machine, which are no public ones, but for one address of it.
const open = '[previews]\ndeny_networks = 127.0.0.2/32\n';
const head = (title, more = '') => `<html><head><title>${title}</title>${more}</head><body></body></html>`;

test('the page of the first link is shown below the text, with its id, order and key', async t => {
  const { sandbox, gateway, peer, sent } = await makePair(t, open);
  const slow = [];
  const site = await startSite(t, {
    '/a': head('Lamps &amp; more', '<meta name="description" content="Brass and glass">'),
    '/moved': response => response.writeHead(302, { location: '/a' }).end(),
    '/slow': response => slow.push(response),
  });
  const card = await sent(`see ${site.url('/a')}, it is nice`);
  assert.equal(card.matchedText, site.url('/a'));
  assert.equal(card.title, 'Lamps & more');
  assert.equal(card.description, 'Brass and glass');
  assert.equal((await sent(`or ${site.url('/moved')}`)).title, 'Lamps & more');
  assert.equal((await sent(`not ${site.url('/a')}`, { linkPreview: false })).title ?? '', '');

  const before = peer.texts.length;
  const request = { session: 'default', chatId: chatId(theirs), text: `wait for ${site.url('/slow')}` };
  const first = gateway.call('POST', '/api/sendText', request, { 'Idempotency-Key': 'slow-1' });
  while (slow.length === 0) await new Promise(resolve => setImmediate(resolve));
  const again = gateway.call('POST', '/api/sendText', request, { 'Idempotency-Key': 'slow-1' });
  const second = gateway.sendText('default', chatId(theirs), 'after it');
  slow[0].writeHead(200, { 'content-type': 'text/html' }).end(head('Late'));
  assert.equal((await again).id, (await first).id);
  await second;
  await peer.untilTexts(before + 2);
  assert.deepEqual(peer.texts.slice(before).map(({ text }) => text), [request.text, 'after it']);
  assert.equal(peer.texts[before].message.message.extendedTextMessage.title, 'Late');
  assert.equal(slow.length, 1);
  await assertNoViolations(sandbox);
});

test('a page that can not be had, or has no end, leaves the text as it is', async t => {
  const { sandbox, sent } = await makePair(t, open);
  const site = await startSite(t, {
    '/silent': () => {},
    '/endless': response => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.write(head('Endless'));
      const more = () => { while (response.write('x'.repeat(65536)) && !response.destroyed); };
      response.on('drain', more);
      more();
    },
    '/round': (response, request) => response.writeHead(302, { location: `${request.url}` }).end(),
    '/file': response => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    '/picture': response => response.writeHead(200, { 'content-type': 'image/png' }).end(head('no')),
    '/empty': '<html></html>',
    '/broken': response => response.socket.end('HTTP/1.1 nonsense\r\n\r\n'),
  });
  for (const path of ['/none', '/round', '/file', '/picture', '/empty', '/broken', '/silent'])
    assert.equal((await sent(`x ${site.url(path)}`)).title ?? '', '', path);
  assert.equal((await sent(`x ${site.url('/endless')}`)).title, 'Endless');
  assert.equal(site.asked.filter(path => path === '/round').length, 4, 'three redirects');
  assert.equal((await sent('x https://no.such.host.invalid/')).title ?? '', '');
  await assertNoViolations(sandbox);
});

test('what is not public is not asked, by whichever name or redirect', async t => {
  const site = await startSite(t, { '/': head('Inside') }, '127.0.0.1');
  const closed = await makePair(t, '');
  for (const url of [site.url('/'), site.url('/').replace('127.0.0.1', 'localhost'), site.url('/').replace('127.0.0.1', '[::ffff:127.0.0.1]'),
    site.url('/').replace('127.0.0.1', '0.0.0.0')])
    assert.equal((await closed.sent(`x ${url}`)).title ?? '', '', url);
  assert.deepEqual(site.asked, []);
});

test('a redirect into a network that is denied is not followed', async t => {
  const inside = await startSite(t, { '/': head('Inside') }, '127.0.0.2');
  const site = await startSite(t, { '/in': response => response.writeHead(302, { location: inside.url('/') }).end() });
  const { sent } = await makePair(t, open);
  assert.equal((await sent(`x ${site.url('/in')}`)).title ?? '', '');
  assert.deepEqual(site.asked, ['/in']);
  assert.deepEqual(inside.asked, []);
});

test('sessions that want none, and gateways that make none, ask nobody', async t => {
  const site = await startSite(t, { '/': head('Page') });
  const none = await makePair(t, `${open}enabled = no\n`);
  assert.equal((await none.sent(`x ${site.url('/')}`)).title ?? '', '');
  const without = await makePair(t, open, { linkPreview: false });
  assert.equal((await without.sent(`x ${site.url('/')}`)).title ?? '', '');
  const proxy = await startProxy();
  t.after(() => proxy.stop());
  const hidden = await makePair(t, open, { proxy: { server: proxy.server } });
  assert.equal((await hidden.sent(`x ${site.url('/')}`)).title ?? '', '', 'the page would see this machine');
  assert.deepEqual(site.asked, []);
});

test('a card of one\'s own needs no page', async t => {
  const { gateway, peer, sandbox } = await makePair(t, '');
  const preview = { url: 'https://a.example/x', title: 'Mine', description: 'All of it' };
  const answer = await gateway.call('POST', '/api/send/link-custom-preview', { session: 'default', chatId: chatId(theirs),
    text: 'see https://a.example/x', preview });
  await peer.untilTexts(1);
  const { title, description, matchedText } = peer.texts[0].message.message.extendedTextMessage;
  assert.deepEqual({ url: matchedText, title, description }, preview);
  assert.equal(answer.body, 'see https://a.example/x');
  await assert.rejects(gateway.call('POST', '/api/send/link-custom-preview', { session: 'default', chatId: chatId(theirs), text: 'no link', preview }),
    { status: 400 });
  await assertNoViolations(sandbox);
});
