// An account of ours, linked to a gateway that tells everything, and a friend's, with a phone and an unmodified client.
import { makePeer } from './baileys.mjs';
import { linkedWorld } from './linked.mjs';
import { startReceiver } from './webhook.mjs';
import { chatId, pnJid } from './world.mjs';

export async function chatOfTwo(ours, theirs) {
  const receiver = await startReceiver();
  const world = await linkedWorld([ours, theirs], { webhooks: [{ url: receiver.url, events: ['*'] }], pacing: 'off' });
  const { sandbox, gateway } = world;
  const peer = await makePeer({ url: sandbox.ws });
  await peer.link(sandbox, theirs);
  const lidOf = async phone => (await sandbox.call('GET', `/accounts/${phone}`)).lid;
  const forms = { ours: { pn: pnJid(ours), lid: await lidOf(ours) }, theirs: { pn: pnJid(theirs), lid: await lidOf(theirs) } };
  const heard = { messages: [], updates: [], reactions: [] };
  const listen = () => {
    peer.sock.ev.on('messages.upsert', ({ messages }) => heard.messages.push(...messages.filter(m => !m.key.fromMe && m.message)));
    peer.sock.ev.on('messages.update', updates => heard.updates.push(...updates));
    peer.sock.ev.on('messages.reaction', reactions => heard.reactions.push(...reactions));
  };
  listen();
  const friend = chatId(theirs);
  return {
    sandbox, gateway, receiver, peer, heard, forms, friend,
    text: (text, extra) => gateway.sendText('default', friend, text, extra),
    call: (method, path, body) => gateway.call(method, path, body),
    // A text of theirs, as their client has it and as programs are told of it.
    written: async text => {
      const message = await peer.sock.sendMessage(pnJid(ours), { text });
      const { payload } = await receiver.until(text, 'message', event => event.payload.body === text);
      return { message, key: message.key, told: payload };
    },
    arrived: (id, list = heard.messages) => list.find(message => message.key.id === id),
    // How many events were told that are an empty message.
    empty: () => ['message', 'message.any'].flatMap(name => receiver.events(name)).filter(event => event.payload.body === '').length,
    end: async () => {
      peer.stop();
      await world.end();
      await receiver.stop();
    },
  };
}
