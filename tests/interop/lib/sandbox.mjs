// `pigeond sandbox` as a process, and its control API.
import { once } from 'node:events';
import { jsonClient } from './http.mjs';
import { start } from './process.mjs';

export async function startSandbox(args = []) {
  const process = start(['sandbox', '--listen', '127.0.0.1', '--ws-port', '0', '--control-port', '0', ...args]);
  const [line] = await Promise.race([
    once(process.lines, 'line'),
    process.exited.then(() => { throw new Error(`sandbox ended: ${process.log.join('\n')}`); }),
  ]);
  const endpoints = JSON.parse(line);
  const call = jsonClient(endpoints.control);
  return {
    ...endpoints,
    rootKey: endpoints.root_key,
    process,
    call,
    account: (phone, extra = {}) => call('POST', '/accounts', { phone, ...extra }),
    scan: (phone, qr) => call('POST', `/accounts/${phone}/scan`, { qr }),
    sendAs: (phone, to, text) => call('POST', `/accounts/${phone}/messages`, { to, text }),
    received: phone => call('GET', `/accounts/${phone}/messages`),
    disconnect: phone => call('POST', `/accounts/${phone}/disconnect`, {}),
    fault: fault => call('POST', '/faults', fault),
    clearFaults: () => call('DELETE', '/faults'),
    violations: () => call('GET', '/violations'),
    trace: (query = '') => call('GET', `/trace${query}`),
    stop: signal => process.stop(signal),
  };
}
