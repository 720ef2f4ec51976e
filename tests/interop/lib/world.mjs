// What most scenarios need: a sandbox, certificates for wss and https, and things that end with the test.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { scratch } from './process.mjs';
import { startSandbox } from './sandbox.mjs';

// A certificate authority of our own and a leaf for localhost and 127.0.0.1.
export function makeCertificates() {
  const folder = scratch();
  const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const file = name => join(folder, name);
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '30', '-subj',
    '/CN=pigeond test root');
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1');
  openssl('x509', '-req', '-in', 'leaf.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'leaf.pem',
    '-days', '30', '-copy_extensions', 'copy');
  return {
    caFile: file('ca.pem'), certFile: file('leaf.pem'), keyFile: file('leaf.key'),
    tls: { cert: readFileSync(file('leaf.pem')), key: readFileSync(file('leaf.key')) },
  };
}

export async function makeSandbox(t, { tls } = {}) {
  const certificates = tls ? makeCertificates() : undefined;
  const args = tls ? ['--wss-port', '0', '--tls-cert', certificates.certFile, '--tls-key', certificates.keyFile] : [];
  const sandbox = await startSandbox(args);
  t.after(() => sandbox.stop());
  sandbox.certificates = certificates;
  sandbox.url = tls ? sandbox.wss.replace('127.0.0.1', 'localhost') : sandbox.ws;
  sandbox.caFile = certificates?.caFile;
  return sandbox;
}

export const chatId = phone => `${phone}@c.us`;
export const pnJid = phone => `${phone}@s.whatsapp.net`;

export async function assertNoViolations(sandbox) {
  assert.deepEqual(await sandbox.violations(), []);
}

// Every text once and in this order.
export function assertInOrder(texts, prefix, count) {
  assert.deepEqual(texts.filter(text => text.startsWith(prefix)), Array.from({ length: count }, (_, i) => `${prefix} ${i}`));
}
