// The OpenAPI document: a third-party validator takes it, and what the API answers is what it says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv from 'ajv/dist/2020.js';
import WebSocket from 'ws';
import { makeAuthenticator } from '../lib/authenticator.mjs';
import { key } from '../lib/gateway.mjs';
import { linkedWorld } from '../lib/linked.mjs';
import { until } from '../lib/process.mjs';
import { chatId } from '../lib/world.mjs';

const ours = '491540000001';
const friend = '491540000002';
const guarded = '491540000003';  // with a passkey
const passkey = makeAuthenticator();
const world = {};
test.before(async () => {
  Object.assign(world, await linkedWorld([ours, friend, [guarded, passkey.account]], { webhooks: [{ url: 'http://127.0.0.1:9/', events: ['*'] }] }));
  world.document = await world.gateway.call('GET', '/api/openapi.json');
});
test.after(() => world.end());

test('a validator takes the document, and WAHA\'s clients find it where they look', async () => {
  const result = await new Validator().validate(structuredClone(world.document));
  assert.ok(result.valid, JSON.stringify(result.errors, null, 1));
  assert.deepEqual(await world.gateway.call('GET', '/-json'), world.document);
});

test('README lists each route with its scope', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const rows = readme.slice(readme.indexOf('### Routes'), readme.indexOf('### Keys')).split('\n').filter(line => line.startsWith('| `'));
  for (const [path, methods] of Object.entries(world.document.paths)) {
    for (const [method, { 'x-scope': scope }] of Object.entries(methods)) {
      const row = rows.find(line => {
        const [, routes] = line.split('|');
        const [, base] = routes.match(/`[A-Z·]+ ([^`]+)`/);
        const paths = [...routes.matchAll(/`(?:[A-Z·]+ )?([^`]+)`/g)].map(([, at]) => at);
        const named = paths.includes(path) || paths.some(at => base.replace(/\/[^/]+$/, at) === path);
        return named && routes.includes(method.toUpperCase());
      });
      assert.ok(row, `${method} ${path} is not in the table`);
      assert.match(row.split('|')[2], new RegExp(scope), row);
    }
  }
});

// All of a row have the method before them, or the one of the first; `/start` after a path is a sibling of its last part.
test('and lists no route that the document does not have', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const rows = readme.slice(readme.indexOf('### Routes'), readme.indexOf('### Keys')).split('\n').filter(line => line.startsWith('| `'));
  let listed = 0;
  for (const row of rows) {
    let methods, base;
    for (const [, named, path] of row.split('|')[1].matchAll(/`(?:([A-Z·]+) )?([^`]+)`/g)) {
      if (named) methods = named.split('·');
      if (named) base = path;
      if (path === '/ping') continue;  // asked without a key, before there is a table
      const at = [path, base.replace(/\/[^/]+$/, path)].find(each => world.document.paths[each]);
      assert.ok(at, `${path} of the table is not in the document`);
      for (const method of methods) assert.ok(world.document.paths[at][method.toLowerCase()], `${method} ${at}`);
      listed += methods.length;
    }
  }
  assert.equal(listed, Object.values(world.document.paths).flatMap(Object.keys).length);
});

// What the document says of an operation has this answer.
function compare(operation, status, type, text) {
  const { operationId } = operation;
  const answer = operation.responses[status];
  assert.ok(answer, `${operationId} answers ${status}, which the document does not know: ${text}`);
  if (!text && type !== 'text/event-stream') return { status };
  assert.ok(answer.content?.[type], `${operationId} ${status} answers ${type}`);
  if (type !== 'application/json') return { status };
  const json = JSON.parse(text);
  const validate = validator(answer.content[type].schema);
  assert.ok(validate(json), `${operationId} ${status}: ${JSON.stringify(validate.errors)} in ${text}`);
  return { status, json };
}

// How a WebSocket is opened, or refused.
async function checkedUpgrade(query = '', { headers = {}, ...options } = {}) {
  const operation = world.document.paths['/ws'].get;
  const socket = new WebSocket(`${world.gateway.base.replace('http', 'ws')}/ws${query}`, { headers: { 'x-api-key': key, ...headers }, ...options });
  return new Promise((resolve, reject) => {
    socket.on('open', () => { socket.terminate(); resolve(compare(operation, 101, '', '')); });
    socket.on('error', reject);
    socket.on('unexpected-response', async (_, response) => {
      try {
        resolve(compare(operation, response.statusCode, response.headers['content-type'].split(';')[0], (await response.toArray()).join('')));
      } catch (error) { reject(error); }
      socket.on('error', () => {}).terminate();
    });
  });
}

// The answer to a request, once it has been compared with the document's answer to that operation.
async function checked(operationId, { params = {}, query = '', body, headers = {} } = {}) {
  for (const [path, methods] of Object.entries(world.document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation.operationId !== operationId) continue;
      const response = await fetch(world.gateway.base + path.replace(/\{(\w+)\}/g, (_, name) => params[name] ?? 'default') + query, {
        method: method.toUpperCase(),
        headers: { 'x-api-key': key, ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
        body: body && JSON.stringify(body),
      });
      const type = response.headers.get('content-type')?.split(';')[0];
      const endless = type === 'text/event-stream';
      if (endless) await response.body.cancel();
      return compare(operation, response.status, type, endless ? '' : await response.text());
    }
  }
  throw new Error(`no operation ${operationId}`);
}

// Members that the document does not name are an error, too.
function closed(schema) {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  if (copy.type === 'object' && copy.properties && copy.additionalProperties === undefined) copy.additionalProperties = false;
  return copy;
}

let ajv;
function validator(schema) {
  if (!ajv) {
    ajv = new Ajv({ strict: false });
    ajv.addSchema({ $id: 'document', components: { schemas: closed(world.document.components.schemas) } });
  }
  return ajv.compile(JSON.parse(JSON.stringify(closed(schema)).replaceAll('"#/', '"document#/')));
}

test('what is answered is what the document says', async () => {
  const seen = {};
  const call = async (id, options, status) => {
    const answer = await checked(id, options);
    if (status) assert.equal(answer.status, status, `${id}: ${JSON.stringify(answer.json)}`);
    seen[id] = true;
    return answer.json;
  };
  await call('createSession', { body: { name: 'other', start: false } }, 201);
  await call('createSession', { body: { name: 'other' } }, 422);
  await call('createSession', { body: { name: 'no blanks' } }, 400);
  await call('listSessions', {}, 200);
  await call('getSession', {}, 200);
  await call('getSession', { params: { session: 'other' } }, 200);
  await call('getSession', { params: { session: 'nobody' } }, 404);
  await call('getSession', { headers: { 'x-api-key': 'wrong' } }, 401);
  await call('updateSession', { params: { session: 'other' }, body: { config: { metadata: { a: 'b' } } } }, 200);
  await call('getSessionHealth', {}, 200);
  await call('getMe', {}, 200);
  await call('getMe', { params: { session: 'other' } }, 200);
  await call('getTimelock', {}, 200);
  await call('getCapping', {}, 200);
  await call('getQr', {}, 422);
  await call('startSession', { params: { session: 'other' } }, 201);
  await call('getSession', { params: { session: 'other' } }, 200);
  await call('getQr', { params: { session: 'other' } }, 200);
  await call('getQr', { params: { session: 'other' }, query: '?format=raw' }, 200);
  await call('getQr', { params: { session: 'other' }, headers: { accept: 'application/json' } }, 200);
  const other = { params: { session: 'other' } };
  await call('requestCode', { body: { phoneNumber: guarded } }, 422);
  await call('requestCode', { ...other, body: { phoneNumber: '12' } }, 400);
  for (const id of ['getPasskeyChallenge', 'getPasskeyConfirmation', 'confirmPasskey']) await call(id, other, 422);
  const { code } = await call('requestCode', { ...other, body: { phoneNumber: guarded } }, 201);
  world.sandbox.call('POST', `/accounts/${guarded}/code`, { code }).catch(() => {});
  const reaches = status => until(status, async () => await world.gateway.status('other') === status);
  await reaches('PASSKEY_REQUIRED');
  await call('getSession', other, 200);
  const options = await call('getPasskeyChallenge', other, 200);
  await call('signWithPasskey', { ...other, body: {} }, 400);
  await call('signWithPasskey', { ...other, body: passkey.assert(options) }, 201);
  await reaches('PASSKEY_CONFIRMATION_REQUIRED');
  await call('signWithPasskey', { ...other, body: passkey.assert(options) }, 422);
  await call('getPasskeyConfirmation', other, 200);
  await call('confirmPasskey', other, 201);
  await world.gateway.working('other');
  await call('restartSession', other, 201);
  await call('stopSession', { params: { session: 'other' } }, 201);
  await call('stopSession', { params: { session: 'nobody' } }, 201);
  await call('logoutSession', { params: { session: 'other' } }, 201);
  await call('sendText', { body: { chatId: chatId(friend), text: 'x' } }, 201);
  const queued = await call('sendText', { body: { session: 'other', chatId: chatId(friend), text: 'x', async: true } }, 422);
  assert.match(queued.message, /account/);
  await call('sendText', { body: { session: 'other', chatId: chatId(friend), text: 'x' } }, 422);
  await call('sendText', { body: { session: 'nobody', chatId: chatId(friend), text: 'x' } }, 422);
  await call('sendText', { body: { chatId: '491549999999', text: 'x' } }, 422);
  await call('sendText', { body: { chatId: chatId(friend) } }, 400);
  await call('sendLocation', { body: { chatId: chatId(friend), latitude: 1.5, longitude: -2, title: 'Gate' } }, 201);
  await call('sendLocation', { body: { chatId: chatId(friend), latitude: 91, longitude: -2 } }, 400);
  const asked = await call('sendPoll', { body: { chatId: chatId(friend), poll: { name: 'Tea?', options: ['Yes', 'No'] } } }, 201);
  await call('sendPoll', { body: { chatId: chatId(friend), poll: { name: 'Tea?', options: ['Yes'] } } }, 400);
  await call('sendPollVote', { body: { chatId: chatId(friend), pollMessageId: asked.id, votes: ['Yes'] } }, 201);
  await call('sendPollVote', { body: { chatId: chatId(friend), pollMessageId: 'UNKNOWN', votes: ['Yes'] } }, 404);
  await call('sendEvent', { body: { chatId: chatId(friend), event: { name: 'Tea', startTime: 1900000000 } } }, 201);
  await call('sendEvent', { body: { chatId: chatId(friend), event: { name: 'Tea' } } }, 400);
  const said = await call('sendText', { body: { chatId: chatId(friend), text: 'say something about this' } }, 201);
  const message = { params: { chatId: chatId(friend), messageId: said.id } }, unknown = { params: { chatId: chatId(friend), messageId: 'UNKNOWN' } };
  await call('forwardMessage', { body: { chatId: chatId(friend), messageId: said.id } }, 201);
  await call('forwardMessage', { body: { chatId: chatId(friend), messageId: 'UNKNOWN' } }, 404);
  await call('sendContactVcard', { body: { chatId: chatId(friend), contacts: [{ fullName: 'Jim', phoneNumber: '1' }] } }, 201);
  await call('sendContactVcard', { body: { chatId: chatId(friend), contacts: [] } }, 400);
  await call('sendLinkCustomPreview', { body: { chatId: chatId(friend), text: 'https://a.example', preview: { url: 'https://a.example', title: 'A' } } }, 201);
  await call('sendLinkPreview', { body: { chatId: chatId(friend), url: 'https://a.example', title: 'A' } }, 201);
  const rows = [{ title: 'Tea', rowId: '1' }];
  await call('sendList', { body: { chatId: chatId(friend), message: { title: 'Menu', button: 'Open', sections: [{ title: '', rows }] } } }, 201);
  await call('sendList', { body: { chatId: chatId(friend), message: { title: 'Menu', button: 'Open', sections: [] } } }, 400);
  await call('sendButtons', { body: { chatId: chatId(friend), body: 'Pick', buttons: [{ type: 'reply', text: 'Yes' }] } }, 201);
  await call('sendButtonsReply', { body: { chatId: chatId(friend), selectedDisplayText: 'Yes', selectedButtonID: 'y' } }, 201);
  await call('setDisappearing', { params: { chatId: chatId(friend) }, body: { duration: 86400 } }, 200);
  await call('getDisappearing', { params: { chatId: chatId(friend) } }, 200);
  await call('setReaction', { body: { messageId: said.id, reaction: 'x' } }, 200);
  await call('setReaction', { body: { messageId: 'UNKNOWN', reaction: 'x' } }, 404);
  await call('pinMessage', { ...message, body: { duration: 86400 } }, 201);
  await call('pinMessage', { ...message, body: { duration: 1 } }, 400);
  await call('unpinMessage', message, 201);
  await call('editMessage', { ...message, body: { text: 'y' } }, 200);
  await call('editMessage', { ...unknown, body: { text: 'y' } }, 404);
  await call('deleteMessage', message, 200);
  await call('deleteMessage', unknown, 404);
  await call('setPresence', { body: { presence: 'typing', chatId: chatId(friend) } }, 201);
  await call('setPresence', { body: { presence: 'typing' } }, 400);
  await call('setPresence', { params: { session: 'nobody' }, body: { presence: 'offline' } }, 422);
  await call('sendSeen', { body: { chatId: chatId(friend) } }, 201);
  await call('sendSeen', { body: {} }, 400);
  await call('sendSeen', { body: { session: 'nobody', chatId: chatId(friend) } }, 422);
  await call('sendSeenByGet', { query: `?chatId=${friend}` }, 200);
  for (const typing of ['startTyping', 'stopTyping']) {
    await call(typing, { body: { chatId: chatId(friend) } }, 201);
    await call(`${typing}ByGet`, { query: `?chatId=${friend}` }, 200);
  }
  await call('subscribePresence', { params: { chatId: chatId(friend) } }, 201);
  await call('subscribePresence', { params: { chatId: 'status@broadcast' } }, 400);
  await call('getPresence', { params: { chatId: chatId(friend) } }, 200);
  await call('listPresences', {}, 200);
  const told = await call('sendText', { body: { chatId: chatId(friend), text: 'receipts' } }, 201);
  await call('getMessageReceipts', { params: { chatId: chatId(friend), messageId: told.id } }, 200);
  await call('getMessageReceipts', { params: { chatId: chatId(friend), messageId: 'UNKNOWN' } }, 404);
  await call('markPlayed', { params: { chatId: chatId(friend), messageId: 'UNKNOWN' } }, 404);
  await call('rejectCall', { body: { from: chatId(friend), id: 'UNKNOWN' } }, 404);
  await call('blockContact', { body: { contactId: chatId(friend) } }, 201);
  await call('getBlocklist', {}, 200);
  await call('unblockContact', { body: { contactId: chatId(friend) } }, 201);
  await call('unblockContact', { body: {} }, 400);
  await call('getBusinessProfile', { query: `?contactId=${friend}` }, 200);
  await call('getMyProfile', {}, 200);
  await call('setProfileName', { body: { name: 'Pigeon' } }, 200);
  await call('setProfileStatus', { body: { status: 'At home' } }, 200);
  await call('getPrivacySettings', {}, 200);
  await call('setPrivacySettings', { body: { online: 'match_last_seen' } }, 200);
  await call('setPrivacySettings', { body: { online: 'none' } }, 400);
  await call('getDisappearingMode', {}, 200);
  await call('setDisappearingMode', { body: { duration: 86400 } }, 200);
  await call('setDisappearingMode', { body: { duration: 1 } }, 400);
  await world.gateway.call('POST', '/api/sessions/default/stop');
  const kept = await call('sendText', { body: { chatId: chatId(friend), text: 'x', queue: true } }, 202);
  await call('listOutbox', {}, 200);
  await call('listOutbox', { params: { session: 'nobody' } }, 422);
  await call('cancelMessage', { params: { id: kept.id } }, 200);
  await call('cancelMessage', { params: { id: kept.id } }, 409);
  await call('cancelMessage', { params: { id: 'UNKNOWN' } }, 404);
  await world.gateway.call('POST', '/api/sessions/default/start');
  await world.gateway.working('default');
  await call('checkNumber', { query: `?phone=${friend}` }, 200);
  await call('checkNumber', { query: '?phone=491549999999' }, 200);
  await call('checkNumber', { query: `?phone=${friend}&session=other` }, 422);
  await call('checkNumberStatus', { query: `?phone=${friend}` }, 200);
  const { lid } = await call('checkNumber', { query: `?phone=${friend}` }, 200);
  await call('checkNumbers', { body: { phones: [friend, '491549999999'] } }, 200);
  await call('checkNumbers', { body: { phones: [] } }, 400);
  await call('listContacts', {}, 200);
  await call('getContact', { query: `?contactId=${friend}` }, 200);
  await call('getContactById', { params: { id: chatId(friend) } }, 200);
  await call('getAbout', { query: `?contactId=${friend}` }, 200);
  await call('getAbout', { query: '?contactId=491549999999' }, 422);
  await call('getProfilePicture', { query: `?contactId=${friend}` }, 200);
  await call('listLids', {}, 200);
  await call('countLids', {}, 200);
  await call('getNumberOfLid', { params: { lid } }, 200);
  await call('getLidOfNumber', { params: { phoneNumber: friend } }, 200);
  await call('listLids', { params: { session: 'nobody' } }, 422);
  const person = { participants: [{ id: friend }] };
  const choir = await call('createGroup', { body: { name: 'Choir', ...person } }, 201);
  await call('createGroup', { body: { name: 'Choir' } }, 400);
  const group = { params: { id: choir.id } };
  await call('getGroups', {}, 200);
  await call('getGroups', { query: '?exclude=participants&sortBy=subject&sortOrder=desc' }, 200);
  await call('getGroups', { params: { session: 'nobody' } }, 422);
  await call('getGroupsCount', {}, 200);
  await call('refreshGroups', {}, 200);
  for (const id of ['getGroup', 'getGroupParticipants', 'getGroupParticipantsV2', 'getJoinRequests', 'getInviteCode', 'getInfoAdminOnly',
    'getMessagesAdminOnly', 'getMemberAddMode', 'getMembershipApproval']) {
    await call(id, group, 200);
    await call(id, { params: { id: '120363000000000000@g.us' } }, 404);
    await call(id, { params: { id: 'x@c.us' } }, 400);
  }
  for (const id of ['addParticipants', 'removeParticipants', 'promoteToAdmin', 'demoteToAdmin'])
    await call(id, { ...group, body: person }, 200);
  for (const id of ['approveJoinRequests', 'rejectJoinRequests']) await call(id, { ...group, body: person }, 201);
  await call('setSubject', { ...group, body: { subject: 'Band' } }, 200);
  await call('setDescription', { ...group, body: { description: 'Tuesdays' } }, 200);
  await call('setGroupEphemeral', { ...group, body: { seconds: 86400 } }, 200);
  await call('setInfoAdminOnly', { ...group, body: { adminsOnly: true } }, 200);
  await call('setMessagesAdminOnly', { ...group, body: { adminsOnly: false } }, 200);
  await call('setMemberAddMode', { ...group, body: { membersCanAddNewMember: false } }, 200);
  await call('setMembershipApproval', { ...group, body: { newMembersApprovalRequired: true } }, 200);
  await call('revokeInviteCode', group, 200);
  const { invite } = await world.sandbox.call('GET', `/groups/${choir.id}`);
  await call('joinInfo', { query: `?code=${invite}` }, 200);
  await call('joinInfo', { query: '?code=AAAAAAAAAAAAAAAAAAAA' }, 400);
  await call('joinGroup', { body: { code: invite } }, 200);
  await call('leaveGroup', group, 200);
  await call('deleteGroup', group, 422);
  await call('deleteGroup', { params: { id: (await call('createGroup', { body: { name: 'x', ...person } }, 201)).id } }, 200);
  const made = await call('createKey', { body: { name: 'x', session: 'default', rateLimit: { requests: 9, seconds: 1 }, expiresAt: 4e12 } }, 201);
  await call('createKey', { body: { scopes: ['x'] } }, 400);
  await call('listKeys', {}, 200);
  await call('listKeys', { headers: { 'x-api-key': made.key } }, 403);
  await call('getSession', { params: { session: 'other' }, headers: { 'x-api-key': made.key } }, 403);
  await call('openEventStream', {}, 200);
  await call('openEventStream', { query: '?session=*&events=message,message.ack&events=*' }, 200);
  await call('openEventStream', { query: '?events=messages' }, 400);
  await call('openEventStream', { headers: { 'last-event-id': '7' } }, 400);
  await call('openEventStream', { headers: { 'x-api-key': made.key } }, 403);
  await call('openEventStream', { headers: { 'x-api-key': 'wrong' } }, 401);
  await call('openWebSocket', {}, 400);
  const upgraded = async (status, ...how) => assert.equal((await checkedUpgrade(...how)).status, status);
  await upgraded(101);
  await upgraded(101, '?session=default&events=message', { headers: { 'x-api-key': made.key } });
  await upgraded(400, '?lastEventId=7');
  await upgraded(401, '', { headers: { 'x-api-key': 'wrong' } });
  await upgraded(403, '?session=other', { headers: { 'x-api-key': made.key } });
  await upgraded(426, '', { protocolVersion: 8 });
  await call('updateKey', { params: { id: made.id }, body: { scopes: ['read'] } }, 200);
  await call('deleteKey', { params: { id: made.id } }, 200);
  await call('deleteKey', { params: { id: made.id } }, 404);
  await call('createControlKey', { body: { session: 'default' } }, 201);
  await call('createControlKey', { body: { session: 'nobody' } }, 422);
  await call('createMediaKey', { body: { session: 'default' } }, 501);
  const [delivery] = await call('listDeliveries', {}, 200);
  await call('getDelivery', { params: { id: delivery.id } }, 200);
  await call('getDelivery', { params: { id: 99999 } }, 404);
  await call('replayDelivery', { params: { id: delivery.id } });
  await call('replayDeliveries', { body: { state: 'dead' } }, 201);
  await call('replayDeliveries', { body: { fromTime: 0, toTime: 0 } }, 400);
  await call('startSessionByName', { body: { name: 'former' } }, 201);
  await call('startSessionByName', { body: { name: 'former' } }, 422);
  await call('getScreenshot', { query: '?session=former' }, 200);
  await call('getScreenshot', { query: '?session=former', headers: { accept: 'application/json' } }, 200);
  await call('getScreenshot', {}, 422);
  await call('stopSessionByName', { body: { name: 'former' } }, 201);
  await call('logoutSessionByName', { body: { name: 'former' } }, 201);
  await call('health', {}, 200);
  await call('serverVersion', {}, 200);
  await call('version', {}, 200);
  await call('openapi', {}, 200);
  await call('openapiAsWaha', {}, 200);
  await call('deleteSession', { params: { session: 'other' } }, 200);
  const all = Object.values(world.document.paths).flatMap(methods => Object.values(methods).map(row => row.operationId));
  assert.deepEqual(all.filter(id => !seen[id]), [], 'every operation is tried');
});
