// A receiver of webhooks that keeps everything, over http or https.
import { createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { until } from './process.mjs';

export async function startReceiver({ tls, answer = () => 200, hmacKey } = {}) {
  const deliveries = [];
  const serve = (request, response) => {
    const parts = [];
    request.on('data', part => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      const delivery = { headers: request.headers, body: JSON.parse(body), raw: body };
      if (hmacKey) delivery.hmac = createHmac('sha512', hmacKey).update(body).digest('hex');
      const status = answer(delivery, deliveries.length);
      if (status < 300) deliveries.push(delivery);
      response.writeHead(status).end();
    });
  };
  const server = tls ? https.createServer(tls, serve) : http.createServer(serve);
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const events = name => deliveries.map(d => d.body).filter(body => body.event === name);
  return {
    url: `${tls ? 'https' : 'http'}://localhost:${server.address().port}/hook`,
    deliveries,
    events,
    until: (what, name, test, seconds) => until(what, () => events(name).find(test), seconds),
    stop: () => new Promise(resolve => {
      server.closeAllConnections();
      server.close(resolve);
    }),
  };
}
