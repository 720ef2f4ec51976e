// A passkey in software, as an authenticator keeps it (W3C Web Authentication, sections 6.3.3 and 7.2), and a browser on a page
// whose `navigator.credentials` asks it.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { createContext, runInContext } from 'node:vm';

const sha256 = bytes => createHash('sha256').update(bytes).digest();
const url = bytes => Buffer.from(bytes).toString('base64url');

export function makeAuthenticator() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  const id = randomBytes(32);
  let counter = 0;
  return {
    id,
    // As the sandbox is told of it.
    account: {
      passkey_id: url(id),
      passkey_key: url(Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])),
    },
    // What it signs for the options of a page; `spoil` makes something of it wrong.
    assert(options, spoil = {}) {
      const flags = Buffer.from([spoil.flags ?? 5]);  // user present, user verified
      const count = Buffer.alloc(4);
      count.writeUInt32BE(++counter);
      const authenticatorData = Buffer.concat([sha256(spoil.rpId ?? options.rpId), flags, count]);
      const clientDataJSON = Buffer.from(JSON.stringify({
        type: spoil.type ?? 'webauthn.get', challenge: spoil.challenge ?? options.challenge,
        origin: spoil.origin ?? 'https://web.whatsapp.com', crossOrigin: false,
      }));
      const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(clientDataJSON)]), privateKey);
      if (spoil.signature) signature[signature.length - 1] ^= 1;
      return {
        id: url(spoil.id ?? id), rawId: url(spoil.id ?? id), type: 'public-key',
        response: {
          clientDataJSON: url(clientDataJSON), authenticatorData: url(authenticatorData), signature: url(signature), userHandle: url('somebody'),
        },
      };
    },
  };
}

// Runs a line in the console of a page on the service's origin: what it puts out.
export async function browserConsole(line, authenticator) {
  const bytes = text => Uint8Array.from(Buffer.from(text, 'base64url')).buffer;
  const out = [];
  const page = createContext({
    atob, btoa, JSON, Uint8Array, String,
    console: { log: text => out.push(text) },
    navigator: {
      clipboard: { writeText: async () => { throw new Error('the page has no focus'); } },
      credentials: {
        get: async ({ publicKey }) => {
          const allowed = publicKey.allowCredentials.some(({ id }) => Buffer.from(id).equals(authenticator.id));
          if (!allowed) throw new Error('no such passkey');
          const { id, rawId, type, response } = authenticator.assert({ ...publicKey, challenge: url(publicKey.challenge) });
          return {
            id, type, rawId: bytes(rawId),
            response: Object.fromEntries(Object.entries(response).map(([name, value]) => [name, bytes(value)])),
          };
        },
      },
    },
  });
  await runInContext(line, page);
  return out.join('\n');
}
