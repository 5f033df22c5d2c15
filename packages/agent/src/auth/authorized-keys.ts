import { parsePublicKey, publicKeyType } from '@holdfast/protocol';

/** A line of authorized_keys that holds a key. */
export type AuthorizedKey = {
  /** Counted from 1. */
  line: number;
  publicKey: Buffer;
  comment: string;
  /** From this moment on, milliseconds since 1970, the line counts no more. */
  expiresAt?: number;
  /** Why the key must not be let in, whatever else the file says of it. */
  refused?: string;
};

/** What the lines of a file say about one key. */
export type KeyDecision = { accepted: true; line: number } | { accepted: false; line?: number; reason: string };

/** Options about what we do not do at all: forwarding, and running ~/.ssh/rc. */
const WITHOUT_EFFECT = new Set([
  'no-agent-forwarding',
  'no-port-forwarding',
  'no-x11-forwarding',
  'no-user-rc',
  'agent-forwarding',
  'port-forwarding',
  'x11-forwarding',
  'user-rc',
]);

/** sshd's other options (sshd(8), AUTHORIZED_KEYS FILE FORMAT), to be named in the log. */
const KNOWN_OPTIONS = new Set([
  'cert-authority',
  'command',
  'environment',
  'expiry-time',
  'from',
  'no-pty',
  'no-touch-required',
  'permitlisten',
  'permitopen',
  'principals',
  'pty',
  'restrict',
  'tunnel',
  'verify-required',
]);

const KEY_TYPE =
  /^(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-[a-z0-9-]+@openssh\.com|[a-z0-9-]+-cert-v01@openssh\.com)$/;

/**
 * Reads an authorized_keys file (sshd(8)). Lines that hold no key are skipped, as sshd does. A key whose line has an
 * option that we do not honour is kept as refused: it must not get in without the restriction. Never throws.
 */
export function parseAuthorizedKeys(text: string): AuthorizedKey[] {
  return text.split('\n').flatMap((line, index) => parseLine(withoutBlanks(line), index + 1) ?? []);
}

/** What `keys` say about `publicKey` at the time `now`. As in sshd the first line of the key that has not expired decides. */
export function decideKey(keys: readonly AuthorizedKey[], publicKey: Buffer, now = Date.now()): KeyDecision {
  let decision: KeyDecision = { accepted: false, reason: 'The key is not there' };
  for (const key of keys) {
    if (!key.publicKey.equals(publicKey)) continue;
    const { line } = key;
    if (key.refused !== undefined) return { accepted: false, line, reason: key.refused };
    const weakness = weaknessOf(publicKey);
    if (weakness !== undefined) return { accepted: false, line, reason: weakness };
    if (key.expiresAt === undefined || now < key.expiresAt) return { accepted: true, line };
    decision = { accepted: false, line, reason: `The key expired at ${new Date(key.expiresAt).toISOString()}` };
  }
  return decision;
}

/** What sshd passes over: spaces and tabs before, and the return of a file from Windows behind. */
function withoutBlanks(line: string): string {
  return line.replace(/^[ \t]+/, '').replace(/\r$/, '');
}

function parseLine(line: string, number: number): AuthorizedKey | undefined {
  if (line === '' || line.startsWith('#')) return undefined;
  const [first = ''] = line.split(/[ \t]/, 1);
  const optionsEnd = KEY_TYPE.test(first) ? 0 : endOfOptions(line);
  const [type = '', base64 = '', ...comment] = withoutBlanks(line.slice(optionsEnd)).split(/[ \t]+/);
  const publicKey = decodeKey(type, base64);
  if (publicKey === undefined) return undefined;
  return { line: number, publicKey, comment: comment.join(' ').trim(), ...readOptions(line.slice(0, optionsEnd)) };
}

/** Options end at the first blank that is not quoted. */
function endOfOptions(line: string): number {
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (character === '\\' && line[at + 1] === '"') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === ' ' || character === '\t')) return at;
  }
  return line.length;
}

function decodeKey(type: string, base64: string): Buffer | undefined {
  if (!KEY_TYPE.test(type)) return undefined;
  const blob = Buffer.from(base64, 'base64');
  // Node skips what is no base64, and does without the padding; sshd takes such a line for none.
  if (blob.toString('base64') !== base64) return undefined;
  try {
    return publicKeyType(blob) === type ? blob : undefined;
  } catch {
    // Too short to hold a type: no key.
    return undefined;
  }
}

function readOptions(text: string): { expiresAt?: number; refused?: string } {
  const result: { expiresAt?: number } = {};
  const option = /([A-Za-z0-9-]+)(?:="((?:\\"|[^"\\]|\\(?!"))*)")?(?:,|$)/y;
  while (option.lastIndex < text.length) {
    const [, name = '', value] = option.exec(text) ?? [];
    const problem = name === '' ? 'Its options cannot be read' : applyOption(result, name.toLowerCase(), value);
    if (problem !== undefined) return { refused: problem };
  }
  return result;
}

function applyOption(result: { expiresAt?: number }, name: string, value: string | undefined): string | undefined {
  if (WITHOUT_EFFECT.has(name) && value === undefined) return undefined;
  const expiresAt = name === 'expiry-time' ? parseExpiry(value ?? '') : undefined;
  if (expiresAt === undefined) return `Its option ${KNOWN_OPTIONS.has(name) ? name : '(unknown)'} is not honoured here`;
  result.expiresAt = Math.min(expiresAt, result.expiresAt ?? Infinity);
  return undefined;
}

/** YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS; local time unless a Z follows. */
function parseExpiry(value: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z?)$/i.exec(value);
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', zone = ''] = match ?? [];
  // Without Z such a text is local time (ECMA-262, 21.4.1.32); one that is no time gives NaN.
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone.toUpperCase()}`);
  return Number.isNaN(time) ? undefined : time;
}

function weaknessOf(publicKey: Buffer): string | undefined {
  try {
    parsePublicKey(publicKey);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
