// A receiver of webhooks that keeps everything, over http or https. `answer` says the status, or a promise of it, or
// answers by itself and says nothing.
import { createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { until } from './process.mjs';

export async function startReceiver({ tls, answer = () => 200, hmacKey } = {}) {
  const deliveries = [], requests = [];
  let connections = 0;
  const serve = (request, response) => {
    const parts = [];
    request.on('data', part => parts.push(part));
    request.on('end', async () => {
      const body = Buffer.concat(parts);
      const delivery = { headers: request.headers, body: JSON.parse(body), raw: body };
      requests.push(delivery);
      if (hmacKey) delivery.hmac = createHmac('sha512', hmacKey).update(body).digest('hex');
      const status = await answer(delivery, deliveries.length, response);
      if (status === undefined) return;
      if (status < 300) deliveries.push(delivery);
      response.writeHead(status).end();
    });
  };
  const server = tls ? https.createServer(tls, serve) : http.createServer(serve);
  server.on(tls ? 'secureConnection' : 'connection', () => connections++);
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const events = name => deliveries.flatMap(d => d.body).filter(body => body.event === name);
  return {
    url: `${tls ? 'https' : 'http'}://localhost:${server.address().port}/hook`,
    deliveries, // what was taken
    requests, // all
    connections: () => connections,
    events,
    until: (what, name, test, seconds) => until(what, () => events(name).find(test), seconds),
    stop: () => new Promise(resolve => {
      server.closeAllConnections();
      server.close(resolve);
    }),
  };
}
