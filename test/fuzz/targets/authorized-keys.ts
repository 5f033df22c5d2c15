import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprint } from '@holdfast/protocol';
import { decideKey, parseAuthorizedKeys } from '../../../packages/agent/src/auth/authorized-keys.ts';
import type { Randomness } from '../randomness.ts';
import { Sample } from '../sample.ts';
import type { FuzzTarget } from '../target.ts';

const WORDS = `
  restrict no-pty pty cert-authority 20200101 20400101 204001010000Z no-port-forwarding No-User-RC
  ssh-ed25519 ssh-rsa ecdsa-sha2-nistp256 ssh-ed25519-cert-v01@openssh.com sk-ssh-ed25519@openssh.com
  AAAAC3NzaC1lZDI1NTE5AAAAI = == # ,
`;
const DICTIONARY = [
  ...WORDS.trim().split(/\s+/),
  'command="',
  'from="',
  'expiry-time="',
  'principals="',
  '192.0.2.0/24,!192.0.2.9',
  'verify-required',
  '",',
  '\\"',
  'environment="A=B"',
  'permitopen="x:1"',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '"',
  '\u0000',
  '\u00a0',
  '\ufeff',
  '\u000b',
];
const SAMPLES = 500;
/** Before the key; sshd passes over them (auth2-pubkeyfile.c), `ssh-keygen -l` does not. */
const SEVERAL_BLANKS = /[ \t]{2,}(?:ssh|ecdsa|sk)-/;
const ADDRESS = '192.0.2.7';

/**
 * authorized_keys files. They are read without an error; a key that is let in stands in the file just so; a line that is
 * put behind another restriction never lets in more; and of the lines that count, ssh-keygen finds the same keys.
 */
export function makeTarget(random: Randomness): FuzzTarget {
  const samples = new Sample<{ line: string; key: Buffer }>(SAMPLES, random);
  return {
    inputs: 'bytes',
    dictionary: DICTIONARY,
    maxBytes: 2048,
    run(input) {
      const text = input.toString();
      const lines = text.split('\n');
      const keys = parseAuthorizedKeys(text);
      const outcomes = keys.map((key) => {
        const decision = decideKey(keys, key.publicKey, { now: Date.now(), address: ADDRESS });
        if (decision.accepted) {
          const accepted = lines[decision.line - 1] ?? '';
          assertStands(accepted, key.publicKey);
          if (!SEVERAL_BLANKS.test(accepted)) samples.add({ line: accepted, key: key.publicKey });
        }
        if (decision.accepted) return `in ${Object.keys(decision.options).join()} ${decision.options.terminal}`;
        return decision.reason.replaceAll(/[\d:.TZ-]+/g, '');
      });
      return outcomes.join(' ');
    },
    finish: () => assertFound(samples.items),
  };
}

/** No option but those that restrict nothing here, or say how long. */
function assertStands(line: string, key: Buffer): void {
  const found = parseAuthorizedKeys(line)[0];
  if (found?.publicKey.equals(key) !== true || found.refused !== undefined)
    throw new Error('It stands there otherwise');
  if (!parseAuthorizedKeys(`holdfast-unknown,${line.trimStart()}`).every((one) => one.refused !== undefined)) {
    throw new Error('A line with an option more is not refused');
  }
}

/** @throws Error for a line of which ssh-keygen finds no key, or another one */
function assertFound(samples: readonly { line: string; key: Buffer }[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'hf-fuzz-'));
  const file = join(folder, 'authorized_keys');
  const found = (text: string): string[] => {
    writeFileSync(file, text);
    try {
      const listed = execFileSync('ssh-keygen', ['-l', '-f', file], {
        encoding: 'latin1',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      return listed.split('\n').flatMap((line) => /SHA256:\S+/.exec(line)?.[0] ?? []);
    } catch {
      // It holds none.
      return [];
    }
  };
  try {
    const all = found(samples.map(({ line }) => `${line}\n`).join(''));
    const expected = samples.map(({ key }) => fingerprint(key));
    if (all.length === expected.length && all.every((one, at) => one === expected[at])) return;
    for (const { line, key } of samples) {
      if (found(`${line}\n`)[0] === fingerprint(key)) continue;
      throw new Error(`ssh-keygen finds no such key in the line: ${JSON.stringify(line)}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
