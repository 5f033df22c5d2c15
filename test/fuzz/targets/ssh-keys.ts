import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  encodePrivateKey,
  encodePublicKey,
  parsePrivateKey,
  parsePublicKey,
  signWith,
  verifySignature,
  wireMpint,
  wireString,
} from '@holdfast/protocol';
import { readCorpus } from '../corpus.ts';
import type { FuzzTarget } from '../target.ts';

const P256 = 'ecdsa-sha2-nistp256';
/** Of its base point (FIPS 186-4, D.1.2.3). */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const DATA = Buffer.from('what was signed');

/**
 * SSH's own formats. A public key that is understood encodes to the same bytes; a changed signature is never right, and is no
 * exception; a private key file is read or is a SyntaxError, and belongs to its public key.
 */
export function makeTarget(): FuzzTarget {
  const keys = [generateKeyPairSync('ed25519'), generateKeyPairSync('ec', { namedCurve: 'P-256' })];
  const signed = keys.map(({ privateKey }) => ({
    publicKey: encodePublicKey(privateKey),
    signature: signWith(privateKey, DATA),
  }));
  const files = [encodePrivateKey(firstOf(keys), 'comment'), firstOf(keys).export({ format: 'pem', type: 'pkcs8' })];
  return {
    inputs: 'bytes',
    dictionary: ['ssh-ed25519', 'ssh-rsa', P256, 'nistp256', 'none', 'bcrypt', '-----', 'sk-', '\u0000'],
    maxBytes: 2048,
    seeds: [
      ...readCorpus('public-keys'),
      ...signed.map(({ signature }) => signature),
      ...signed.slice(1).flatMap(({ signature }) => likenesses(signature)),
      ...files.map((file) => Buffer.from(file)),
    ],
    run(input) {
      for (const { publicKey, signature } of signed) {
        const isRight = verifySignature(publicKey, input, DATA);
        if (isRight && !isSame(input, signature)) throw new Error('A changed signature is right');
      }
      return `${attempt(() => readPublic(input))} ${attempt(() => readPrivate(input.toString()))}`;
    },
  };
}

/**
 * Whether the input is the signature or, of ECDSA, the numbers of one of its two: (r, n - s) is right wherever (r, s) is
 * (SEC 1, 4.1.4). As for OpenSSH, zeros may stand in front of a number.
 */
function isSame(input: Buffer, signature: Buffer): boolean {
  if (input.equals(signature)) return true;
  const [given, made] = [ecdsaNumbers(input), ecdsaNumbers(signature)];
  if (given === undefined || made === undefined) return false;
  return given.r === made.r && (given.s === made.s || given.s === P256_ORDER - made.s);
}

/** Read by hand: what the product takes for one is what is tested. @returns undefined unless it is one to the last byte */
function ecdsaNumbers(signature: Buffer): { r: bigint; s: bigint } | undefined {
  const [type, both, ...more] = strings(signature);
  if (type?.toString('latin1') !== P256 || both === undefined || more.length > 0) return undefined;
  const [r, s, ...others] = strings(both).map((bytes) => BigInt(`0x0${bytes.toString('hex')}`));
  return r === undefined || s === undefined || others.length > 0 ? undefined : { r, s };
}

/** The strings that the bytes are made of (RFC 4251, section 5); none when they are not. */
function strings(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const from = at + 4;
    at = from <= bytes.length ? from + bytes.readUInt32BE(at) : Infinity;
    if (at > bytes.length) return [];
    found.push(bytes.subarray(from, at));
  }
  return found;
}

/** (r, n - s), and what changes of single bytes do not come to: (r, s) with zeros in front, with a byte behind, and (r). */
function likenesses(signature: Buffer): Buffer[] {
  const numbers = ecdsaNumbers(signature);
  if (numbers === undefined) throw new Error('It is no signature of P-256');
  const bytesOf = (number: bigint): Buffer => Buffer.from(number.toString(16).padStart(64, '0'), 'hex');
  const [r, s, otherS] = [bytesOf(numbers.r), bytesOf(numbers.s), bytesOf(P256_ORDER - numbers.s)];
  const zero = Buffer.of(0);
  return [
    [wireMpint(r), wireMpint(otherS)],
    [r, s].map((number) => wireString(Buffer.concat([zero, zero, number]))),
    [wireMpint(r), wireMpint(s), zero],
    [wireMpint(r)],
  ].map((pieces) => Buffer.concat([wireString(P256), wireString(Buffer.concat(pieces))]));
}

function readPublic(input: Buffer): string {
  const { type, key, application } = parsePublicKey(input);
  if (application === undefined && !encodePublicKey(key).equals(input)) throw new Error(`${type} encodes otherwise`);
  return type;
}

function readPrivate(text: string): string {
  const file = parsePrivateKey(text);
  if (file.encrypted) return 'encrypted';
  if (!encodePublicKey(file.privateKey).equals(file.publicKey)) throw new Error('It is not the key of its public key');
  return 'read';
}

function attempt(act: () => string): string {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return error.message.replaceAll(/\d+|"[^"]*"/g, '');
  }
}

function firstOf(keys: readonly { privateKey: KeyObject }[]): KeyObject {
  const [first] = keys;
  if (first === undefined) throw new Error('There is no key');
  return first.privateKey;
}
