import { createHmac } from 'node:crypto';
import { matchesPattern, publicKeyType } from '@holdfast/protocol';

/** A line of known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export type KnownHostsLine = {
  /** Counted from 1. */
  line: number;
  marker?: 'revoked' | 'cert-authority';
  /** The names as they stand there: patterns with commas between, or one hashed name. */
  hosts: string;
  publicKey: Buffer;
};

const DEFAULT_SSH_PORT = 22;

/** Reads a known_hosts file. Lines that cannot be read are skipped, as ssh does. Never throws. */
export function parseKnownHosts(text: string): KnownHostsLine[] {
  return text.split('\n').flatMap((line, index) => parseLine(asSshReads(line), index + 1) ?? []);
}

/** How known_hosts names a host: `name`, or `[name]:port` for another port than ssh's own. */
export function knownHostName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === DEFAULT_SSH_PORT ? name : `[${name}]:${port}`;
}

/** Does a line stand for the host? `name` is as knownHostName() gives it. */
export function matchesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return matchesHashed(hosts, name);
  let matches = false;
  for (const pattern of hosts.toLowerCase().split(',')) {
    if (pattern.startsWith('!')) {
      if (matchesPattern(pattern.slice(1), name)) return false;
    } else {
      matches ||= matchesPattern(pattern, name);
    }
  }
  return matches;
}

/** ssh skips blanks and tabs before a line, and nothing else; for C a line ends with a NUL. */
function asSshReads(line: string): string {
  const [text = ''] = line.replace(/\r$/, '').split('\0', 1);
  return text.replace(/^[ \t]+/, '');
}

function parseLine(line: string, number: number): KnownHostsLine | undefined {
  const match = /^(?:@(revoked|cert-authority)[ \t]+)?([^#@ \t][^ \t]*)[ \t]+([^ \t]+)[ \t]+([^ \t]+)/.exec(line);
  const [, marker, hosts = '', type = '', base64 = ''] = match ?? [];
  const publicKey = Buffer.from(base64, 'base64');
  // Node skips what is no base64; ssh takes such a line for none.
  if (publicKey.toString('base64') !== base64 || !isKeyOfType(publicKey, type)) return undefined;
  if (marker === 'revoked' || marker === 'cert-authority') return { line: number, marker, hosts, publicKey };
  return { line: number, hosts, publicKey };
}

function isKeyOfType(publicKey: Buffer, type: string): boolean {
  try {
    return publicKeyType(publicKey) === type;
  } catch {
    // Too short to hold a type: no key.
    return false;
  }
}

/** A salt is as long as an HMAC-SHA-1. */
const SALT_BYTES = 20;

/** `|1|salt|hash`: HMAC-SHA-1 of the name, so that the file does not tell where its owner goes. As ssh, to the letter. */
function matchesHashed(hosts: string, name: string): boolean {
  const [, , encoded = ''] = hosts.split('|');
  const salt = Buffer.from(encoded, 'base64');
  if (salt.length !== SALT_BYTES) return false;
  return hosts === `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}
