// A request as a bench makes it: nothing but the status is of interest.
import { request } from 'node:http';

export const makeCall = port => (method, path, body, key, agent) => new Promise((resolve, reject) => {
  const headers = { 'x-api-key': key, ...(body ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {}) };
  const sent = request({ host: '127.0.0.1', port, method, path, agent, headers });
  sent.on('error', reject);
  sent.on('response', response => {
    response.resume();
    response.on('end', () => resolve(response.statusCode));
    response.on('error', reject);
  });
  sent.end(body);
});
