import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A private key and its certificate, both PEM: what node:tls takes as `key` and `cert`. */
export type TlsCertificate = { key: string; cert: string };

const DAY_MS = 24 * 60 * 60 * 1000;

/** DER tags (X.690, 8.1.2). */
const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8: 0x0c,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
  extensions: 0xa3,
  dnsName: 0x82,
} as const;

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const SUBJECT_ALT_NAME = '2.5.29.17';

/**
 * Makes a P-256 key and a self-signed certificate for it (RFC 5280). It only opens TLS: whom one talks to is proved by
 * the host key in the handshake.
 * @param name at most 64 ASCII characters
 * @param days that it is valid from now on
 */
export function createTlsCertificate(name: string, days: number): TlsCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(TAG.sequence, objectId(ECDSA_WITH_SHA256));
  const commonName = der(TAG.sequence, objectId(COMMON_NAME), der(TAG.utf8, Buffer.from(name)));
  const distinguishedName = der(TAG.sequence, der(TAG.set, commonName));
  // A day early, for clients whose clock is late.
  const validity = der(TAG.sequence, time(Date.now() - DAY_MS), time(Date.now() + days * DAY_MS));
  const alternative = der(TAG.octetString, der(TAG.sequence, der(TAG.dnsName, Buffer.from(name))));
  const body = der(
    TAG.sequence,
    der(TAG.version, der(TAG.integer, Buffer.of(2))),
    der(TAG.integer, serialNumber()),
    algorithm,
    distinguishedName,
    validity,
    distinguishedName,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(TAG.extensions, der(TAG.sequence, der(TAG.sequence, objectId(SUBJECT_ALT_NAME), alternative))),
  );
  const signature = der(TAG.bitString, Buffer.of(0), sign('sha256', body, privateKey));
  const certificate = der(TAG.sequence, body, algorithm, signature).toString('base64');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.replaceAll(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`,
  };
}

function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  if (length < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, length), content]);
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), content]);
}

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const value of rest) {
    const groups = [value & 0x7f];
    for (let left = value >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(TAG.objectId, Buffer.from(bytes));
}

function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
  return der(TAG.time, Buffer.from(`${digits}Z`));
}

/** Positive and without a leading zero byte, as DER wants it. */
function serialNumber(): Buffer {
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0);
  return serial;
}
