// Kinds of messages of which programs are told the words: what businesses send, what is tapped of that, and rarer things, in groups
// and in direct chats of both forms of addresses.
import assert from 'node:assert/strict';
import { everywhere, inFourChats } from '../../lib/four_chats.mjs';

const { kind } = inFourChats();

// Their client sends it; programs are told these words of it, once, and may answer it.
const words = (content, body, type) => async chat => {
  const told = await chat.heard(content instanceof Uint8Array ? await chat.raw(content) : await chat.relay(content));
  assert.deepEqual([told.body, told.hasMedia, told._data.type], [body, false, type ?? 'text']);
  const answer = await chat.text('I see', { reply_to: told.id });
  assert.deepEqual([answer.replyTo.id, answer.replyTo.body ?? ''], [told._data.id, body]);
};
// What Baileys has no name for, or an older number: fields of a message by their numbers, texts and messages.
const part = fields => Buffer.concat(Object.entries(fields).map(([number, value]) => {
  const inside = typeof value === 'string' ? Buffer.from(value) : part(value);
  const tag = (Number(number) << 3) | 2;
  return Buffer.concat([Buffer.from(tag < 128 ? [tag] : [(tag & 127) | 128, tag >> 7]), Buffer.from([inside.length]), inside]);
}));

const row = { hydratedTitleText: 'Code', hydratedContentText: '123456 is your code', hydratedFooterText: 'Not for others' };
kind('kTemplate', 'in', everywhere, 'a template has its words', words({ templateMessage: { hydratedTemplate: row, hydratedFourRowTemplate: row } },
  'Code\n123456 is your code\nNot for others'));
kind('kHighlyStructured', 'in', everywhere, 'a structured message has its words', words({ highlyStructuredMessage: { namespace: 'n', params: ['Two', 'lamps'] } }, 'Two\nlamps'));
kind('kButtons', 'in', everywhere, 'buttons have their words', words({ viewOnceMessage: { message: { buttonsMessage: { text: 'Hi', contentText: 'Yes or no?', footerText: 'Shop',
  headerType: 2 } } } }, 'Hi\nYes or no?\nShop'));
kind('kList', 'in', everywhere, 'a list has its words', words({ listMessage: { title: 'Menu', description: 'What may it be?', buttonText: 'Open', footerText: 'Till six',
  listType: 1 } }, 'Menu\nWhat may it be?\nTill six', 'list'));
kind('kInteractive', 'in', everywhere, 'a native flow has its words', words({ interactiveMessage: { header: { title: 'Shop' }, body: { text: 'Pick one' },
  footer: { text: 'Till six' } } }, 'Shop\nPick one\nTill six', 'interactive'));
kind('kInteractiveResponse', 'in', everywhere, 'what is tapped of a native flow has its words', words({ interactiveResponseMessage: { body: { text: 'Tomorrow at ten' },
  nativeFlowResponseMessage: { name: 'flow', paramsJson: '{}' } } }, 'Tomorrow at ten'));
kind('kListResponse', 'in', everywhere, 'what is chosen of a list has its words', words({ listResponseMessage: { title: 'Tea', listType: 1,
  singleSelectReply: { selectedRowId: '1' } } }, 'Tea'));
kind('kButtonsResponse', 'in', everywhere, 'a tapped button has its words', words({ buttonsResponseMessage: { selectedButtonId: 'y', selectedDisplayText: 'Yes', type: 1 } }, 'Yes'));
kind('kTemplateButtonReply', 'in', everywhere, 'a tapped button of a template has its words', words({ templateButtonReplyMessage: { selectedId: 'y', selectedDisplayText: 'Yes' } }, 'Yes'));
kind('kGroupInvite', 'in', everywhere, 'an invitation to a group has its words', words({ groupInviteMessage: { groupJid: '120363000000000001@g.us', inviteCode: 'x', groupName: 'Choir',
  caption: 'Sing along' } }, 'Sing along'));
kind('kProduct', 'in', everywhere, 'a product has its words', words({ productMessage: { product: { title: 'Lamp', description: 'Brass' }, body: 'On sale',
  businessOwnerJid: '491606000003@s.whatsapp.net' } }, 'Lamp\nBrass\nOn sale', 'product'));
kind('kOrder', 'in', everywhere, 'an order has its words', words({ orderMessage: { orderTitle: 'Order', message: 'Two lamps', itemCount: 2 } }, 'Order\nTwo lamps', 'order'));
kind('kInvoice', 'in', everywhere, 'an invoice has its words', words({ invoiceMessage: { note: 'Two lamps', token: 'x' } }, 'Two lamps', 'payment'));
kind('kSentPayment', 'in', everywhere, 'a payment has its words', words({ sendPaymentMessage: { noteMessage: { conversation: 'For lunch' } } }, 'For lunch', 'payment'));
kind('kRequestedPayment', 'in', everywhere, 'a request for a payment has its words', words({ requestPaymentMessage: { noteMessage: { extendedTextMessage: { text: 'For dinner' } },
  amount1000: 1000, currencyCodeIso4217: 'EUR' } }, 'For dinner', 'payment'));
kind('kPaymentInvite', 'in', everywhere, 'an invitation to pay has no words', words({ paymentInviteMessage: { serviceType: 1 } }, '', 'payment'));
kind('kPaymentReminder', 'in', everywhere, 'a reminder to pay has its words', words(part({ 124: { 3: 'Do not forget' } }), 'Do not forget', 'payment'));
kind('kSplitPayment', 'in', everywhere, 'a payment that is split has its words', words(part({ 125: { 3: 'The bill' } }), 'The bill', 'payment'));
kind('kEventInvite', 'in', everywhere, 'an invitation to an event has its words', words(part({ 122: { 3: 'Party', 6: 'Come along' } }), 'Party\nCome along', 'event'));
kind('kScheduledCall', 'in', everywhere, 'a call that is planned has its words', words({ scheduledCallCreationMessage: { scheduledTimestampMs: 1900000000000, callType: 1,
  title: 'Standup' } }, 'Standup', 'call'));
kind('kChannelAdminInvite', 'in', everywhere, 'an invitation to run a channel has its words', words({ newsletterAdminInviteMessage: { newsletterJid: '120363000000000002@newsletter',
  newsletterName: 'News', caption: 'Write with us' } }, 'News\nWrite with us'));
kind('kChannelInvite', 'in', everywhere, 'an invitation to a channel has its words', words({ newsletterFollowerInviteMessageV2: { newsletterJid: '120363000000000002@newsletter',
  newsletterName: 'News', caption: 'Read us' } }, 'News\nRead us'));
kind('kStickerPack', 'in', everywhere, 'a pack of stickers has its words', words({ stickerPackMessage: { name: 'Cats', packDescription: 'Nine of them', caption: 'Look' } },
  'Cats\nNine of them\nLook', 'sticker_pack'));
const results = { name: 'When?', pollVotes: [{ optionName: 'Mon', optionVoteCount: 2 }, { optionName: 'Tue', optionVoteCount: 1 }] };
kind('kPollResults', 'in', everywhere, 'the results of a poll have their words', words({ pollResultSnapshotMessage: results }, 'When?\nMon\nTue', 'poll'));
kind('kPollResults3', 'in', everywhere, 'the results of a poll of one choice have their words', words(part({ 115: { 1: 'When?', 2: { 1: 'Mon' } } }),
  'When?\nMon', 'poll'));
kind('kRichResponse', 'in', everywhere, 'what a machine answers has its words', words({ richResponseMessage: { messageType: 1, submessages: [{ messageType: 2,
  messageText: 'An answer' }] } }, 'An answer'));
const key = { remoteJid: 'status@broadcast', id: 'X', fromMe: false };
kind('kStatusAnswer', 'in', everywhere, 'an answer to a question of a status has its words', words({ statusQuestionAnswerMessage: { key, text: 'Green' } }, 'Green'));
kind('kQuestionResponse', 'in', everywhere, 'an answer to a question has its words', words({ questionResponseMessage: { key, text: 'Blue' } }, 'Blue'));
kind('kStatusQuoted', 'in', everywhere, 'a status that is quoted has its words', words({ statusQuotedMessage: { type: 1, text: 'Red' } }, 'Red'));
kind('kMusic', 'in', everywhere, 'music has its words', words(part({ 129: { 1: { 3: 'Artist', 4: 'Song' } } }), 'Song\nArtist', 'music'));
