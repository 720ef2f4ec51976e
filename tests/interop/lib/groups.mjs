// Groups of a sandbox, and what is looked at in its trace.
import { until } from './process.mjs';

// `more`: as the control API has it (addressing, announce, creator...). Its JID.
export async function makeGroup(sandbox, participants, more = {}) {
  return (await sandbox.call('POST', '/groups', { subject: 'Interop', participants, ...more })).id;
}

// What a phone has of a group, in order.
export const phoneTexts = async (sandbox, phone, group) =>
  (await sandbox.received(phone)).filter(message => message.chat === group && message.text).map(({ text }) => text);
export const untilPhone = (sandbox, phone, group, text) =>
  until(`${text} at the phone ${phone}`, async () => (await phoneTexts(sandbox, phone, group)).includes(text));

// Stanzas that a device of an account wrote, from the entry `after` on.
export async function written(sandbox, phone, device, after = 0) {
  return (await sandbox.trace(`?account=${phone}`)).filter(entry =>
    entry.index > after && entry.direction === 'in' && entry.device === device).map(({ stanza }) => stanza);
}
export async function traceEnd(sandbox) {
  return Math.max(0, ...(await sandbox.trace()).map(({ index }) => index));
}
