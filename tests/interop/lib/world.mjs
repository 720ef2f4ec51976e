// What most scenarios need: a sandbox, certificates for wss and https, and things that end with the test.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

// More leaves of that authority: one for another host, one that has expired, and one of an authority that nobody trusts.
export function makeBadCertificates(certificates) {
  const folder = dirname(certificates.caFile);
  const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const tls = name => ({ cert: readFileSync(join(folder, name)), key: readFileSync(certificates.keyFile) });
  openssl('req', '-new', '-key', 'leaf.key', '-out', 'other.csr', '-subj', '/CN=other.example', '-addext', 'subjectAltName=DNS:other.example');
  openssl('x509', '-req', '-in', 'other.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'other.pem', '-days', '30',
    '-copy_extensions', 'copy');
  writeFileSync(join(folder, 'ca.cnf'), `[ca]\ndefault_ca = here\n[here]\ndatabase = index.txt\nnew_certs_dir = .\nserial = serial
default_md = sha256\npolicy = any\ncopy_extensions = copy\n[any]\ncommonName = supplied\n`);
  writeFileSync(join(folder, 'index.txt'), '');
  writeFileSync(join(folder, 'serial'), '77\n');
  openssl('ca', '-batch', '-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key', '-in', 'leaf.csr', '-out', 'expired.pem', '-notext',
    '-startdate', '20200101000000Z', '-enddate', '20200201000000Z');
  openssl('req', '-x509', '-key', 'leaf.key', '-out', 'self.pem', '-days', '30', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost');
  return { otherName: tls('other.pem'), expired: tls('expired.pem'), untrusted: tls('self.pem') };
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
