// What is said about a message and encrypted with its secret, as other clients make it (whatsmeow msgsecret.go): the key is made
// of the message's id, of who has written that and who says something about it, and of what that is.
import { createCipheriv, hkdfSync, createHash, randomBytes } from 'node:crypto';
import { proto } from 'baileys';

const withSender = ['Poll Vote', 'Event Response']; // whose additional data names them

export function seal({ secret, id, author, sender, use, plaintext }) {
  const key = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `${id}${author}${sender}${use}`, 32));
  const encIv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, encIv);
  if (withSender.includes(use)) cipher.setAAD(Buffer.from(`${id}\0${sender}`));
  const encPayload = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return { encPayload, encIv };
}

export const hash = option => createHash('sha256').update(option).digest();
export const votePlaintext = options =>
  proto.Message.PollVoteMessage.encode({ selectedOptions: options.map(hash) }).finish();

// Any content from a simulated phone, with what its stanza shows of it.
export const sendContent = (sandbox, phone, to, message, look = {}) => sandbox.call('POST', `/accounts/${phone}/contents`,
  { to, message: Buffer.from(proto.Message.encode(proto.Message.create(message)).finish()).toString('base64'), ...look });

export const looks = {
  reaction: { type: 'reaction', hide: true },
  vote: { type: 'poll', polltype: 'vote', hide: true },
  poll: { type: 'poll', polltype: 'creation' },
  event: { type: 'event', event_type: 'creation' },
  response: { type: 'event', event_type: 'response', hide: true },
  edit: { edit: '1', hide: true },
  revoke: { edit: '7' },
  pin: { edit: '2', hide: true },
};
