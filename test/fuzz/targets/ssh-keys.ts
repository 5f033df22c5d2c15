import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  encodePrivateKey,
  encodePublicKey,
  parsePrivateKey,
  parsePublicKey,
  publicKeyType,
  signWith,
  verifySignature,
} from '@holdfast/protocol';
import { readCorpus } from '../corpus.ts';
import type { FuzzTarget } from '../target.ts';

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
    dictionary: [
      'ssh-ed25519',
      'ssh-rsa',
      'ecdsa-sha2-nistp256',
      'nistp256',
      'none',
      'bcrypt',
      '-----',
      'sk-',
      '\u0000',
    ],
    maxBytes: 2048,
    seeds: [
      ...readCorpus('public-keys'),
      ...signed.map(({ signature }) => signature),
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

/** ECDSA has two signatures for each: the other is what was signed as well (RFC 6979 does not say which is to be made). */
function isSame(input: Buffer, signature: Buffer): boolean {
  return input.equals(signature) || publicKeyType(signature).startsWith('ecdsa-');
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
