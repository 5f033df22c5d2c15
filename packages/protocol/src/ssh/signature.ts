import { createHash, sign, verify, type KeyObject } from 'node:crypto';
import { encodePublicKey, parsePublicKey, type Curve, type PublicKey } from './public-key.ts';
import { WireReader, wireMpint, wireString } from './wire.ts';

/** Hash of each RSA signature that is taken; `ssh-rsa` (SHA-1) is not among them (RFC 8332). */
const RSA_HASHES = new Map([
  ['rsa-sha2-256', 'sha256'],
  ['rsa-sha2-512', 'sha512'],
]);

/** Flags of a security key (PROTOCOL.u2f): somebody touched it; it asked for a PIN or a fingerprint. */
const USER_PRESENT = 1;
const USER_VERIFIED = 4;

/** What a signature of a security key must show; other keys show nothing of the kind. */
export type SignatureDemands = {
  /** Somebody touched the key. */
  touch: boolean;
  /** Somebody proved to the key who they are: a signature of any other key does not count. */
  verified: boolean;
};

const STANDARD_DEMANDS: SignatureDemands = { touch: true, verified: false };

/**
 * Checks an SSH signature blob (algorithm and signature) of `data`.
 * @returns false for a wrong, malformed or outdated signature and for a key that is not understood; never throws
 */
export function verifySignature(
  publicKey: Uint8Array,
  signature: Uint8Array,
  data: Uint8Array,
  demands: SignatureDemands = STANDARD_DEMANDS,
): boolean {
  try {
    const parsed = parsePublicKey(publicKey);
    if (demands.verified && parsed.application === undefined) return false;
    return verifyParsed(parsed, new WireReader(signature), data, demands);
  } catch (error) {
    // Bytes of the other side that are no key or no signature prove nothing.
    if (error instanceof Error) return false;
    throw error;
  }
}

/**
 * Signs `data` with a private key; RSA with SHA-512 only.
 * @returns the SSH signature blob
 */
export function signWith(privateKey: KeyObject, data: Uint8Array): Buffer {
  if (privateKey.asymmetricKeyType === 'ed25519') {
    return Buffer.concat([wireString('ssh-ed25519'), wireString(sign(null, data, privateKey))]);
  }
  if (privateKey.asymmetricKeyType === 'rsa') {
    return Buffer.concat([wireString('rsa-sha2-512'), wireString(sign('sha512', data, privateKey))]);
  }
  const { type, curve } = parsePublicKey(encodePublicKey(privateKey));
  if (curve === undefined) throw new TypeError(`A key of type ${type} cannot sign`);
  const both = sign(curve.hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const numbers = [wireMpint(both.subarray(0, curve.bytes)), wireMpint(both.subarray(curve.bytes))];
  return Buffer.concat([wireString(type), wireString(Buffer.concat(numbers))]);
}

function verifyParsed(publicKey: PublicKey, reader: WireReader, data: Uint8Array, demands: SignatureDemands): boolean {
  const algorithm = reader.readText();
  const signature = reader.readString();
  const { application } = publicKey;
  const flagsAndCounter = application === undefined ? undefined : reader.readBytes(5);
  reader.expectEnd();
  if (flagsAndCounter !== undefined && !meets(demands, flagsAndCounter)) return false;
  const signed =
    application === undefined || flagsAndCounter === undefined
      ? data
      : // What a security key really signs (PROTOCOL.u2f).
        Buffer.concat([sha256(application), flagsAndCounter, sha256(data)]);
  if (publicKey.type === 'ssh-rsa') {
    const hash = RSA_HASHES.get(algorithm);
    return hash !== undefined && verify(hash, signed, publicKey.key, signature);
  }
  if (algorithm !== publicKey.type) return false;
  if (publicKey.curve === undefined) return verify(null, signed, publicKey.key, signature);
  const key = { key: publicKey.key, dsaEncoding: 'ieee-p1363' } as const;
  return verify(publicKey.curve.hash, signed, key, readEcdsa(publicKey.curve, signature));
}

function meets({ touch, verified }: SignatureDemands, [flags = 0]: Buffer): boolean {
  return (!touch || (flags & USER_PRESENT) !== 0) && (!verified || (flags & USER_VERIFIED) !== 0);
}

function readEcdsa(curve: Curve, signature: Buffer): Buffer {
  const reader = new WireReader(signature);
  const numbers = [reader.readMpint(), reader.readMpint()];
  reader.expectEnd();
  return Buffer.concat(
    numbers.map((value) => {
      if (value.length > curve.bytes) throw new SyntaxError('A signature is longer than its curve');
      return Buffer.concat([Buffer.alloc(curve.bytes - value.length), value]);
    }),
  );
}

function sha256(data: Uint8Array | string): Buffer {
  return createHash('sha256').update(data).digest();
}
