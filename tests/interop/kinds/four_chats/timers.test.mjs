// Disappearing messages: a chat's timer and a group's, set by us and by them, and what is sent while there is one.
import assert from 'node:assert/strict';
import { directly, inFourChats, inGroups } from '../../lib/four_chats.mjs';
import { until } from '../../lib/process.mjs';

const { kind, world } = inFourChats();
const WEEK = 604800;

const timerOf = async chat => (await chat.sent(chat.ask('GET', `/api/${chat.session}/chats/${chat.to}/disappearing`), 200)).duration;
async function sendsWith(chat, seconds) {
  const location = await chat.shown(await chat.send('/api/sendLocation', { latitude: 1, longitude: 2, title: 'Gate' }));
  const text = await chat.shown(await chat.text('does it go?'));
  assert.deepEqual([location.locationMessage.contextInfo?.expiration ?? 0, text.extendedTextMessage?.contextInfo?.expiration ?? 0], [seconds, seconds]);
}
kind('kTimerSetting', 'out', directly, 'our timer is set, and what we send has it', async chat => {
  for (const duration of [WEEK, 0]) {
    const answer = await chat.sent(chat.ask('PUT', `/api/${chat.session}/chats/${chat.to}/disappearing`, { duration }), 200);
    assert.equal((await chat.arrived(answer._data.id, { type: 'text' })).protocolMessage.ephemeralExpiration, duration);
    await until('the setting', () => world.heard.chats.find(({ id, ephemeralExpiration }) => id === chat.jid && ephemeralExpiration === (duration || null)));
    assert.equal(await timerOf(chat), duration);
    await sendsWith(chat, duration);
  }
});
kind('kTimerSetting', 'in', directly, 'their timer is what we send with', async chat => {
  for (const seconds of [WEEK, 0]) {
    await chat.say({ disappearingMessagesInChat: seconds });
    await until('the setting', async () => (await timerOf(chat)) === seconds);
    await sendsWith(chat, seconds);
  }
});
kind('kTimerSetting', 'out', inGroups, 'the group\'s timer is set in the group, and what we send has it', async chat => {
  await chat.refused(chat.ask('PUT', `/api/${chat.session}/chats/${chat.to}/disappearing`, { duration: WEEK }), 422, /chatId/);
  for (const seconds of [WEEK, 0]) {
    assert.equal(await chat.sent(chat.ask('PUT', `/api/${chat.session}/groups/${chat.to}/settings/ephemeral`, { seconds }), 200), true);
    await until('the setting', async () => ((await world.peer.sock.groupMetadata(chat.to)).ephemeralDuration ?? 0) === seconds);
    await sendsWith(chat, seconds);
  }
});
kind('kTimerSetting', 'in', inGroups, 'the timer that they set in the group is what we send with', async chat => {
  for (const seconds of [WEEK, 0]) {
    await chat.say({ disappearingMessagesInChat: seconds });
    await chat.told('group.v2.update', ({ group }) => group.id === chat.to && group.ephemeralDuration === seconds);
    await sendsWith(chat, seconds);
  }
});
kind('kTimerSetting', 'in', inGroups, 'the group\'s timer is shown as that of the chat', async chat => {
  for (const seconds of [WEEK, 0]) {
    await chat.say({ disappearingMessagesInChat: seconds });
    await until('the setting', async () => (await chat.ask('GET', `/api/default/groups/${chat.to}`)).body.ephemeralDuration === seconds);
    assert.equal(await timerOf(chat), seconds);
  }
});
