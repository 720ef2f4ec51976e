// The four chats in which a kind of message is sent and told: with one person by LID and by number, and in groups of both forms.
// Two accounts of one gateway are in them, of which one was never migrated to LIDs; a friend with two unmodified clients, who
// administers the groups as we do; and a member with one, who administers nothing. The first account has another client of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePeer } from './baileys.mjs';
import { key } from './gateway.mjs';
import { makeGroup } from './groups.mjs';
import { linkedWorld } from './linked.mjs';
import { until } from './process.mjs';
import { startReceiver } from './webhook.mjs';
import { chatId, pnJid } from './world.mjs';

export const directly = ['direct LID', 'direct PN'], inGroups = ['LID group', 'PN group'];
export const everywhere = [...directly, ...inGroups];

// What a client sees of a stanza around its content.
function lookOf({ attrs, content }) {
  const enc = content.filter(({ tag }) => tag === 'enc').at(-1); // a group's key is before it
  const meta = content.find(({ tag }) => tag === 'meta');
  const look = { type: attrs.type, edit: attrs.edit, mediatype: enc?.attrs.mediatype, hide: enc?.attrs['decrypt-fail'],
    polltype: meta?.attrs.polltype, event_type: meta?.attrs.event_type };
  return Object.fromEntries(Object.entries(look).filter(([, value]) => value));
}

class Chat {
  constructor(world, fields) { Object.assign(this, { world }, fields); }

  // --- ours ---

  // As a program asks for it: the status and the answer.
  async ask(method, path, body, headers = {}) {
    const response = await fetch(this.world.gateway.base + path, { method, headers: { 'x-api-key': key, 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  }
  post = (path, fields, method = 'POST') => this.ask(method, path, { session: this.session, chatId: this.to, ...fields });
  path = (id, what = '') => `/api/${this.session}/chats/${this.to}/messages/${encodeURIComponent(id)}${what}`;
  // What was sent, and is acknowledged.
  async sent(asked, status = 201) {
    const answer = await asked;
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    if (answer.body.id !== undefined) assert.equal(answer.body.ack, 1);
    return answer.body;
  }
  send = (path, fields) => this.sent(this.post(path, fields));
  text = (text, fields) => this.send('/api/sendText', { text, ...fields });
  async refused(asked, status, names) {
    const answer = await asked;
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.match(JSON.stringify(answer.body.message), names);
  }
  // A message that programs are told of, as the answer to its sender says it; and how their client has it.
  async shown(sent, look) {
    assert.equal(sent.to, this.to);
    assert.equal(sent.id, this.longId(true, sent._data.id, this.usId));
    const { payload } = await this.told('message.any', ({ id }) => id === sent.id);
    assert.equal(payload.body, sent.body);
    assert.equal(payload.to, this.to);
    assert.equal(payload.participant, this.group ? this.usId : null);
    return this.arrived(sent._data.id, look);
  }
  // What our message is to their client, which has it once and from whom and in the form of the chat.
  async arrived(id, look) {
    const { heard } = this.world;
    const found = await until(`${id} at their client`, () => heard.messages.find(message => message.key.id === id));
    assert.equal(found.key.remoteJid, this.jid);
    if (this.group) assert.equal(found.key.participant, this.us);
    assert.equal(found.key.addressingMode, this.mode);
    if (look) assert.deepEqual(await this.lookOf(id), look);
    return found.message;
  }
  async lookOf(id) {
    return lookOf(await until(`the stanza of ${id}`, () => this.world.heard.stanzas.find(({ attrs }) => attrs.id === id)));
  }
  // Their client's key of a message of ours.
  keyOf = id => this.world.heard.messages.find(message => message.key.id === id).key;

  // --- theirs ---

  say = (content, options) => this.world.peer.sock.sendMessage(this.theirJid, content, options);
  relay = (message, options = {}, by = 'peer') => this.world[by].sock.relayMessage(this.theirJid, message, options);
  // The same as bytes, from their phone.
  async raw(message) {
    const fields = { to: this.theirJid, message: Buffer.from(message).toString('base64') };
    return (await this.world.sandbox.call('POST', `/accounts/${this.friendId.split('@')[0]}/contents`, fields)).id;
  }
  // A text of theirs, as their client has it and as programs are told of it.
  async written(text) {
    const { key, message } = await this.say({ text });
    this.world.peer.sent[key.id] = message;
    return { key, told: await this.heard(key.id) };
  }
  // What programs are told of a message of theirs: once.
  async heard(id, who = this.friendId) {
    const of = ({ payload }) => payload._data.id === id;
    const { payload } = await this.told('message', ({ _data }) => _data.id === id);
    assert.equal(payload.id, this.longId(false, id, who));
    assert.equal(payload.from, this.to);
    assert.equal(payload.participant, this.group ? who : null);
    assert.equal(this.events('message').filter(of).length, 1);
    return payload;
  }

  // --- events ---

  told = (name, wanted) => this.world.receiver.until(`${name} in the ${this.name}`, name, event => event.session === this.session && wanted(event.payload));
  // Each once: one that was told just before a kill may come again, under its id.
  events = name => [...new Map(this.world.receiver.events(name).filter(({ session }) => session === this.session).map(event => [event.id, event])).values()];
  longId = (fromMe, id, author) => `${fromMe}_${this.to}_${id}${this.group ? `_${author}` : ''}`;
  // What is said about a message: by whom, and about which.
  saidBy(payload, fromMe) {
    assert.equal(payload.fromMe, fromMe);
    assert.equal(fromMe ? payload.to : payload.from, this.to);
    if (this.group) assert.equal(payload.participant, fromMe ? this.usId : this.friendId);
    return payload;
  }
}

async function fourChats([ours, unmoved, friend, other]) {
  const receiver = await startReceiver();
  const config = { webhooks: [{ url: receiver.url, events: ['*'] }], pacing: 'off' };
  const linked = await linkedWorld([ours, [unmoved, { lid_migrated: false }], friend, other], config);
  const { sandbox, gateway } = linked;
  await gateway.link(sandbox, 'unmoved', unmoved, config);
  const link = async phone => {
    const made = await makePeer({ url: sandbox.ws });
    await made.link(sandbox, phone);
    return made;
  };
  const peer = await link(friend), twin = await link(friend), member = await link(other), own = await link(ours);
  const heard = { messages: [], updates: [], reactions: [], chats: [], stanzas: [] };
  const { ev, ws } = peer.sock;
  ev.on('messages.upsert', ({ messages }) => heard.messages.push(...messages.filter(each => !each.key.fromMe && each.message)));
  ev.on('messages.update', updates => heard.updates.push(...updates));
  ev.on('messages.reaction', reactions => heard.reactions.push(...reactions));
  ev.on('chats.update', chats => heard.chats.push(...chats));
  ev.on('groups.update', groups => heard.chats.push(...groups));
  ws.on('CB:message', stanza => heard.stanzas.push(stanza));

  const lids = Object.fromEntries((await sandbox.call('GET', '/accounts')).map(({ phone, lid }) => [phone, lid]));
  const world = { ...linked, receiver, peer, twin, member, own, heard };
  const form = (mode, phone) => mode === 'lid' ? lids[phone] : pnJid(phone);
  const chat = (name, session, phone, mode, fields) => {
    world[name] = new Chat(world, { name, session, mode, usPhone: phone, usId: chatId(phone), us: form(mode, phone), friendId: chatId(friend),
      friend: form(mode, friend), other: form(mode, other), otherId: chatId(other),
      forms: { us: [lids[phone], pnJid(phone)], friend: [lids[friend], pnJid(friend)] }, ...fields });
  };
  for (const [name, session, phone, mode] of [['direct LID', 'default', ours, 'lid'], ['direct PN', 'unmoved', unmoved, 'pn']])
    chat(name, session, phone, mode, { group: false, to: chatId(friend), jid: form(mode, phone), theirJid: form(mode, phone) });
  for (const mode of ['lid', 'pn']) {
    const group = await makeGroup(sandbox, [ours, friend, other], { addressing: mode });
    chat(`${mode.toUpperCase()} group`, 'default', ours, mode, { group: true, to: group, jid: group, theirJid: group });
    await gateway.call('POST', `/api/default/groups/${group}/admin/promote`, { participants: [{ id: chatId(friend) }] });
  }
  for (const name of everywhere) await world[name].shown(await world[name].text('hello'));
  world.end = async () => {
    for (const each of [peer, twin, member, own]) each.stop();
    await linked.end();
    await receiver.stop();
  };
  return world;
}

export const phones = ['491605000001', '491605000002', '491605000003', '491605000004'];

// For a file of tests: its world, from the first test to the last, and the tests of kinds of messages in it. A test is of kinds by
// their names in the sources, in each of some chats; `direction`: out, of what programs send, or in. tests/kinds_table reads these
// calls as they stand.
export function inFourChats() {
  const world = {};
  test.before(async () => Object.assign(world, await fourChats(phones)));
  test.after(() => world.end?.());
  const kind = (kinds, direction, chats, title, run, options = {}) => {
    for (const name of chats)
      test(`${name}: ${title}`, options, async () => {
        const before = (await world.sandbox.violations()).length;
        await run(world[name]);
        assert.deepEqual((await world.sandbox.violations()).slice(before), []);
      });
  };
  return { world, kind };
}
