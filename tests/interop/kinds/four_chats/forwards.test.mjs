// What is passed on, of every kind that can be: with its mark, and named in its stanza as phones name it.
import assert from 'node:assert/strict';
import { everywhere, inFourChats, phones } from '../../lib/four_chats.mjs';
import { madeFile } from '../../lib/media.mjs';

const { kind, world } = inFourChats();
const bytes = field => Buffer.from(field);

const forward = (chat, messageId) => chat.send('/api/forwardMessage', { messageId });
kind('kText', 'out', everywhere, 'theirs is forwarded with its mark, from another chat as well, and ours without', async chat => {
  for (const from of everywhere.map(name => world[name]).filter(({ session }) => session === chat.session)) {
    const { told } = await from.written(`pass it on to the ${chat.name}`);
    const { extendedTextMessage: { text, contextInfo } } = await chat.shown(await forward(chat, told.id), { type: 'text' });
    assert.deepEqual([text, contextInfo.isForwarded, contextInfo.forwardingScore], [told.body, true, 1]);
  }
  const own = await chat.shown(await forward(chat, (await chat.text('mine')).id));
  assert.ok(!own.extendedTextMessage?.contextInfo?.isForwarded);
  await chat.refused(chat.post('/api/forwardMessage', { messageId: 'NOTHERE' }), 404, /messageId/);
});
const fileOf = kind => madeFile(world.sandbox, phones[2], kind);
const files = [['imageMessage', { caption: 'Look', mimetype: 'image/jpeg' }, 'image'], ['videoMessage', { caption: 'Look', mimetype: 'video/mp4' }, 'video'],
  ['ptvMessage', { mimetype: 'video/mp4' }, 'ptv'], ['audioMessage', { ptt: true, mimetype: 'audio/ogg; codecs=opus' }, 'ptt'],
  ['documentMessage', { fileName: 'a.pdf', mimetype: 'application/pdf' }, 'document'], ['stickerMessage', { mimetype: 'image/webp' }, 'sticker']];
kind(['kImage', 'kVideo', 'kVideoNote', 'kAudio', 'kDocument', 'kSticker'], 'in', everywhere, 'files of theirs are told as such', async chat => {
  for (const [part, fields, kind] of files) {
    const told = await chat.heard(await chat.relay({ [part]: { ...await fileOf(kind), ...fields } }));
    assert.deepEqual([told.hasMedia, told.body, told.media.mimetype, told.media.filename], [true, fields.caption ?? '', fields.mimetype, fields.fileName ?? null]);
  }
});
const forwarded = async (chat, part, fields) => chat.shown(await forward(chat, (await chat.heard(await chat.relay({ [part]: fields }))).id));
kind(['kImage', 'kVideo', 'kVideoNote', 'kAudio', 'kDocument', 'kSticker'], 'out', everywhere, 'files of theirs are forwarded', async chat => {
  for (const [part, fields, kind] of files) {
    const file = await fileOf(kind);
    const { [part]: { contextInfo, mediaKey } } = await forwarded(chat, part, { ...file, ...fields });
    assert.deepEqual([contextInfo.isForwarded, bytes(mediaKey)], [true, file.mediaKey]);
  }
});
const answers = [['liveLocationMessage', { degreesLatitude: 1, degreesLongitude: 2 }, 'livelocation'],
  ['listResponseMessage', { title: 'Tea', listType: 1, singleSelectReply: { selectedRowId: '1' } }, 'list_response'],
  ['buttonsResponseMessage', { selectedButtonId: 'y', selectedDisplayText: 'Yes', type: 1 }, 'buttons_response'],
  ['templateButtonReplyMessage', { selectedId: 'y', selectedDisplayText: 'Yes' }],
  ['groupInviteMessage', { groupJid: '120363000000000001@g.us', inviteCode: 'x', groupName: 'Choir' }, 'url']];
kind(['kLiveLocation', 'kListResponse', 'kButtonsResponse', 'kTemplateButtonReply', 'kGroupInvite'], 'out', everywhere, 'what is neither text nor file is forwarded', async chat => {
  for (const [part, fields] of answers) assert.equal((await forwarded(chat, part, fields))[part].contextInfo.isForwarded, true);
});
// As whatsmeow's getMediaTypeFromMessage and Baileys' getMediaType have it.
kind(['kImage', 'kVideo', 'kVideoNote', 'kAudio', 'kDocument', 'kSticker', 'kListResponse', 'kButtonsResponse', 'kGroupInvite'], 'out', everywhere, 'what is forwarded and what is tapped is named in its stanza', async chat => {
  const told = [];
  for (const [part, fields, kind] of [...files, ...answers]) {
    const file = files.some(([each]) => each === part) ? await fileOf(kind) : {};
    const { id } = await chat.heard(await chat.relay({ [part]: { ...file, ...fields } }));
    told.push(chat.lookOf((await forward(chat, id))._data.id));
  }
  told.push(chat.lookOf((await chat.send('/api/send/buttons/reply', { selectedDisplayText: 'Yes', selectedButtonID: 'y' }))._data.id));
  const named = mediatype => mediatype ? { type: 'media', mediatype } : { type: 'text' };
  assert.deepEqual(await Promise.all(told), [...files, ...answers, [0, 0, 'buttons_response']].map(([, , mediatype]) => named(mediatype)));
});
