// The sandbox's media servers are honest: unmodified clients upload to them and download from them, with no pigeond in between, and
// the phones read what they are sent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { content, lose, makeMediaPeer, phoneFile, sendFile, sha256, uploadedBy } from '../lib/media.mjs';
import { assertNoViolations, makeSandbox, pnJid } from '../lib/world.mjs';

const alice = '491590000001', bob = '491590000002', carol = '491590000003';

async function makeWorld(t, { tls = false, accounts = [alice, bob], peers = [alice] } = {}) {
  const sandbox = await makeSandbox(t, { tls });
  for (const phone of accounts) await sandbox.account(phone);
  const [a, b] = await peers.reduce(async (made, phone) => [...await made, await makeMediaPeer(t, sandbox, phone)], []);
  return { sandbox, a, b };
}

const files = bytes => ({
  image: { image: bytes, caption: 'Look', jpegThumbnail: 'AA==' },
  video: { video: bytes, caption: 'Film', jpegThumbnail: 'AA==', seconds: 3 },
  gif: { video: bytes, gifPlayback: true, jpegThumbnail: 'AA==' },
  ptt: { audio: bytes, ptt: true, seconds: 2, waveform: new Uint8Array(64), mimetype: 'audio/ogg; codecs=opus' },
  audio: { audio: bytes, seconds: 2, mimetype: 'audio/mp4' },
  document: { document: bytes, fileName: 'a.pdf', mimetype: 'application/pdf', caption: 'Read' },
  sticker: { sticker: bytes },
});

for (const tls of [false, true]) {
  test(`Baileys sends files of each kind to a phone and to Baileys${tls ? ', under TLS' : ''}`, async t => {
    const { sandbox, a, b } = await makeWorld(t, { tls, peers: [alice, bob] });
    for (const [kind, message] of Object.entries(files(Buffer.alloc(0)))) {
      const bytes = content(kind === 'video' ? 700_000 : 12_345);
      const part = kind === 'gif' ? 'video' : kind === 'ptt' ? 'audio' : kind;
      const id = await a.sendFile(pnJid(bob), { ...message, [part]: bytes });
      const media = await phoneFile(sandbox, bob, id);
      assert.deepEqual([media.kind, media.sha256, media.length, media.unreadable], [kind, sha256(bytes), bytes.length, null]);
      assert.equal((await phoneFile(sandbox, alice, id)).sha256, sha256(bytes));
      assert.equal(sha256(await b.download(await b.file(id))), sha256(bytes));
    }
    await assertNoViolations(sandbox);
  });
}

test('Baileys reads what a phone sends', async t => {
  const { sandbox, a } = await makeWorld(t);
  const kinds = [['image', { caption: 'Look' }], ['video', {}], ['gif', {}], ['ptt', { seconds: 2 }], ['audio', {}],
    ['document', { filename: 'a.pdf', caption: 'Read' }], ['document', { filename: 'b.pdf' }], ['sticker', {}], ['image', { view_once: true }]];
  for (const [kind, more] of kinds) {
    const { id, media } = await sendFile(sandbox, bob, alice, { kind, size: 54_321, ...more });
    assert.equal(sha256(await a.download(await a.file(id))), media.sha256);
  }
  const bytes = Buffer.from('a short one');
  const { id } = await sendFile(sandbox, bob, alice, { kind: 'document', data: bytes.toString('base64'), filename: 'a.txt', mimetype: 'text/plain' });
  const got = await a.file(id);
  assert.equal(got.message.documentMessage.fileName, 'a.txt');
  assert.deepEqual(await a.download(got), bytes);
  await assertNoViolations(sandbox);
});

test('an upload under a wrong token is refused, and so is one with a made up auth', async t => {
  const { sandbox, a } = await makeWorld(t);
  const { auth } = await a.sock.refreshMediaConn();
  const post = async (token, word, body) => (await fetch(`${sandbox.media}/mms/image/${token}?auth=${encodeURIComponent(word)}&token=${token}`,
    { method: 'POST', headers: { origin: 'https://web.whatsapp.com' }, body })).status;
  const bytes = content(42), token = Buffer.from(sha256(bytes), 'hex').toString('base64url');
  assert.equal(await post(token, auth, bytes), 200);
  assert.equal(await post(token, auth, content(42, Buffer.alloc(16, 3))), 400);
  assert.equal(await post(token, 'made up', bytes), 401);
  assert.deepEqual((await sandbox.violations()).map(({ rule }) => rule), ['media-upload', 'media-auth']);
});

// Baileys asks for another auth after any odd answer, and tries the next host with it.
test('an auth that is over is healed by the next host, and without one the upload fails', async t => {
  const { sandbox, a } = await makeWorld(t);
  await a.sendFile(pnJid(bob), files(content(100)).image);
  await sandbox.call('POST', '/media/expire', {});
  await assert.rejects(a.sendFile(pnJid(bob), files(content(101)).image), /failed on all hosts/);
  await sandbox.call('PUT', '/media', { fallback: true });
  await a.sock.refreshMediaConn(true);
  await sandbox.call('POST', '/media/expire', {});
  const bytes = content(102);
  const id = await a.sendFile(pnJid(bob), files(bytes).image);
  assert.equal((await phoneFile(sandbox, bob, id)).sha256, sha256(bytes));
  await assertNoViolations(sandbox);
});

test('faults strike uploads: what is refused or cut goes to the next host, what is slow arrives', async t => {
  const { sandbox, a } = await makeWorld(t);
  await sandbox.call('PUT', '/media', { fallback: true });
  for (const fault of [...[500, 503, 507].map(code => ({ kind: 'media_refused', code })), { kind: 'media_cut' }, { kind: 'media_auth' },
    { kind: 'media_slow', rate: 200_000 }]) {
    await sandbox.fault({ ...fault, count: 1, way: 'up', account: alice });
    const bytes = content(50_000);
    const id = await a.sendFile(pnJid(bob), files(bytes).document);
    assert.equal((await phoneFile(sandbox, bob, id)).sha256, sha256(bytes), JSON.stringify(fault));
  }
  assert.deepEqual(await sandbox.call('GET', '/faults'), []);
  await sandbox.fault({ kind: 'media_wrong', count: 1, way: 'up' });
  const spoilt = await a.sendFile(pnJid(bob), files(content(50_000)).image);
  assert.match((await phoneFile(sandbox, bob, spoilt)).unreadable, /hash/);
  await assertNoViolations(sandbox);
});

test('faults strike downloads', async t => {
  const { sandbox, a } = await makeWorld(t);
  const { id, media } = await sendFile(sandbox, bob, alice, { kind: 'image', size: 100_000 });
  const got = await a.file(id);
  for (const [fault, status] of [[{ kind: 'media_gone' }, 404], [{ kind: 'media_gone', code: 410 }, 410], [{ kind: 'media_refused', code: 503 }, 503]]) {
    await sandbox.fault({ ...fault, count: 1, way: 'down' });
    await assert.rejects(a.download(got), error => error.output.statusCode === status);
  }
  await sandbox.fault({ kind: 'media_cut', count: 1 });
  await assert.rejects(a.fetch(got.message.imageMessage.directPath));
  await sandbox.fault({ kind: 'media_wrong', count: 1 });
  assert.notEqual(sha256(await a.download(got)), media.sha256); // Baileys looks at no hash
  await sandbox.fault({ kind: 'media_slow', count: 1, rate: 400_000 });
  assert.equal(sha256(await a.download(got)), media.sha256);
  await assertNoViolations(sandbox);
});

test('a phone uploads again what is gone, or says that it can not', async t => {
  const { sandbox, a } = await makeWorld(t, { accounts: [alice, bob, carol] });
  const { id, media } = await sendFile(sandbox, bob, alice, { kind: 'image', size: 30_000 });
  let got = await a.file(id);
  for (const status of [404, 410, 403]) {
    await lose(sandbox, got.message.imageMessage.directPath, status);
    await assert.rejects(a.download(got), error => error.output.statusCode === status);
    const before = got.message.imageMessage.directPath;
    got = await a.sock.updateMediaMessage(got);
    assert.notEqual(got.message.imageMessage.directPath, before);
    assert.equal(sha256(await a.download(got)), media.sha256);
  }
  for (const [retry, status] of [['not_found', 404], ['general_error', 418], ['decryption_error', 412], ['error', 404]]) {
    await sandbox.call('PUT', `/accounts/${alice}/media/${id}`, { retry });
    await assert.rejects(a.sock.updateMediaMessage(got), error => error.output.statusCode === status, retry);
  }
  await assertNoViolations(sandbox);
  // What it sent itself is asked of its own phone as well; a key that is wrong seals nothing that the phone opens.
  const bytes = content(500);
  const sent = await a.sock.sendMessage(pnJid(carol), files(bytes).image);
  await phoneFile(sandbox, alice, sent.key.id);
  await lose(sandbox, sent.message.imageMessage.directPath);
  const again = await a.sock.updateMediaMessage(sent);
  assert.equal(sha256(await a.download(again)), sha256(bytes));
  await assertNoViolations(sandbox);
  again.message.imageMessage.mediaKey = new Uint8Array(32);
  await assert.rejects(a.sock.updateMediaMessage(again));
  assert.deepEqual((await sandbox.violations()).map(({ rule }) => rule), ['media-retry']);
});

test('a phone tells of files that can not be read', async t => {
  const { sandbox, a } = await makeWorld(t);
  const good = await a.sock.sendMessage(pnJid(bob), files(content(1000)).image);
  const { imageMessage } = good.message;
  await phoneFile(sandbox, bob, good.key.id);
  for (const [field, value, why] of [['fileLength', 999, /fileLength/], ['fileSha256', new Uint8Array(32), /fileSHA256/], ['mimetype', '', /mimetype/],
    ['fileEncSha256', new Uint8Array(32), /hash/], ['mediaKey', new Uint8Array(32), /media file/], ['directPath', '/v/nowhere.enc', /nowhere/]]) {
    await sandbox.call('DELETE', '/violations');
    const id = await a.sock.relayMessage(pnJid(bob), { imageMessage: { ...imageMessage, [field]: value } }, {});
    assert.match((await phoneFile(sandbox, bob, id)).unreadable, why);
    const told = (await sandbox.violations()).map(({ rule }) => rule);
    assert.ok(told.length > 0 && told.every(rule => rule === 'media-unreadable'), `${field}: ${told}`);
  }
  assert.equal((await uploadedBy(sandbox, alice)).length, 1);
});
