import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { curveByName, encodePublicKey } from './public-key.ts';
import { WireReader, wireString } from './wire.ts';

const MAGIC = Buffer.from('openssh-key-v1\0');
const BEGIN = '-----BEGIN OPENSSH PRIVATE KEY-----';
const END = '-----END OPENSSH PRIVATE KEY-----';

/** A private key file as far as it can be read without its passphrase. */
export type PrivateKeyFile =
  | { encrypted: false; publicKey: Buffer; privateKey: KeyObject; comment: string }
  /** Without a public key when the file does not show it (PEM). */
  | { encrypted: true; publicKey?: Buffer };

/**
 * Reads a private key file: OpenSSH's own format (PROTOCOL.key) or PEM.
 * @throws SyntaxError when it is neither, is damaged, or holds a kind of key that is not understood
 */
export function parsePrivateKey(text: string): PrivateKeyFile {
  if (text.includes(BEGIN)) return parseOpenssh(text);
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) return { encrypted: true };
  try {
    const privateKey = createPrivateKey(text);
    return { encrypted: false, privateKey, publicKey: encodePublicKey(privateKey), comment: '' };
  } catch (cause) {
    throw new SyntaxError('The file holds no private key that is understood', { cause });
  }
}

/** Encodes an Ed25519 key as an unencrypted OpenSSH private key file. */
export function encodePrivateKey(privateKey: KeyObject, comment: string): string {
  const jwk = privateKey.export({ format: 'jwk' });
  if (jwk.crv !== 'Ed25519') throw new TypeError('Only Ed25519 keys are written');
  const publicKey = encodePublicKey(privateKey);
  const x = Buffer.from(jwk.x ?? '', 'base64url');
  const seed = Buffer.from(jwk.d ?? '', 'base64url');
  // Both check numbers are equal; they tell a wrong passphrase, and there is none.
  const check = Buffer.alloc(8);
  const plain = Buffer.concat([check, publicKey, wireString(Buffer.concat([seed, x])), wireString(comment)]);
  const padding = Buffer.from(Array.from({ length: -plain.length & 7 }, (_, index) => index + 1));
  const body = Buffer.concat([
    MAGIC,
    ...['none', 'none', ''].map(wireString),
    Buffer.of(0, 0, 0, 1),
    wireString(publicKey),
    wireString(Buffer.concat([plain, padding])),
  ]);
  return `${BEGIN}\n${body.toString('base64').replaceAll(/.{1,70}/g, '$&\n')}${END}\n`;
}

function parseOpenssh(text: string): PrivateKeyFile {
  const start = text.indexOf(BEGIN) + BEGIN.length;
  const end = text.indexOf(END, start);
  const reader = new WireReader(Buffer.from(end < 0 ? '' : text.slice(start, end), 'base64'));
  if (!reader.readBytes(MAGIC.length).equals(MAGIC)) throw new SyntaxError('The file holds no OpenSSH private key');
  const cipher = reader.readText();
  // The KDF's name and options: used by whoever decrypts the file.
  reader.readString();
  reader.readString();
  if (reader.readUint32() !== 1) throw new SyntaxError('The file holds several private keys');
  const publicKey = Buffer.from(reader.readString());
  if (cipher !== 'none') return { encrypted: true, publicKey };
  const plain = new WireReader(reader.readString());
  if (plain.readUint32() !== plain.readUint32()) throw new SyntaxError('The private key is damaged');
  const privateKey = readPrivate(plain);
  if (!encodePublicKey(privateKey).equals(publicKey))
    throw new SyntaxError('The private key is not that of the public key');
  return { encrypted: false, publicKey, privateKey, comment: plain.readText() };
}

function readPrivate(reader: WireReader): KeyObject {
  const type = reader.readText();
  try {
    return createPrivateKey({ format: 'jwk', key: readJwk(type, reader) });
  } catch (cause) {
    throw new SyntaxError(`The private key of type ${type} is not understood`, { cause });
  }
}

function readJwk(type: string, reader: WireReader): JsonWebKey {
  if (type === 'ssh-ed25519') {
    const x = reader.readString();
    return { kty: 'OKP', crv: 'Ed25519', x: base64url(x), d: base64url(reader.readString().subarray(0, 32)) };
  }
  if (type === 'ssh-rsa') return readRsa(reader);
  const curve = curveByName(reader.readText());
  if (curve === undefined || !type.startsWith('ecdsa-sha2-'))
    throw new SyntaxError(`Keys of type ${type} are not understood`);
  const point = reader.readString();
  const x = base64url(point.subarray(1, 1 + curve.bytes));
  const d = reader.readMpint();
  const padded = Buffer.concat([Buffer.alloc(Math.max(0, curve.bytes - d.length)), d]);
  return { kty: 'EC', crv: curve.jwk, x, y: base64url(point.subarray(1 + curve.bytes)), d: base64url(padded) };
}

/** The file has n e d iqmp p q; a JWK also wants d mod p-1 and d mod q-1 (RFC 8017, 3.2). */
function readRsa(reader: WireReader): JsonWebKey {
  const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => reader.readMpint());
  if (n === undefined || e === undefined || d === undefined || qi === undefined || p === undefined || q === undefined) {
    throw new SyntaxError('The RSA key is not complete');
  }
  const exponent = bigint(d);
  return {
    kty: 'RSA',
    n: base64url(n),
    e: base64url(e),
    d: base64url(d),
    qi: base64url(qi),
    p: base64url(p),
    q: base64url(q),
    dp: base64url(bytesOf(exponent % (bigint(p) - 1n))),
    dq: base64url(bytesOf(exponent % (bigint(q) - 1n))),
  };
}

function bigint(bytes: Buffer): bigint {
  return BigInt(`0x0${bytes.toString('hex')}`);
}

function bytesOf(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

function base64url(bytes: Buffer): string {
  return bytes.toString('base64url');
}
