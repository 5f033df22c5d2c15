import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePublicKey, fingerprint } from '@holdfast/protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SmallDisk } from '../../../../test/support/small-disk.ts';
import { knownHostName, matchesHost, parseKnownHosts } from './known-hosts-file.ts';
import { KnownHosts, createHostKeyCheck, type HostKeyQuestion } from './known-hosts.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'known-hosts-'));
  file = join(folder, '.ssh', 'known_hosts');
});
afterEach(() => rmSync(folder, { recursive: true }));

const keyA = encodePublicKey(generateKeyPairSync('ed25519').publicKey);
const keyB = encodePublicKey(generateKeyPairSync('ed25519').publicKey);
const keyP = encodePublicKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey);
const textOf = (key: Buffer): string =>
  `${key.equals(keyP) ? 'ecdsa-sha2-nistp256' : 'ssh-ed25519'} ${key.toString('base64')}`;

function knownHosts(text: string): KnownHosts {
  const path = join(folder, 'known_hosts');
  writeFileSync(path, text);
  return new KnownHosts([path]);
}

async function stateOf(text: string, key = keyA, host = 'srv1', port = 7433): Promise<string> {
  const verdict = await knownHosts(text).check(host, port, key);
  return 'place' in verdict ? `${verdict.state} ${verdict.place.line}` : verdict.state;
}

describe('KnownHosts.check()', () => {
  test.each([
    ['', 'unknown'],
    [`[srv1]:7433 ${textOf(keyA)}`, 'known 1'],
    [`# comment\n\n  [srv1]:7433\t${textOf(keyA)} me@home\r\n`, 'known 3'],
    [`[SRV1]:7433 ${textOf(keyA)}`, 'known 1'],
    [`[srv2]:7433,[srv1]:7433 ${textOf(keyA)}`, 'known 1'],
    [`[srv1]:7434 ${textOf(keyA)}`, 'unknown'],
    [`[srv1]:7433 ${textOf(keyB)}`, 'changed 1'],
    [`[srv1]:7433 ${textOf(keyP)}`, 'changed 1'],
    [`[srv1]:7433 ${textOf(keyB)}\n[srv1]:7433 ${textOf(keyA)}`, 'known 2'],
    [`srv1 ${textOf(keyA)}`, 'known 1'],
    // What ssh takes for no line at all.
    [`\u00a0srv1 ${textOf(keyA)}`, 'unknown'],
    [`srv1 ${textOf(keyA)}!`, 'unknown'],
    [`srv1\u0000 ${textOf(keyA)}`, 'unknown'],
    [`srv1 ${textOf(keyB)}`, 'unknown'],
    [`srv1 ${textOf(keyA)}\n[srv1]:7433 ${textOf(keyB)}`, 'changed 2'],
    [`[srv?]:* ${textOf(keyA)}`, 'known 1'],
    [`* ${textOf(keyB)}`, 'changed 1'],
    [`*,![srv1]:7433 ${textOf(keyA)}`, 'known 1'],
    [`*,![srv1]:7433,!srv1 ${textOf(keyA)}`, 'unknown'],
    [`![srv1]:7433 ${textOf(keyA)}`, 'unknown'],
    [`@revoked * ${textOf(keyA)}\n[srv1]:7433 ${textOf(keyA)}`, 'revoked 1'],
    [`[srv1]:7433 ${textOf(keyA)}\n@revoked srv1 ${textOf(keyA)}`, 'revoked 2'],
    [`@revoked * ${textOf(keyB)}`, 'unknown'],
    [`@cert-authority * ${textOf(keyA)}`, 'unknown'],
    [`@cert-authority [srv1]:7433 ${textOf(keyB)}`, 'unknown'],
    [`@nonsense [srv1]:7433 ${textOf(keyA)}`, 'unknown'],
    [`[srv1]:7433 ecdsa-sha2-nistp256 ${keyA.toString('base64')}`, 'unknown'],
    ['[srv1]:7433 ssh-ed25519', 'unknown'],
    ['[srv1]:7433 ssh-ed25519 AAAA', 'unknown'],
    [`|1|AAAA|BBBB ${textOf(keyA)}`, 'unknown'],
    [`|1| ${textOf(keyA)}`, 'unknown'],
  ])('%j: %s', async (text, expected) => {
    expect(await stateOf(text)).toBe(expected);
  });

  test('reads names that ssh-keygen -H has hashed, lines that it leaves alone, and IPv6', async () => {
    const text = [
      `[srv1]:7433 ${textOf(keyA)}`,
      `[::1]:7433 ${textOf(keyB)}`,
      `@cert-authority *.example.com ${textOf(keyP)}`,
      `*.test ${textOf(keyP)}`,
      '',
    ].join('\n');
    const hosts = knownHosts(text);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', hosts.file], { stdio: 'pipe' });
    expect(readFileSync(hosts.file, 'utf8')).toMatch(/^\|1\|.*\n\|1\|/);
    expect((await hosts.check('srv1', 7433, keyA)).state).toBe('known');
    expect((await hosts.check('Srv1', 7433, keyB)).state).toBe('changed');
    expect((await hosts.check('::1', 7433, keyB)).state).toBe('known');
    expect((await hosts.check('srv2', 7433, keyA)).state).toBe('unknown');
    expect((await hosts.check('x.test', 22, keyP)).state).toBe('known');
  });

  test('reads several files, and says so when one cannot be read', async () => {
    const second = join(folder, 'second');
    writeFileSync(second, `[srv1]:7433 ${textOf(keyA)}`);
    const hosts = new KnownHosts([join(folder, 'absent'), second]);
    expect(await hosts.check('srv1', 7433, keyA)).toMatchObject({ state: 'known', place: { file: second, line: 1 } });
    await expect(new KnownHosts([folder]).check('srv1', 7433, keyA)).rejects.toMatchObject({ id: 'KeyFileUnusable' });
  });
});

describe('KnownHosts.add()', () => {
  test('adds a line that ssh-keygen finds, to a file that only its owner reads', async () => {
    const hosts = new KnownHosts([file]);
    await hosts.add('SRV1', 7433, keyA);
    expect(readFileSync(file, 'utf8')).toBe(`[srv1]:7433 ${textOf(keyA)}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, '.ssh')).mode & 0o777).toBe(0o700);
    expect(execFileSync('ssh-keygen', ['-l', '-F', '[srv1]:7433', '-f', file], { encoding: 'utf8' })).toContain(
      fingerprint(keyA),
    );
  });

  test('begins a line of its own, and never mixes lines', async () => {
    const hosts = knownHosts(`srv9 ${textOf(keyB)}`);
    await hosts.add('srv1', 22, keyA);
    expect(readFileSync(hosts.file, 'utf8')).toBe(`srv9 ${textOf(keyB)}\nsrv1 ${textOf(keyA)}\n`);
    await Promise.all(Array.from({ length: 40 }, (_, index) => hosts.add(`host${index}`, 7433, keyA)));
    expect(parseKnownHosts(readFileSync(hosts.file, 'utf8'))).toHaveLength(42);
  });

  test.each(['*', 'a,b', '!a', 'a b', '@revoked', 'a\nb', '|1|x|y'])(
    'refuses %j, which would stand for other hosts',
    async (host) => {
      await expect(new KnownHosts([file]).add(host, 22, keyA)).rejects.toMatchObject({ id: 'KeyFileUnusable' });
    },
  );
});

describe('createHostKeyCheck()', () => {
  const address = { computerName: 'Server01', host: '127.0.0.1', port: 7433 };

  test('without anybody to ask, an unknown host is refused with the line to add', async () => {
    const hosts = new KnownHosts([join(folder, 'known_hosts')]);
    const check = createHostKeyCheck({ ...address, knownHosts: hosts });
    const line = `[127.0.0.1]:7433 ${textOf(keyA)}`;
    await expect(check(keyA)).rejects.toMatchObject({
      id: 'HostKeyUnknown',
      target: 'Server01',
      message: `The host key of Server01 is not known. If ${fingerprint(keyA)} is right, add this line to ${hosts.file}: ${line}`,
    });
    appendFileSync(hosts.file, `${line}\n`);
    await check(keyA);
  });

  test('asks once, and remembers a yes', async () => {
    const asked: HostKeyQuestion[] = [];
    const answers = [false, true];
    const confirm = (question: HostKeyQuestion) => {
      asked.push(question);
      return Promise.resolve(answers.shift() ?? false);
    };
    const check = createHostKeyCheck({ ...address, knownHosts: new KnownHosts([file]), confirm });
    await expect(check(keyA)).rejects.toMatchObject({ id: 'HostKeyUnknown' });
    await check(keyA);
    await check(keyA);
    expect(asked).toHaveLength(2);
    expect(asked[0]).toEqual({
      computerName: 'Server01',
      name: '[127.0.0.1]:7433',
      keyType: 'ssh-ed25519',
      fingerprint: fingerprint(keyA),
    });
  });

  test('refuses a changed and a revoked key without asking, and says where it stands', async () => {
    const confirm = () => Promise.resolve(true);
    const changed = knownHosts(`# one\n[127.0.0.1]:7433 ${textOf(keyB)}\n`);
    const message = `it is ${fingerprint(keyA)}, but ${changed.file}:2 has ${fingerprint(keyB)}`;
    await expect(createHostKeyCheck({ ...address, knownHosts: changed, confirm })(keyA)).rejects.toMatchObject({
      id: 'HostKeyChanged',
      message: expect.stringContaining(message),
    });
    const revoked = knownHosts(`@revoked * ${textOf(keyA)}\n`);
    await expect(createHostKeyCheck({ ...address, knownHosts: revoked, confirm })(keyA)).rejects.toMatchObject({
      id: 'HostKeyRevoked',
      message: expect.stringContaining(`${revoked.file}:1`),
    });
  });

  test('a pinned key is the only one', async () => {
    const hosts = knownHosts(`[127.0.0.1]:7433 ${textOf(keyB)}\n`);
    for (const pinned of [fingerprint(keyA), `${fingerprint(keyA)}=`, textOf(keyA), `${textOf(keyA)} comment`]) {
      const check = createHostKeyCheck({ ...address, knownHosts: hosts, pinned });
      await check(keyA);
      await expect(check(keyB)).rejects.toMatchObject({ id: 'HostKeyChanged' });
    }
    for (const pinned of ['', 'junk', 'ssh-ed25519', 'SHA256:', `ssh-rsa ${keyA.toString('base64')}`]) {
      await expect(createHostKeyCheck({ ...address, knownHosts: hosts, pinned })(keyA)).rejects.toMatchObject({
        id: 'HostKeyChanged',
      });
    }
  });
});

describe('the parser', () => {
  test('never throws or hangs', () => {
    const piece = fc.constantFrom(
      '|1|',
      '|',
      '*',
      '?',
      '!',
      ',',
      ' ',
      '@revoked ',
      '@',
      '\n',
      '#',
      '[srv1]:7433',
      ` ${textOf(keyA)}`,
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (lines) => {
        for (const line of parseKnownHosts(lines)) matchesHost(line.hosts, '[srv1]:7433');
        matchesHost(lines, '[srv1]:7433');
      }),
    );
    // Backtracking would take longer than any test may.
    matchesHost('*a'.repeat(20_000), knownHostName('a'.repeat(250), 22));
    parseKnownHosts(`@revoked${' '.repeat(500_000)}x`);
    parseKnownHosts(' \t'.repeat(500_000));
  });

  test('matches patterns as a regular expression would', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (glob, name) => {
        const expression = glob.replaceAll('.', '\\.').replaceAll('?', '.').replaceAll('*', '.*');
        expect(matchesHost(glob, name)).toBe(new RegExp(`^${expression}$`).test(name));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('KnownHosts.add() on a full disk', () => {
  test('says so in one line, leaves no half line, and adds the host when there is room', async () => {
    using disk = new SmallDisk(join(folder, 'disk'), 16 * 1024);
    const path = join(disk.folder, 'known_hosts');
    // The next line does not end within the page that the file has.
    writeFileSync(path, `#${'x'.repeat(4050)}\n`);
    disk.fill();
    const hosts = new KnownHosts([path]);
    await expect(hosts.add('srv1', 7433, keyA)).rejects.toMatchObject({
      id: 'KeyFileUnusable',
      message: `${path} cannot be written: Error: ENOSPC: no space left on device, write`,
    });
    expect(statSync(path).size).toBe(4052);
    disk.empty();
    await hosts.add('srv1', 7433, keyA);
    expect(await hosts.check('srv1', 7433, keyA)).toMatchObject({ state: 'known', place: { line: 2 } });
  });
});
