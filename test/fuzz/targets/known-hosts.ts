import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { knownHostName, matchesHost, parseKnownHosts } from '../../../packages/shell/src/client/known-hosts-file.ts';
import type { Randomness } from '../randomness.ts';
import { Sample } from '../sample.ts';
import type { FuzzTarget } from '../target.ts';

const NAMES = ['srv1', 'srv2', 'bad.example.org', 'good.example.org', '10.0.0.1'].flatMap((host) => [
  knownHostName(host, 22),
  knownHostName(host, 7433),
]);
const WORDS = `
  srv1 srv2 * ? ! , [srv2]:7433 [10.0.0.1]:7433 *.example.org |1| | ssh-ed25519 ssh-rsa
  ecdsa-sha2-nistp256 AAAAC3NzaC1lZDI1NTE5AAAAI = # !! ** @ SRV1
`;
const DICTIONARY = [
  ...WORDS.trim().split(/\s+/),
  '@revoked ',
  '@cert-authority ',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\u0000',
  '\u00a0',
  '\ufeff',
];
const SAMPLES = 300;

/**
 * known_hosts files. They are read without an error; matching ends in time; and for each name that a line makes known here,
 * ssh-keygen finds the line as well.
 */
export function makeTarget(random: Randomness): FuzzTarget {
  const samples = new Sample<string>(SAMPLES, random);
  return {
    inputs: 'bytes',
    dictionary: DICTIONARY,
    maxBytes: 2048,
    run(input) {
      const text = input.toString();
      const raw = text.split('\n');
      const lines = parseKnownHosts(text);
      const outcomes = lines.map(({ line, marker, hosts }) => {
        const names = NAMES.filter((name) => matchesHost(hosts, name));
        if (names.length > 0) samples.add(raw[line - 1] ?? '');
        return `${marker ?? ''} ${names.join()}`;
      });
      return outcomes.join(' ');
    },
    finish: () => assertFound(samples.items),
  };
}

/** @throws Error for a line that makes a name known here and not for ssh */
function assertFound(samples: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'hf-fuzz-'));
  const file = join(folder, 'known_hosts');
  const text = samples.map((line) => `${line}\n`).join('');
  try {
    writeFileSync(file, text);
    for (const name of NAMES) {
      const theirs = new Set(linesFound(name, file));
      // A line that revokes more than it would for ssh lets nobody in.
      const lost = parseKnownHosts(text).find(
        ({ line, hosts, marker }) => marker === undefined && matchesHost(hosts, name) && !theirs.has(line),
      );
      if (lost === undefined) continue;
      throw new Error(`ssh-keygen does not find ${name} in the line: ${JSON.stringify(samples[lost.line - 1])}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function linesFound(name: string, file: string): number[] {
  try {
    const found = execFileSync('ssh-keygen', ['-F', name, '-f', file], {
      encoding: 'latin1',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return [...found.matchAll(/^# Host .* found: line (\d+)/gm)].map(([, line]) => Number(line));
  } catch {
    // It is in none.
    return [];
  }
}
