import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fingerprint, parseCertificate, type AuthorizeResult } from '@holdfast/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAuthorize, whyNobody, type Authorize } from './authenticate.ts';
import { checkTrustFiles } from './trust-files.ts';

const me = userInfo().username;
const HOME = '192.0.2.7';
const limits = { lookupMs: 20_000, expiryKnownMs: 60_000 };
let folder = '';
let lastSerial = 0;
let authorize: Authorize;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  for (const [name, type] of [
    ['ca', ['ed25519']],
    ['other_ca', ['ecdsa', '-b', '384']],
    ['ed25519', ['ed25519']],
    ['ecdsa256', ['ecdsa']],
    ['ecdsa521', ['ecdsa', '-b', '521']],
    ['rsa', ['rsa']],
  ] as const) {
    execFileSync('ssh-keygen', ['-q', '-N', '', '-C', name, '-f', join(folder, name), '-t', ...type]);
  }
  const trustFiles = { trustedUserCAKeys: join(folder, 'trusted'), revokedKeys: join(folder, 'revoked') };
  authorize = createAuthorize({ ...limits, authorizedKeysFile: join(folder, 'authorized_keys'), trustFiles });
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  write('authorized_keys', '');
  write('trusted', text('ca.pub'));
  write('revoked', '');
});

function write(name: string, contents: string): void {
  writeFileSync(join(folder, name), contents);
}

function text(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

function blobIn(name: string): Buffer {
  return Buffer.from(text(name).split(' ')[1] ?? '', 'base64');
}

/** Signs a key with `ssh-keygen -s`, for this user and a day unless the options say otherwise. */
function certify(options: readonly string[] = ['-n', me], { key = 'ed25519', ca = 'ca' } = {}): Buffer {
  lastSerial += 1;
  const about = ['-I', 'alice@work', '-z', String(lastSerial)];
  const day = options.includes('-V') ? [] : ['-V', '-1m:+1d'];
  execFileSync('ssh-keygen', ['-q', '-s', join(folder, ca), ...about, ...day, ...options, join(folder, `${key}.pub`)], {
    stdio: 'pipe',
  });
  return blobIn(`${key}-cert.pub`);
}

function ask(publicKey: Buffer, address = HOME): Promise<AuthorizeResult> {
  return authorize({ user: me, publicKey, address });
}

async function refusal(publicKey: Buffer, address?: string): Promise<string> {
  const result = await ask(publicKey, address);
  return result.accepted ? 'accepted' : result.reason;
}

describe('a certificate of a trusted authority', () => {
  test.each([
    ['ed25519', 'ca'],
    ['ecdsa256', 'ca'],
    ['ecdsa521', 'other_ca'],
    ['rsa', 'rsa'],
  ])('lets its principal in (%s by %s)', async (key, ca) => {
    write('trusted', `# ours\n${text('ca.pub')}\n${text('other_ca.pub')}${text('rsa.pub')}`);
    const certificate = certify(['-n', `nobody-else,${me}`], { key, ca });
    expect(await ask(certificate)).toEqual({
      accepted: true,
      user: me,
      roles: expect.arrayContaining(['owner']),
      demands: { touch: true, verified: false },
      terms: '',
      certificate: `ID alice@work (serial ${lastSerial}) CA ${fingerprint(blobIn(`${ca}.pub`))}`,
    });
    expect(parseCertificate(certificate).publicKey).toEqual(blobIn(`${key}.pub`));
  });

  test.each([
    [['-n', 'somebody'], `is for "somebody", not for "${me}"`],
    [[], `is for nobody, not for "${me}"`],
    [['-n', me, '-V', '20200101:20200102'], 'The certificate expired at 2020-01-0'],
    [['-n', me, '-V', '+1d:+2d'], 'The certificate is not valid before '],
    [['-n', me, '-h'], 'The certificate is one for a host'],
    [['-n', me, '-O', 'critical:frob@example.org=x'], 'critical option "frob@example.org", which is not honoured'],
    [['-n', me, '-O', 'source-address=198.51.100.0/24'], `not let in from ${HOME}`],
  ])('that has %j lets nobody in', async (options, reason) => {
    expect(await refusal(certify(options))).toContain(reason);
  });

  test('restricts what it lets in', async () => {
    const restricted = async (...options: string[]): Promise<AuthorizeResult> => ask(certify(['-n', me, ...options]));
    expect(await restricted()).not.toHaveProperty('restrictions');
    expect(await restricted('-O', 'extension:new@example.org=x')).not.toHaveProperty('restrictions');
    expect(await restricted('-O', 'no-pty')).toMatchObject({ restrictions: { terminal: false } });
    expect(await restricted('-O', 'clear')).toMatchObject({ restrictions: { terminal: false } });
    expect(await restricted('-O', 'force-command=/bin/date -u')).toMatchObject({
      roles: ['restricted'],
      restrictions: { terminal: true, command: '/bin/date -u' },
    });
    expect(await restricted('-O', 'verify-required')).toMatchObject({ demands: { verified: true } });
    expect(await restricted('-O', 'no-touch-required')).toMatchObject({ demands: { touch: false } });
    expect(await restricted('-O', 'source-address=198.51.100.1,192.0.2.0/24')).toMatchObject({ accepted: true });
  });

  test('lets nobody in when another signed it, or a byte of it is changed', async () => {
    expect(await refusal(certify(undefined, { ca: 'other_ca' }))).toContain('The key is not there');
    const sound = certify();
    for (let at = 60; at < sound.length; at += 7) {
      const damaged = Buffer.from(sound);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
      expect((await ask(damaged)).accepted).toBe(false);
    }
    expect((await ask(sound.subarray(0, -1))).accepted).toBe(false);
    expect((await ask(sound)).accepted).toBe(true);
  });

  test('lets in where there is no authorized_keys, and whoever starts the agent is told of no lack', async () => {
    rmSync(join(folder, 'authorized_keys'));
    expect(await ask(certify())).toMatchObject({ accepted: true });
    expect(await refusal(blobIn('ed25519.pub'))).toContain('it does not exist');
    const options = { ...limits, authorizedKeysFile: join(folder, 'authorized_keys') };
    expect(await whyNobody(options)).toContain('it does not exist');
    expect(await whyNobody({ ...options, trustFiles: { trustedUserCAKeys: join(folder, 'trusted') } })).toBeUndefined();
  });
});

describe('an authority in authorized_keys', () => {
  beforeEach(() => write('trusted', ''));

  const lines = (...options: string[]): void =>
    write('authorized_keys', options.map((option) => `${option} ${text('ca.pub')}`).join(''));

  test('lets in who has a certificate of it, under the restrictions of both', async () => {
    lines('cert-authority,no-pty');
    expect(await ask(certify())).toMatchObject({ accepted: true, restrictions: { terminal: false } });
    expect(await refusal(blobIn('ca.pub'))).toContain('The key is not there');
    expect(await refusal(certify(['-n', 'deploy']))).toContain('authorized_keys:1: The certificate is for "deploy"');
    lines('cert-authority,principals="ops,deploy",command="date"');
    expect(await ask(certify(['-n', 'deploy']))).toMatchObject({ restrictions: { terminal: true, command: 'date' } });
    expect(await refusal(certify())).toContain(`is for "${me}", not for "ops", "deploy"`);
    expect(await refusal(certify([]))).toContain('is for nobody');
    const forced = ['-n', 'deploy', '-O', 'no-pty', '-O'];
    expect(await ask(certify([...forced, 'force-command=date']))).toMatchObject({ restrictions: { terminal: false } });
    expect(await refusal(certify([...forced, 'force-command=id']))).toContain('name different commands');
    lines('cert-authority,from="192.0.2.0/24"');
    expect(await refusal(certify(), '198.51.100.1')).toContain('not let in from 198.51.100.1');
    expect(await refusal(certify(['-n', me, '-O', 'source-address=198.51.100.1']))).toContain(
      `not let in from ${HOME}`,
    );
    lines('cert-authority,expiry-time="20200101"', 'cert-authority,verify-required');
    expect(await ask(certify())).toMatchObject({ demands: { verified: true, touch: true } });
  });

  test('signs nothing for a line without cert-authority', async () => {
    lines('no-pty');
    expect(await refusal(certify())).toContain('The key is not there');
  });
});

describe('authorizedPrincipals', () => {
  const askWith = async (publicKey: Buffer, pattern: string, address = HOME): Promise<AuthorizeResult> => {
    const trustFiles = { trustedUserCAKeys: join(folder, 'trusted'), authorizedPrincipals: pattern };
    const ours = createAuthorize({ ...limits, authorizedKeysFile: join(folder, 'authorized_keys'), trustFiles });
    return ours({ user: me, publicKey, address });
  };

  test('name who may come in as the user, each under its options', async () => {
    const pattern = join(folder, 'principals-%u-%U');
    const name = `principals-${me}-${process.getuid?.()}`;
    const deploy = certify(['-n', 'deploy,unknown']);
    expect(await askWith(deploy, pattern)).toMatchObject({
      reason: `${join(folder, name)} is not used: it does not exist`,
    });
    write(
      name,
      `# who deploys\n\n  ops\nrestrict,command="date -u" deploy \t\r\nfrom="198.51.100.1" dev\nagent="x" bad\n`,
    );
    const accepted = await askWith(deploy, pattern);
    expect(accepted).toMatchObject({ accepted: true, restrictions: { terminal: false, command: 'date -u' } });
    expect(accepted).toMatchObject({ terms: expect.stringMatching(/^.{40,}$/) });
    expect(await askWith(certify(['-n', 'ops']), pattern)).toMatchObject({ accepted: true, terms: '' });
    const dev = certify(['-n', 'dev']);
    expect(await askWith(dev, pattern)).toMatchObject({ reason: expect.stringContaining(`not let in from ${HOME}`) });
    expect(await askWith(dev, pattern, '198.51.100.1')).toMatchObject({ accepted: true });
    const bad = { reason: expect.stringContaining('Its option agent is not honoured here') };
    expect(await askWith(certify(['-n', 'bad']), pattern)).toMatchObject(bad);
    const none = { reason: expect.stringContaining('not for "ops", "deploy", "dev", "bad"') };
    expect(await askWith(certify(), pattern)).toMatchObject(none);
    expect(await askWith(certify(['-n', '#']), pattern)).toMatchObject({ accepted: false });
    chmodSync(join(folder, name), 0o666);
    expect(await askWith(deploy, pattern)).toMatchObject({ reason: expect.stringContaining('others may write') });
    write('authorized_keys', text('ed25519.pub'));
    expect(await askWith(blobIn('ed25519.pub'), pattern)).toMatchObject({ accepted: true });
  });
});

describe('revoked keys', () => {
  test('let nobody in, alone or in a certificate, nor what a revoked authority signed', async () => {
    write('authorized_keys', text('ed25519.pub'));
    const key = blobIn('ed25519.pub');
    const certificate = certify();
    expect([(await ask(key)).accepted, (await ask(certificate)).accepted]).toEqual([true, true]);
    write('revoked', `# lost\n${text('ed25519.pub')}`);
    expect([await refusal(key), await refusal(certificate)]).toEqual(['The key is revoked', 'The key is revoked']);
    write('revoked', text('ca.pub'));
    expect(await refusal(certificate)).toBe('The authority of the certificate is revoked');
    expect((await ask(key)).accepted).toBe(true);
  });

  test('of which the list cannot be used let nobody in; without the list of authorities, plain keys go on', async () => {
    write('authorized_keys', text('ed25519.pub'));
    const key = blobIn('ed25519.pub');
    const certificate = certify();
    const bad = async (name: 'revoked' | 'trusted', reason: string): Promise<void> => {
      const file = join(folder, name);
      const files = name === 'revoked' ? { revokedKeys: file } : { trustedUserCAKeys: file };
      await expect(checkTrustFiles(files)).rejects.toMatchObject({ id: 'KeyFileUnusable' });
      expect(await refusal(certificate)).toBe(`${file} ${reason}`);
      expect(await refusal(key)).toBe(name === 'revoked' ? `${file} ${reason}` : 'accepted');
    };
    for (const name of ['trusted', 'revoked'] as const) {
      write(name, 'ssh-ed25519 AAAA\n');
      await bad(name, 'is not used: not every line of it is a public key');
      write(name, `no-pty ${text('ca.pub')}`);
      await bad(name, 'is not used: line 1 has options, which have no meaning there');
      execFileSync('ssh-keygen', ['-q', '-k', '-f', join(folder, 'krl'), join(folder, 'ca.pub')]);
      copyFileSync(join(folder, 'krl'), join(folder, name));
      await bad(name, 'is not used: it is a KRL of ssh-keygen -k: list the public keys, one to a line');
      write(name, text('ca.pub'));
      chmodSync(join(folder, name), 0o666);
      await bad(name, `is not used: others may write ${join(folder, name)} (mode 666): chmod go-w`);
      rmSync(join(folder, name));
      await bad(name, 'is not used: it does not exist');
      write(name, name === 'trusted' ? text('ca.pub') : '');
    }
    expect(await ask(certificate)).toMatchObject({ accepted: true });
  });
});
