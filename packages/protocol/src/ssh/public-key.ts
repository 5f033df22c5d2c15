import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { WireReader, wireMpint, wireString } from './wire.ts';

/** NIST curves by their SSH name (RFC 5656, section 10.1): the JWK name, bytes of a coordinate, and the hash of a signature. */
const CURVES = {
  nistp256: { jwk: 'P-256', bytes: 32, hash: 'sha256' },
  nistp384: { jwk: 'P-384', bytes: 48, hash: 'sha384' },
  nistp521: { jwk: 'P-521', bytes: 66, hash: 'sha512' },
} as const;

export type CurveName = keyof typeof CURVES;
export type Curve = (typeof CURVES)[CurveName];

/** Bits of an RSA key: fewer are too weak, more only cost the verifier time. */
const RSA_BITS = { min: 2048, max: 16_384 };

/** A public key, decoded. `application` is set for keys that live in a security key (FIDO). */
export type PublicKey = { type: string; key: KeyObject; curve?: Curve; application?: string };

/**
 * Decodes an SSH public key blob: Ed25519 (RFC 8709), ECDSA (RFC 5656), RSA (RFC 4253, 6.6) and both kinds of security
 * key (OpenSSH's PROTOCOL.u2f).
 * @throws SyntaxError for any other type, a malformed blob, or an RSA key under 2048 bits
 */
export function parsePublicKey(blob: Uint8Array): PublicKey {
  const reader = new WireReader(blob);
  const type = reader.readText();
  const isSecurityKey = type.startsWith('sk-');
  const body = readBody(type.replace(/^sk-(.*)@openssh\.com$/, '$1'), reader);
  const application = isSecurityKey ? { application: reader.readText() } : {};
  reader.expectEnd();
  try {
    const key = createPublicKey({ format: 'jwk', key: body.jwk });
    return { type, key, ...(body.curve === undefined ? {} : { curve: body.curve }), ...application };
  } catch (cause) {
    throw new SyntaxError(`A key of type ${type} holds no valid ${body.jwk.kty} key`, { cause });
  }
}

/** Encodes a key of node:crypto as an SSH public key blob. @throws TypeError for a kind of key that SSH does not know */
export function encodePublicKey(key: KeyObject): Buffer {
  const jwk = key.export({ format: 'jwk' });
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') {
    return Buffer.concat([wireString('ssh-ed25519'), wireString(number(jwk.x))]);
  }
  if (jwk.kty === 'RSA')
    return Buffer.concat([wireString('ssh-rsa'), wireMpint(number(jwk.e)), wireMpint(number(jwk.n))]);
  for (const [name, curve] of Object.entries(CURVES)) {
    if (jwk.crv !== curve.jwk) continue;
    const point = Buffer.concat([Buffer.of(4), number(jwk.x), number(jwk.y)]);
    return Buffer.concat([wireString(`ecdsa-sha2-${name}`), wireString(name), wireString(point)]);
  }
  throw new TypeError(`SSH has no key of type ${key.asymmetricKeyType ?? 'secret'} ${jwk.crv ?? ''}`);
}

/** Type name of a public key blob, such as `ssh-ed25519`. @throws SyntaxError when there is none */
export function publicKeyType(blob: Uint8Array): string {
  return new WireReader(blob).readText();
}

/** The fingerprint as OpenSSH prints it: `SHA256:` and 43 base64 characters. */
export function fingerprint(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** The curve that an SSH key type or curve name stands for. */
export function curveByName(name: string): Curve | undefined {
  return isCurveName(name) ? CURVES[name] : undefined;
}

function isCurveName(name: string): name is CurveName {
  return Object.hasOwn(CURVES, name);
}

function readBody(type: string, reader: WireReader): { jwk: JsonWebKey; curve?: Curve } {
  if (type === 'ssh-ed25519') return { jwk: { kty: 'OKP', crv: 'Ed25519', x: base64url(reader.readString()) } };
  if (type === 'ssh-rsa') return { jwk: readRsa(reader) };
  const curve = type.startsWith('ecdsa-sha2-') ? curveByName(type.slice('ecdsa-sha2-'.length)) : undefined;
  if (curve === undefined)
    throw new SyntaxError(`Keys of type ${JSON.stringify(type.slice(0, 80))} are not understood`);
  const name = reader.readText();
  const point = reader.readString();
  // The curve is named twice; only uncompressed points are in use (RFC 5656, 3.1).
  if (type !== `ecdsa-sha2-${name}` || point[0] !== 4 || point.length !== 1 + 2 * curve.bytes) {
    throw new SyntaxError(`A key of type ${type} holds no point of its curve`);
  }
  const x = base64url(point.subarray(1, 1 + curve.bytes));
  return { jwk: { kty: 'EC', crv: curve.jwk, x, y: base64url(point.subarray(1 + curve.bytes)) }, curve };
}

function readRsa(reader: WireReader): JsonWebKey {
  const exponent = reader.readMpint();
  const modulus = reader.readMpint();
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (bits < RSA_BITS.min || bits > RSA_BITS.max) {
    throw new SyntaxError(`An RSA key of ${bits} bits is not taken: ${RSA_BITS.min} to ${RSA_BITS.max} are`);
  }
  return { kty: 'RSA', e: base64url(exponent), n: base64url(modulus) };
}

function base64url(bytes: Buffer): string {
  return bytes.toString('base64url');
}

function number(value: string | undefined): Buffer {
  return Buffer.from(value ?? '', 'base64url');
}
