// `pigeond run` as a process on a store that outlives it, and its REST API.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonClient } from './http.mjs';
import { freePort } from './port.mjs';
import { scratch, start, until } from './process.mjs';

export const key = 'interop-key';

const lines = section => Object.entries(section).map(([name, value]) => `${name} = ${value}\n`).join('');

// `whatsapp`, `api`: further keys of these sections; `ini`: further sections; `env`: further variables of its environment; `program`:
// another pigeond than the one under test.
export async function makeGateway({ url, rootKey, caFile = '', whatsapp = {}, api = {}, ini = '', env = {}, program }) {
  const folder = scratch();
  const port = await freePort();
  const config = join(folder, 'pigeond.ini');
  writeFileSync(config, `[whatsapp]\nurl = ${url}\n${rootKey && `root_key = ${rootKey}\n`}${caFile && `ca_file = ${caFile}\n`}${lines(whatsapp)}
[api]\nlisten = 127.0.0.1\nport = ${port}\nkey = ${key}\n${lines(api)}[store]\npath = ${join(folder, 'pigeond.db')}\n${ini}`);
  const base = `http://127.0.0.1:${port}`;
  const call = jsonClient(base, { 'x-api-key': key });
  const gateway = {
    base,
    config,
    folder,
    call,
    process: undefined,
    async start() {
      gateway.process = start(['run', '--config', config], env, program);
      await until('the REST API', () => {
        if (gateway.process.child.exitCode !== null) throw new Error(`pigeond ended: ${gateway.process.log.join('\n')}`);
        return api.tls_cert ? gateway.process.log.some(line => /listening/.test(line)) : fetch(`${base}/ping`).then(r => r.ok, () => false);
      });
    },
    stop: signal => gateway.process.stop(signal),
    session: name => call('GET', `/api/sessions/${name}`),
    status: async name => (await gateway.session(name)).status,
    working: name => until(`${name} to be WORKING`, async () => (await gateway.status(name)) === 'WORKING', 60),
    qr: async name => (await call('GET', `/api/${name}/auth/qr?format=raw`)).value,
    sendText: (session, chatId, text, extra = {}) => call('POST', '/api/sendText', { session, chatId, text, ...extra }),
    async link(sandbox, name, phone, config = {}) {
      await call('POST', '/api/sessions', { name, config });
      await sandbox.scan(phone, await gateway.qr(name));
      await gateway.working(name);
    },
  };
  await gateway.start();
  return gateway;
}
