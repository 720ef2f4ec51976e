// A second reader of binary nodes, written for the tests alone: it keeps how each value was encoded, which a client's
// own decoder throws away. Tokens come from Baileys' dictionary.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { pathToFileURL } = await import('node:url');
const { join, dirname } = await import('node:path');
const folder = dirname(require.resolve('baileys/package.json'));
const { SINGLE_BYTE_TOKENS, DOUBLE_BYTE_TOKENS } = await import(pathToFileURL(join(folder, 'lib/WABinary/constants.js')));

const domains = { 0: 's.whatsapp.net', 1: 'lid', 128: 'hosted', 129: 'hosted.lid' };

class Reader {
  constructor(bytes) { this.bytes = bytes; this.at = 0; }
  u8() { if (this.at >= this.bytes.length) throw new Error('end of bytes'); return this.bytes[this.at++]; }
  number(width) { let value = 0; while (width--) value = value * 256 + this.u8(); return value; }
  take(size) {
    if (this.at + size > this.bytes.length) throw new Error('end of bytes');
    return this.bytes.subarray(this.at, this.at += size);
  }
  list(tag = this.u8()) {
    if (tag === 0) return 0;
    if (tag === 248) return this.u8();
    if (tag === 249) return this.number(2);
    throw new Error(`no list: ${tag}`);
  }
  packed(alphabet) {
    const head = this.u8();
    const text = [...this.take(head & 127)].flatMap(byte => [alphabet[byte >> 4], alphabet[byte & 15]]);
    return text.slice(0, head & 128 ? -1 : undefined).join('');
  }
  // {form, text}: form is token, packed, bytes, jid-pair or ad-jid.
  value(tag = this.u8()) {
    if (tag === 0) return { form: 'none', text: '' };
    if (tag < 236) return { form: 'token', text: SINGLE_BYTE_TOKENS[tag] };
    if (tag < 240) return { form: 'token', text: DOUBLE_BYTE_TOKENS[tag - 236][this.u8()] };
    if (tag === 255) return { form: 'packed', text: this.packed('0123456789-.???\0') };
    if (tag === 251) return { form: 'packed', text: this.packed('0123456789ABCDEF') };
    if (tag >= 252 && tag <= 254) {
      const size = tag === 252 ? this.u8() : tag === 253 ? this.number(3) & 0xfffff : this.number(4);
      return { form: 'bytes', text: this.take(size).toString('latin1') };
    }
    if (tag === 250) {
      const user = this.value(), server = this.value();
      return { form: 'jid-pair', text: user.text ? `${user.text}@${server.text}` : server.text };
    }
    if (tag === 247) {
      const domain = this.u8(), device = this.u8();
      return { form: 'ad-jid', text: `${this.value().text}:${device}@${domains[domain]}` };
    }
    throw new Error(`unknown tag ${tag}`);
  }
  node() {
    const size = this.list();
    const node = { tag: this.value().text, attrs: {}, children: [] };
    for (let i = 0; i < (size - 1) >> 1; i++) node.attrs[this.value().text] = this.value();
    if (size % 2 === 0) {
      const tag = this.u8();
      if (tag === 0 || tag === 248 || tag === 249) for (let n = this.list(tag); n > 0; n--) node.children.push(this.node());
      else node.content = this.value(tag);
    }
    return node;
  }
}

// `hex` starts with the flag byte, which must be 00.
export function readNode(hex) {
  const reader = new Reader(Buffer.from(hex, 'hex'));
  if (reader.u8() !== 0) throw new Error('compressed');
  const node = reader.node();
  if (reader.at !== reader.bytes.length) throw new Error('left-over bytes');
  return node;
}

export function* walk(node) {
  yield node;
  for (const child of node.children) yield* walk(child);
}
