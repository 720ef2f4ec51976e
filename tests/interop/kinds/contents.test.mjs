// What messages show that are no plain texts, and what is no message: between pigeond and Baileys, both ways.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proto } from 'baileys';
import { makePeer } from '../lib/baileys.mjs';
import { makeGateway } from '../lib/gateway.mjs';
import { until } from '../lib/process.mjs';
import { startReceiver } from '../lib/webhook.mjs';
import { assertNoViolations, chatId, makeSandbox, pnJid } from '../lib/world.mjs';

const [ours, theirs] = ['491592000001', '491592000002'];
const WEEK = 604800;

async function makePair(t, options = {}) {
  const sandbox = await makeSandbox(t);
  for (const phone of [ours, theirs]) await sandbox.account(phone);
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const gateway = await makeGateway({ ...options, url: sandbox.url, rootKey: sandbox.rootKey });
  t.after(() => gateway.stop());
  const events = ['message', 'message.any', 'message.ack', 'engine.event'];
  await gateway.link(sandbox, 'default', ours, { pacing: 'off', webhooks: [{ url: receiver.url, events }], ...options.session });
  const peer = await makePeer({ url: sandbox.url });
  t.after(() => peer.stop());
  await peer.link(sandbox, theirs);
  const inbox = [];
  peer.sock.ev.on('messages.upsert', ({ messages }) => inbox.push(...messages.filter(message => !message.key.fromMe && message.message)));
  const post = (path, fields) => gateway.call('POST', path, { session: 'default', chatId: chatId(theirs), ...fields });
  const refusal = (path, fields) => post(path, fields).then(() => assert.fail('accepted'), error => error);
  const got = id => until(`the message ${id}`, () => inbox.find(message => message.key.id === id));
  const relay = content => peer.sock.relayMessage(pnJid(ours), proto.Message.fromObject(content), {});
  const told = async content => {
    const id = await relay(content);
    return (await receiver.until(`the message ${id}`, 'message', ({ payload }) => payload._data.id === id)).payload;
  };
  return { sandbox, receiver, gateway, peer, inbox, post, refusal, got, relay, told };
}

test('what businesses send is told with the words that people read, and can be quoted', async t => {
  const { sandbox, told, post, got } = await makePair(t);
  const row = { hydratedTitleText: 'Code', hydratedContentText: '123456 is your code', hydratedFooterText: 'Not for others' };
  const cases = [
    [{ templateMessage: { hydratedTemplate: row, hydratedFourRowTemplate: row } }, 'Code\n123456 is your code\nNot for others'],
    [{ viewOnceMessage: { message: { buttonsMessage: { text: 'Hi', contentText: 'Yes or no?', footerText: 'Shop', headerType: 2 } } } },
      'Hi\nYes or no?\nShop'],
    [{ listMessage: { title: 'Menu', description: 'What may it be?', buttonText: 'Open', footerText: 'Till six', listType: 1 } },
      'Menu\nWhat may it be?\nTill six'],
    [{ interactiveMessage: { header: { title: 'Shop' }, body: { text: 'Pick one' }, footer: { text: 'Till six' } } }, 'Shop\nPick one\nTill six'],
    [{ interactiveResponseMessage: { body: { text: 'Tomorrow at ten' }, nativeFlowResponseMessage: { name: 'flow', paramsJson: '{}' } } },
      'Tomorrow at ten'],
    [{ productMessage: { product: { title: 'Lamp', description: 'Brass' }, body: 'On sale', businessOwnerJid: pnJid(theirs) } }, 'Lamp\nBrass\nOn sale'],
    [{ orderMessage: { orderTitle: 'Order', message: 'Two lamps', itemCount: 2 } }, 'Order\nTwo lamps'],
    [{ ephemeralMessage: { message: { buttonsResponseMessage: { selectedButtonId: 'y', selectedDisplayText: 'Yes', type: 1 } } } }, 'Yes'],
  ];
  let last;
  for (const [content, body] of cases) {
    last = await told(content);
    assert.equal(last.body, body);
    assert.equal(last.hasMedia, false);
  }
  const [quoted] = [await told(cases[0][0])];
  const sent = await post('/api/sendText', { text: 'thanks', reply_to: quoted.id });
  assert.deepEqual(sent.replyTo, { id: quoted._data.id, participant: sent.replyTo.participant, body: cases[0][1], hasMedia: false, media: null });
  const { contextInfo } = (await got(sent._data.id)).message.extendedTextMessage;
  assert.equal(contextInfo.quotedMessage.templateMessage.hydratedTemplate.hydratedContentText, '123456 is your code');
  await assertNoViolations(sandbox);
});

test('what nobody knows is told as it came to who asks for it, and what is no message is none', async t => {
  const { sandbox, receiver, relay, told } = await makePair(t);
  const id = await relay({ requestPhoneNumberMessage: {} });
  const { payload } = await receiver.until('it', 'engine.event', event => event.payload.data.id.endsWith(id));
  assert.equal(payload.event, 'requestPhoneNumberMessage');
  assert.equal(payload.data.chatId, chatId(theirs));
  assert.ok(proto.Message.decode(Buffer.from(payload.data.message, 'base64')).requestPhoneNumberMessage);
  for (const content of [{ messageContextInfo: { messageSecret: Buffer.alloc(32, 1) } }, { stickerSyncRmrMessage: { filehash: [] } },
    { albumMessage: { expectedImageCount: 2 } }, { chat: { displayName: 'x' } }, { callLogMesssage: { isVideo: false } }])
    await relay(content);
  await told({ conversation: 'that was all' });
  assert.deepEqual(receiver.events('message').map(event => event.payload.body), ['that was all']);
  assert.equal(receiver.events('engine.event').length, 1);
  await assertNoViolations(sandbox);
});

test('who comes by an advertisement is told with it, also without a word', async t => {
  const { told } = await makePair(t);
  const externalAdReply = { title: 'Lamps, half price', body: 'Only today', sourceType: 'ad', sourceId: '1200', sourceUrl: 'https://fb.me/x',
    ctwaClid: 'CLICK', showAdAttribution: true };
  const referral = { sourceType: 'ad', sourceId: '1200', sourceUrl: 'https://fb.me/x', title: 'Lamps, half price', body: 'Only today', ctwaClid: 'CLICK' };
  const asks = await told({ extendedTextMessage: { text: 'Is it there?', contextInfo: { externalAdReply } } });
  assert.equal(asks.body, 'Is it there?');
  assert.deepEqual(asks.referral, referral);
  const silent = await told({ extendedTextMessage: { contextInfo: { externalAdReply } } });
  assert.equal(silent.body, 'Lamps, half price');
  assert.deepEqual(silent.referral, referral);
});

test('contacts go out, made or given, and come in with their cards', async t => {
  const { sandbox, told, post, refusal, got } = await makePair(t);
  const vcard = 'BEGIN:VCARD\nVERSION:3.0\nFN:Jane Doe\nTEL;waid=491510000009:+49 151 0000009\nEND:VCARD';
  const came = await told({ contactMessage: { displayName: 'Jane Doe', vcard } });
  assert.equal(came.body, 'Jane Doe');
  assert.deepEqual(came.vCards, [vcard]);

  const one = await post('/api/sendContactVcard', { contacts: [{ vcard }], reply_to: came.id });
  assert.deepEqual(one.vCards, [vcard]);
  const { contactMessage } = (await got(one._data.id)).message;
  assert.equal(contactMessage.displayName, 'Jane Doe');
  assert.equal(contactMessage.vcard, vcard);
  assert.equal(contactMessage.contextInfo.stanzaId, came._data.id);

  const two = await post('/api/sendContactVcard', { contacts: [{ vcard: null, fullName: 'Jim\nTEL:666', organization: 'A;B', phoneNumber: '+49 151 0000010' },
    { vcard }] });
  const cards = (await got(two._data.id)).message.contactsArrayMessage.contacts;
  assert.deepEqual(cards.map(card => card.displayName), ['Jim\nTEL:666', 'Jane Doe']);
  assert.deepEqual(cards[0].vcard.split('\n'), ['BEGIN:VCARD', 'VERSION:3.0', 'FN:Jim\\nTEL:666', 'ORG:A\\;B;',
    'TEL;type=CELL;type=VOICE;waid=491510000010:+49 151 0000010', 'END:VCARD']);

  for (const [contacts, status, names] of [
    [[], 400, /contacts/], [[{ vcard: 'Jane' }], 400, /contacts\[0\]\.vcard/], [[{ vcard }, { fullName: 'x' }], 400, /contacts\[1\]\.phoneNumber/],
    [[{ fullName: 'x', phoneNumber: '1\nTEL:2' }], 400, /contacts\[0\]\.phoneNumber/],
    [[{ vcard: vcard.replace('Jane', 'J'.repeat(300 * 1024)) }], 400, /contacts\[0\]\.vcard/],
  ]) {
    const error = await refusal('/api/sendContactVcard', { contacts });
    assert.equal(error.status, status);
    assert.match(JSON.stringify(error.body.message), names);
  }
  assert.equal((await refusal('/api/sendContactVcard', { contacts: [{ vcard: 'x'.repeat(10 << 20) }] })).status, 413);
  await assertNoViolations(sandbox);
});

test('a live location is told as one', async t => {
  const { told } = await makePair(t);
  const came = await told({ liveLocationMessage: { degreesLatitude: 52.5, degreesLongitude: 13.25, caption: 'On my way', sequenceNumber: 1 } });
  assert.equal(came.body, 'On my way');
  assert.deepEqual(came.location, { latitude: '52.5', longitude: '13.25', live: true, description: 'On my way' });
});

test('a chat whose messages disappear gets such, of any kind, until that ends', async t => {
  const { sandbox, gateway, told, post, got, peer, inbox } = await makePair(t);
  const path = `/api/default/chats/${chatId(theirs)}/disappearing`;
  assert.deepEqual(await gateway.call('GET', path), { duration: 0, setAt: null });
  const plain = await post('/api/sendText', { text: 'stays' });
  assert.equal((await got(plain._data.id)).message.extendedTextMessage?.contextInfo?.expiration ?? 0, 0);

  const set = Math.floor(Date.now() / 1000) - 100;
  await told({ extendedTextMessage: { text: 'goes', contextInfo: { expiration: WEEK, ephemeralSettingTimestamp: set } } });
  assert.deepEqual(await gateway.call('GET', path), { duration: WEEK, setAt: set });
  for (const [kind, where, fields] of [['extendedTextMessage', '/api/sendText', { text: 'goes too' }],
    ['locationMessage', '/api/sendLocation', { latitude: 1, longitude: 2, title: 'Gate' }],
    ['contactMessage', '/api/sendContactVcard', { contacts: [{ fullName: 'Jim', phoneNumber: '1' }] }]]) {
    const sent = await post(where, fields);
    const { contextInfo } = (await got(sent._data.id)).message[kind];
    assert.equal(contextInfo.expiration, WEEK, kind);
    assert.equal(Number(contextInfo.ephemeralSettingTimestamp), set, kind);
  }
  await gateway.stop('SIGKILL');
  await gateway.start();
  await gateway.working('default');
  const after = await post('/api/sendText', { text: 'still' });
  assert.equal((await got(after._data.id)).message.extendedTextMessage.contextInfo.expiration, WEEK);

  await peer.sock.sendMessage(pnJid(ours), { disappearingMessagesInChat: 0 });
  await until('that it ended', async () => (await gateway.call('GET', path)).duration === 0);
  const kept = await post('/api/sendText', { text: 'stays again' });
  assert.equal((await got(kept._data.id)).message.extendedTextMessage?.contextInfo?.expiration ?? 0, 0);

  const updates = [];
  peer.sock.ev.on('chats.update', changed => updates.push(...changed));
  const answer = await gateway.call('PUT', path, { duration: 86400 });
  assert.equal(answer.ack, 1);
  await until('the setting at the peer', () => updates.find(update => update.ephemeralExpiration === 86400));
  const again = await post('/api/sendText', { text: 'goes within a day' });
  assert.equal((await got(again._data.id)).message.extendedTextMessage.contextInfo.expiration, 86400);
  await assert.rejects(gateway.call('PUT', path, { duration: -1 }), { status: 400 });
  await assert.rejects(gateway.call('PUT', '/api/default/chats/120363000000000001@g.us/disappearing', { duration: 0 }), { status: 422 });
  assert.equal(inbox.filter(({ message }) => message.conversation || message.extendedTextMessage?.text).length, 5);
  await assertNoViolations(sandbox);
});

test('lists and buttons go out as phones expect them', async t => {
  const { sandbox, post, refusal, got } = await makePair(t);
  const rows = [{ title: 'Tea', rowId: '1', description: 'green' }, { title: 'Coffee', rowId: '2' }];
  const list = await post('/api/sendList', { message: { title: 'Menu', description: 'What may it be?', footer: 'Till six', button: 'Open',
    sections: [{ title: 'Drinks', rows }] } });
  assert.equal(list.body, 'Menu\nWhat may it be?\nTill six');
  const { listMessage } = (await got(list._data.id)).message;
  assert.equal(listMessage.buttonText, 'Open');
  assert.deepEqual(listMessage.sections[0].rows.map(row => [row.title, row.rowId]), [['Tea', '1'], ['Coffee', '2']]);
  const buttons = await post('/api/sendButtons', { header: 'Hi', body: 'Pick', footer: '', buttons: [{ type: 'reply', text: 'Yes' },
    { type: 'url', text: 'Open', url: 'https://a.example' }] });
  const { interactiveMessage } = (await got(buttons._data.id)).message;
  assert.deepEqual(interactiveMessage.nativeFlowMessage.buttons.map(button => button.name), ['quick_reply', 'cta_url']);
  assert.equal(JSON.parse(interactiveMessage.nativeFlowMessage.buttons[1].buttonParamsJson).url, 'https://a.example');
  const reply = await post('/api/send/buttons/reply', { selectedDisplayText: 'Yes', selectedButtonID: 'y' });
  assert.equal((await got(reply._data.id)).message.buttonsResponseMessage.selectedDisplayText, 'Yes');
  for (const [path, fields, status, names] of [
    ['/api/sendList', { message: { title: 'x', button: 'y', sections: [] } }, 400, /sections/],
    ['/api/sendList', { message: { title: 'x', button: 'y', sections: [{ title: '', rows: [rows[0], rows[0]] }] } }, 400, /rowId/],
    ['/api/sendList', { chatId: '120363000000000001@g.us', message: { title: 'x', button: 'y', sections: [{ title: '', rows }] } }, 422, /chatId/],
    ['/api/sendButtons', { body: 'x', buttons: [] }, 400, /buttons/],
    ['/api/sendButtons', { body: 'x', buttons: [{ type: 'url', text: 'y' }] }, 400, /buttons\[0\]\.url/],
  ]) {
    const error = await refusal(path, fields);
    assert.equal(error.status, status, path);
    assert.match(JSON.stringify(error.body.message), names);
  }
  await assertNoViolations(sandbox);
});

test('people who are named are named by the address of the chat, and all only in groups', async t => {
  const { post, refusal, got, peer } = await makePair(t);
  const sent = await post('/api/sendText', { text: `@${theirs} look`, mentions: [chatId(theirs)] });
  const { text, contextInfo } = (await got(sent._data.id)).message.extendedTextMessage;
  const lid = peer.sock.authState.creds.me.lid.replace(/:\d+/, '');
  assert.ok([pnJid(theirs), lid].includes(contextInfo.mentionedJid[0]), contextInfo.mentionedJid[0]);
  assert.equal(text, `@${contextInfo.mentionedJid[0].split('@')[0]} look`);
  const error = await refusal('/api/sendText', { text: '@all', mentions: ['all'] });
  assert.equal(error.status, 422);
  assert.match(error.body.message, /mentions/);
  assert.equal((await refusal('/api/sendText', { text: 'x', mentions: ['everybody'] })).status, 400);
});
