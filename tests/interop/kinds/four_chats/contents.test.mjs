// Texts, links, places, contacts, buttons and lists: what unmodified Baileys reads of ours, and what programs are told of its own.
import assert from 'node:assert/strict';
import { directly, everywhere, inFourChats, inGroups, phones } from '../../lib/four_chats.mjs';
import { card, location, vcard } from '../../lib/samples.mjs';

const { kind } = inFourChats();
const place = { latitude: '52.5', longitude: '13.25', live: false, name: 'Gate', address: 'Pariser Platz' };

kind('kText', 'out', everywhere, 'our text answers theirs, and names people', async chat => {
  const { key, told } = await chat.written('a question');
  const sent = await chat.text(`@${phones[2]} an answer`, { reply_to: told.id, mentions: [chat.friendId] });
  const { text, contextInfo } = (await chat.shown(sent, { type: 'text' })).extendedTextMessage;
  assert.equal(text, `@${chat.friend.split('@')[0]} an answer`);
  assert.deepEqual(contextInfo.mentionedJid, [chat.friend]);
  assert.equal(contextInfo.stanzaId, key.id);
  assert.ok(chat.forms.friend.includes(contextInfo.participant), contextInfo.participant);
  if (chat.group) assert.equal(contextInfo.participant, chat.friend);
});
kind('kText', 'out', directly, 'who is answered is named by the form of the chat', async chat => {
  const theirs = await chat.written('asked'), ours = await chat.text('asked by us');
  for (const [told, author] of [[theirs.told, chat.friend], [ours, chat.us]])
    assert.equal((await chat.shown(await chat.text('answered', { reply_to: told.id }))).extendedTextMessage.contextInfo.participant, author);
});
kind('kText', 'in', everywhere, 'their text answers ours, and names people', async chat => {
  const ours = await chat.text('our question');
  const quoted = { key: chat.keyOf((await chat.shown(ours), ours._data.id)), message: await chat.arrived(ours._data.id) };
  const { key } = await chat.say({ text: `@${chat.us.split('@')[0]} an answer`, mentions: [chat.us] }, { quoted });
  const told = await chat.heard(key.id);
  assert.equal(told.replyTo.id, ours._data.id);
  assert.equal(told.replyTo.body, 'our question');
  assert.deepEqual(told.mentionedIds.map(id => [chat.us, chat.usId].includes(id)), [true]);
});
kind('kLinkText', 'out', everywhere, 'our link has its card', async chat => {
  const sent = await chat.send('/api/send/link-custom-preview', { text: 'See https://a.example/x', preview: { url: 'https://a.example/x', title: 'A', description: 'B' } });
  const { extendedTextMessage } = await chat.shown(sent, { type: 'media', mediatype: 'url' });
  assert.deepEqual([extendedTextMessage.text, extendedTextMessage.matchedText, extendedTextMessage.title], ['See https://a.example/x', 'https://a.example/x', 'A']);
});
kind('kLinkText', 'in', everywhere, 'their link is a text', async chat => {
  const { key } = await chat.say({ text: 'See https://a.example/y', linkPreview: { 'matched-text': 'https://a.example/y', title: 'A' } });
  assert.equal((await chat.heard(key.id)).body, 'See https://a.example/y');
});
kind('kLocation', 'out', everywhere, 'our place arrives', async chat => {
  const sent = await chat.send('/api/sendLocation', { latitude: 52.5, longitude: 13.25, title: 'Gate' });
  const { locationMessage } = await chat.shown(sent, { type: 'media', mediatype: 'location' });
  assert.deepEqual([locationMessage.degreesLatitude, locationMessage.degreesLongitude, locationMessage.name], [52.5, 13.25, 'Gate']);
});
kind('kLocation', 'in', everywhere, 'their place is told', async chat => {
  const { key } = await chat.say({ location });
  assert.deepEqual((await chat.heard(key.id)).location, place);
});
kind('kLiveLocation', 'in', everywhere, 'where they move is told', async chat => {
  const told = await chat.heard(await chat.relay({ liveLocationMessage: { degreesLatitude: 52.5, degreesLongitude: 13.25, caption: 'On my way' } }));
  assert.deepEqual(told.location, { latitude: '52.5', longitude: '13.25', live: true, description: 'On my way' });
});
kind('kContact', 'out', everywhere, 'our contact arrives', async chat => {
  const sent = await chat.send('/api/sendContactVcard', { contacts: [{ vcard }] });
  const { contactMessage } = await chat.shown(sent, { type: 'media', mediatype: 'vcard' });
  assert.deepEqual([contactMessage.displayName, contactMessage.vcard], ['Jane Doe', vcard]);
});
kind('kContacts', 'out', everywhere, 'our contacts arrive', async chat => {
  const sent = await chat.send('/api/sendContactVcard', { contacts: [{ vcard }, { fullName: 'Jim', phoneNumber: '+49 151 0000010' }] });
  const { contactsArrayMessage } = await chat.shown(sent, { type: 'media', mediatype: 'contact_array' });
  assert.deepEqual(contactsArrayMessage.contacts.map(({ displayName }) => displayName), ['Jane Doe', 'Jim']);
});
kind(['kContact', 'kContacts'], 'in', everywhere, 'their contacts are told with their cards', async chat => {
  const one = await chat.say({ contacts: { displayName: 'Jane Doe', contacts: [card] } });
  assert.deepEqual((await chat.heard(one.key.id)).vCards, [vcard]);
  const two = await chat.say({ contacts: { displayName: '2 contacts', contacts: [card, card] } });
  const told = await chat.heard(two.key.id);
  assert.deepEqual([told.body, told.vCards], ['2 contacts', [vcard, vcard]]);
});
kind('kInteractive', 'out', everywhere, 'our buttons arrive', async chat => {
  const sent = await chat.send('/api/sendButtons', { body: 'Pick', buttons: [{ type: 'reply', text: 'Yes' }] });
  const { interactiveMessage } = await chat.shown(sent, { type: 'text' });
  assert.deepEqual(interactiveMessage.nativeFlowMessage.buttons.map(({ name }) => name), ['quick_reply']);
});
kind('kButtonsResponse', 'out', everywhere, 'our tap on a button arrives', async chat => {
  const sent = await chat.send('/api/send/buttons/reply', { selectedDisplayText: 'Yes', selectedButtonID: 'y' });
  const { buttonsResponseMessage } = await chat.shown(sent);
  assert.equal(buttonsResponseMessage.selectedDisplayText, 'Yes');
});
const list = { message: { title: 'Menu', button: 'Open', sections: [{ title: 'Drinks', rows: [{ title: 'Tea', rowId: '1' }] }] } };
kind('kList', 'out', directly, 'our list arrives', async chat => {
  const { listMessage } = await chat.shown(await chat.send('/api/sendList', list), { type: 'text' });
  assert.deepEqual(listMessage.sections[0].rows.map(({ title }) => title), ['Tea']);
});
kind('kList', 'out', inGroups, 'a list is refused, as phones show none there', async chat => {
  await chat.refused(chat.post('/api/sendList', list), 422, /chatId/);
});
