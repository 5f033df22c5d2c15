import { parsePublicKey, publicKeyType } from '@holdfast/protocol';
import { isAmong, isInNetworks } from './address-list.ts';
import { NO_OPTIONS, parseKeyOptions, type KeyOptions } from './key-options.ts';

/** The greeting of a session host holds the command, and is 16 KiB at most. */
const MAX_COMMAND_BYTES = 8 * 1024;

/** A line that lets something in, under its options. */
export type OptionsLine = {
  /** Counted from 1. */
  line: number;
  options: KeyOptions;
  /** The options as they stand there. */
  optionsText: string;
  /** Why it must not be let in, whatever else the file says of it. */
  refused?: string;
};

/** A line of authorized_keys that holds a key. */
export type AuthorizedKey = OptionsLine & { publicKey: Buffer; comment: string };

/** Who asks to be let in, and when. */
export type Asking = {
  address: string;
  /** Milliseconds since 1970. */
  now: number;
};

/** What the lines of a file say about one key. */
export type KeyDecision =
  | { accepted: true; line: number; options: KeyOptions; optionsText: string }
  | { accepted: false; line?: number; reason: string };

const KEY_TYPE =
  /^(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-[a-z0-9-]+@openssh\.com|[a-z0-9-]+-cert-v01@openssh\.com)$/;

/**
 * Reads an authorized_keys file (sshd(8)). Lines that hold no key are skipped, as sshd does. A key whose line has an
 * option that we do not honour is kept as refused: it must not get in without the restriction. Never throws.
 */
export function parseAuthorizedKeys(text: string): AuthorizedKey[] {
  return text.split('\n').flatMap((line, index) => parseLine(withoutBlanks(beforeNul(line)), index + 1) ?? []);
}

/**
 * What `keys` say about a key that is no certificate. As in sshd the first line of the key decides that has not expired
 * and whose `from=` has the client's address.
 */
export function decideKey(keys: readonly AuthorizedKey[], publicKey: Buffer, asking: Asking): KeyDecision {
  return decideBy(keys, asking, (key) =>
    key.publicKey.equals(publicKey) && !key.options.isAuthority ? weaknessOf(publicKey) : false,
  );
}

/**
 * Goes through lines in their order until one decides.
 * @param judge false for a line about something else; else why it does not let in, undefined if it does
 */
export function decideBy<L extends OptionsLine>(
  lines: readonly L[],
  asking: Asking,
  judge: (line: L) => string | false | undefined,
): KeyDecision {
  let decision: KeyDecision = { accepted: false, reason: 'The key is not there' };
  for (const one of lines) {
    const { line, options, optionsText } = one;
    const problem = judge(one);
    if (problem === false) continue;
    const final = one.refused ?? problem;
    if (final !== undefined) return { accepted: false, line, reason: final };
    const reason = circumstanceProblem(options, asking);
    if (reason === undefined) return { accepted: true, line, options, optionsText };
    decision = { accepted: false, line, reason };
  }
  return decision;
}

/** Why a key does not count for this client at this time, or cannot be used as its options say. */
export function circumstanceProblem(options: KeyOptions, { address, now }: Asking): string | undefined {
  const { expiresAt, from, command = '' } = options;
  const commandBytes = Buffer.byteLength(JSON.stringify(command));
  if (commandBytes > MAX_COMMAND_BYTES)
    return `Its command has ${commandBytes} bytes as JSON: ${MAX_COMMAND_BYTES} are the most`;
  if (expiresAt !== undefined && now >= expiresAt) return `The key expired at ${new Date(expiresAt).toISOString()}`;
  for (const { list, kind } of from) {
    const verdict = kind === 'patterns' ? isAmong(list, address) : isInNetworks(list, address);
    if (typeof verdict === 'object') return verdict.problem;
    if (!verdict) return `The key is not let in from ${address}`;
  }
  return undefined;
}

/** All of a line that sshd sees, to whom it is a C string: an option that is cut off there is none, and neither is its key. */
function beforeNul(line: string): string {
  const end = line.indexOf('\0');
  return end === -1 ? line : line.slice(0, end);
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
  const optionsText = line.slice(0, optionsEnd);
  const options = parseKeyOptions(optionsText);
  const about = { line: number, publicKey, comment: comment.join(' ').trim(), optionsText };
  return 'refused' in options ? { ...about, options: NO_OPTIONS, ...options } : { ...about, options };
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

/** Why a key is not taken, whatever lets it in. */
function weaknessOf(publicKey: Buffer): string | undefined {
  try {
    parsePublicKey(publicKey);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
