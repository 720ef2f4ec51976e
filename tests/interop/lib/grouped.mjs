// A linked gateway with people around it: two accounts of Baileys, and some that are phones alone.
import { makePeer } from './baileys.mjs';
import { HttpError } from './http.mjs';
import { linkedWorld } from './linked.mjs';
import { startReceiver } from './webhook.mjs';
import { pnJid } from './world.mjs';
import assert from 'node:assert/strict';

export const ours = '491570000001', bea = '491570000002', cy = '491570000003', dan = '491570000004', shy = '491570000005';

export const groupEvents = ['group.v2.join', 'group.v2.leave', 'group.v2.participants', 'group.v2.update',
  'group.v2.participants.join-request', 'group.join', 'group.leave'];

export async function groupedWorld() {
  const receiver = await startReceiver();
  const world = await linkedWorld([ours, bea, cy, dan, [shy, { forbids_adding: true }]],
    { webhooks: [{ url: receiver.url, events: groupEvents }] });
  const peers = {};
  for (const [name, phone] of Object.entries({ bea, cy })) {
    peers[name] = await makePeer({ url: world.sandbox.ws });
    await peers[name].link(world.sandbox, phone);
  }
  const accounts = Object.fromEntries((await world.sandbox.call('GET', '/accounts')).map(one => [one.phone, one]));
  return {
    ...world, receiver, ...peers, accounts,
    lid: phone => accounts[phone].lid,
    call: (method, path, body) => world.gateway.call(method, `/api/default/groups${path}`, body),
    // As the simulated service has it.
    truth: id => world.sandbox.call('GET', `/groups/${id.split('@')[0]}`),
    make: (participants, more = {}) => world.sandbox.call('POST', '/groups', { subject: 'Choir', participants, ...more }),
    end: async () => {
      Object.values(peers).forEach(peer => peer.stop());
      await world.end();
      await receiver.stop();
    },
  };
}

export async function refused(promise, status, names) {
  const error = await promise.then(() => assert.fail('it was not refused'), caught => caught);
  assert.ok(error instanceof HttpError, String(error));
  assert.equal(error.status, status, String(error));
  assert.match(JSON.stringify(error.body), names);
}

// How Baileys lists a group's people: [number, rank], by number.
export const people = metadata => metadata.participants
  .map(({ id, phoneNumber, admin }) => [phoneNumber ?? id, admin ?? 'participant']).sort();
export const expected = members => Object.entries(members).map(([phone, rank]) => [pnJid(phone), rank]).sort();
