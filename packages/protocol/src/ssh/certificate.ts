import { fingerprint, parsePublicKey, publicKeyType } from './public-key.ts';
import { verifySignature } from './signature.ts';
import { WireReader, wireString } from './wire.ts';

/** An OpenSSH certificate (PROTOCOL.certkeys), whose authority has signed it. */
export type Certificate = {
  role: 'user' | 'host';
  /** The key that it vouches for, as an SSH public key blob without the certificate. */
  publicKey: Buffer;
  serial: bigint;
  /** Whatever the authority wrote; made safe to print. */
  keyId: string;
  /** Names of users or hosts; none means nobody here. */
  principals: string[];
  /** Milliseconds since 1970: from the first on, until before the second, which may be Infinity. */
  validFrom: number;
  validUntil: number;
  /** What whoever accepts it must understand and honour; a flag has an empty value. */
  criticalOptions: ReadonlyMap<string, string>;
  /** What it permits; what is not understood has no effect. */
  extensions: ReadonlySet<string>;
  /** Public key blob of who signed it. */
  authority: Buffer;
};

const SUFFIX = /-cert-v01@openssh\.com$/;

/** Strings (or numbers, which are encoded alike) that make a key of each kind. */
const KEY_FIELDS = new Map([
  ['ssh-ed25519', 1],
  ['ssh-rsa', 2],
  ['ecdsa-sha2-nistp256', 2],
  ['ecdsa-sha2-nistp384', 2],
  ['ecdsa-sha2-nistp521', 2],
  ['sk-ssh-ed25519@openssh.com', 2],
  ['sk-ecdsa-sha2-nistp256@openssh.com', 3],
]);

const ROLES = new Map([
  [1, 'user'],
  [2, 'host'],
] as const);

/** PROTOCOL.certkeys names no limit; ssh-keygen has this one. */
const MAX_PRINCIPALS = 256;

/** Whether a public key blob is a certificate, sound or not. */
export function isCertificate(blob: Uint8Array): boolean {
  try {
    return SUFFIX.test(publicKeyType(blob));
  } catch {
    // Too short to hold a type.
    return false;
  }
}

/**
 * Decodes a certificate and checks the signature of its authority, not whether that is trusted, nor the times and names.
 * @throws SyntaxError for a malformed one, one of a kind of key that is not understood, or one that its authority did not sign
 */
export function parseCertificate(blob: Uint8Array): Certificate {
  const reader = new WireReader(blob);
  const publicKey = readKey(reader);
  parsePublicKey(publicKey);
  const serial = reader.readUint64();
  const role = ROLES.get(reader.readUint32() as 1 | 2);
  if (role === undefined) throw new SyntaxError('The certificate is neither for a user nor for a host');
  const keyId = reader.readText().replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '?');
  const principals = readNames(reader.readString());
  const [validFrom, validUntil] = [readTime(reader), readTime(reader)];
  const criticalOptions = readOptions(reader.readString());
  const extensions = new Set(readOptions(reader.readString()).keys());
  // Reserved.
  reader.readString();
  const authority = Buffer.from(reader.readString());
  const signed = blob.subarray(0, blob.length - reader.left);
  const signature = reader.readString();
  reader.expectEnd();
  if (isCertificate(authority)) throw new SyntaxError('The certificate is signed by another certificate');
  if (!verifySignature(authority, signature, signed))
    throw new SyntaxError('Its authority did not sign the certificate');
  return { role, publicKey, serial, keyId, principals, validFrom, validUntil, criticalOptions, extensions, authority };
}

/** The plain key of a certificate; any other blob as it is, a damaged certificate too. */
export function plainKey(blob: Buffer): Buffer {
  if (!isCertificate(blob)) return blob;
  try {
    return readKey(new WireReader(blob));
  } catch {
    // It proves nothing, and stands for itself in the log.
    return blob;
  }
}

/** A certificate in the words of sshd's log: `ID alice@work (serial 7) CA SHA256:...` */
export function describeCertificate({ keyId, serial, authority }: Certificate): string {
  return `ID ${keyId} (serial ${serial}) CA ${fingerprint(authority)}`;
}

/** Why a certificate does not count at the time `now`. */
export function validityProblem({ validFrom, validUntil }: Certificate, now: number): string | undefined {
  if (validFrom === Infinity) return 'The certificate is never valid';
  if (now < validFrom) return `The certificate is not valid before ${new Date(validFrom).toISOString()}`;
  if (now >= validUntil) return `The certificate expired at ${new Date(validUntil).toISOString()}`;
  return undefined;
}

function readKey(reader: WireReader): Buffer {
  const type = reader.readText();
  const plain = type.replace(SUFFIX, type.startsWith('sk-') ? '@openssh.com' : '');
  const fields = KEY_FIELDS.get(plain);
  if (fields === undefined || plain === type) {
    throw new SyntaxError(`Certificates of type ${JSON.stringify(type.slice(0, 80))} are not understood`);
  }
  // The nonce.
  reader.readString();
  const parts = Array.from({ length: fields }, () => wireString(reader.readString()));
  return Buffer.concat([wireString(plain), ...parts]);
}

function readNames(bytes: Buffer): string[] {
  const reader = new WireReader(bytes);
  const names: string[] = [];
  while (reader.left > 0) names.push(reader.readText());
  if (names.length > MAX_PRINCIPALS) throw new SyntaxError(`The certificate has ${names.length} principals`);
  return names;
}

function readOptions(bytes: Buffer): Map<string, string> {
  const reader = new WireReader(bytes);
  const options = new Map<string, string>();
  while (reader.left > 0) {
    const name = reader.readText();
    if (options.has(name)) throw new SyntaxError(`The certificate has the option ${JSON.stringify(name)} twice`);
    options.set(name, readValue(reader.readString()));
  }
  return options;
}

/** A value is a string inside the string; a flag has none. */
function readValue(bytes: Buffer): string {
  if (bytes.length === 0) return '';
  const reader = new WireReader(bytes);
  const value = reader.readText();
  reader.expectEnd();
  return value;
}

/** Seconds; what is further off than any date is for ever. */
function readTime(reader: WireReader): number {
  const milliseconds = Number(reader.readUint64()) * 1000;
  return milliseconds > MAX_DATE_MS ? Infinity : milliseconds;
}

/** The last time that a Date can hold (ECMA-262, 21.4.1.1). */
const MAX_DATE_MS = 8.64e15;
