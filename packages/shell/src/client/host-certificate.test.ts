import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { connect } from './connect.ts';
import { KnownHosts, createHostKeyCheck } from './known-hosts.ts';
import { RealAgent } from './testing/real-agent.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'host-certificate-'));
  for (const name of ['ca', 'other_ca', 'host']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(folder, name)]);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function lineIn(name: string): string {
  return readFileSync(join(folder, name), 'utf8').trim();
}

function blobIn(name: string): Buffer {
  return Buffer.from(lineIn(name).split(' ')[1] ?? '', 'base64');
}

/** Signs a public key file with `ssh-keygen -s`, for a host and a day unless the options say otherwise. */
function certify(options: readonly string[], file = join(folder, 'host'), ca = 'ca'): Buffer {
  const day = options.includes('-V') ? [] : ['-V', '-1m:+1d'];
  const about = ['-q', '-s', join(folder, ca), '-I', 'host', ...day, ...options, `${file}.pub`];
  execFileSync('ssh-keygen', about, { stdio: 'pipe' });
  return Buffer.from(readFileSync(`${file}-cert.pub`, 'utf8').split(' ')[1] ?? '', 'base64');
}

/** `accepted`, or with which words the host is refused. */
async function verdict(text: string, certificate: Buffer | undefined, host = 'srv1'): Promise<string> {
  const file = join(folder, 'known_hosts');
  writeFileSync(file, text);
  const check = createHostKeyCheck({ computerName: host, host, port: 7433, knownHosts: new KnownHosts([file]) });
  return check(blobIn('host.pub'), certificate).then(
    () => 'accepted',
    (error: unknown) =>
      String(error instanceof Error && 'id' in error ? `${String(error.id)}: ${error.message}` : error),
  );
}

describe('a certificate of a host', () => {
  const NAMED = ['-h', '-n', 'srv1,*.Example.org'];

  test.each([
    ['[srv1]:7433', 'srv1'],
    ['srv1', 'srv1'],
    ['srv2,srv1', 'SRV1'],
    ['*', 'srv1'],
    ['*.example.org', 'a.example.org'],
  ])('makes it known by an authority for %s', async (hosts, host) => {
    expect(await verdict(`@cert-authority ${hosts} ${lineIn('ca.pub')}\n`, certify(NAMED), host)).toBe('accepted');
  });

  test('counts instead of another key on record, and not where its authority is named for others, or for none', async () => {
    const other = `[srv1]:7433 ${lineIn('other_ca.pub')}\n`;
    const certificate = certify(NAMED);
    expect(await verdict(`${other}@cert-authority srv1 ${lineIn('ca.pub')}\n`, certificate)).toBe('accepted');
    expect(await verdict(`${other}@cert-authority srv2 ${lineIn('ca.pub')}\n`, certificate)).toMatch(/^HostKeyChanged/);
    expect(await verdict(`srv1 ${lineIn('ca.pub')}\n`, certificate)).toMatch(
      /^HostKeyUnknown: The host key of srv1 is not/,
    );
    expect(await verdict(`@cert-authority * ${lineIn('ca.pub')}\n`, undefined)).toMatch(/^HostKeyUnknown/);
  });

  test.each([
    [['-h', '-n', 'srv2,db*'], 'it is for srv2, db\\*, not for srv1'],
    [['-h'], 'it is for no host, not for srv1'],
    [['-n', 'srv1'], 'it is one for a user'],
    [['-h', '-n', 'srv1', '-V', '20200101:20200201'], 'The certificate expired at 2020'],
    [['-h', '-n', 'srv1', '-V', '+1d:+2d'], 'The certificate is not valid before'],
  ])('with %j vouches for nothing', async (options, problem) => {
    const authority = `@cert-authority * ${lineIn('ca.pub')}\n`;
    const certificate = certify(options);
    expect(await verdict(authority, certificate)).toMatch(
      new RegExp(`^HostKeyUnknown: .* does not vouch .*: ${problem}`),
    );
    // The key itself may be known all the same.
    expect(await verdict(`${authority}srv1 ${lineIn('host.pub')}\n`, certificate)).toBe('accepted');
  });

  test('of another authority, of another key, damaged or revoked is not believed', async () => {
    const authority = `@cert-authority * ${lineIn('ca.pub')}\n`;
    const file = join(folder, 'host');
    expect(await verdict(authority, certify(NAMED, file, 'other_ca'))).toContain('another authority signed it');
    expect(await verdict(authority, certify(NAMED, join(folder, 'other_ca')))).toContain('it is of another key');
    const damaged = certify(NAMED);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 5) ^ 1, damaged.length - 5);
    expect(await verdict(authority, damaged)).toContain('Its authority did not sign the certificate');
    const revoked = `${authority}@revoked * ${lineIn('ca.pub')}\n`;
    expect(await verdict(revoked, certify(NAMED))).toMatch(/^HostKeyRevoked: .*known_hosts:2$/);
    expect(await verdict(`${authority}@revoked * ${lineIn('host.pub')}\n`, certify(NAMED))).toMatch(/^HostKeyRevoked/);
  });
});

test('a real agent shows the certificate of its configuration, and a client needs no other line', async () => {
  const agent = new RealAgent();
  onTestFinished(() => agent[Symbol.asyncDispose]());
  const hostKey = join(agent.home, 'agent', 'host_key');
  mkdirSync(join(agent.home, 'agent'), { mode: 0o700 });
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey]);
  certify(['-h', '-n', '127.0.0.1'], hostKey);
  const config = join(agent.home, '.config', 'holdfast');
  mkdirSync(config, { recursive: true });
  writeFileSync(join(config, 'agent.toml'), `[host]\ncertificate = "${hostKey}-cert.pub"\n`);
  await agent.serve();
  const knownHosts = join(agent.home, 'known_hosts');
  writeFileSync(knownHosts, `@cert-authority * ${lineIn('ca.pub')}\n`);
  const options = { environment: agent.environment, knownHostsFiles: [knownHosts], identity: agent.identity };
  await using connection = await connect(`127.0.0.1:${agent.port}`, options);
  expect((await connection.status()).version).toMatch(/^\d/);
  writeFileSync(knownHosts, `@cert-authority * ${lineIn('other_ca.pub')}\n`);
  await expect(connect(`127.0.0.1:${agent.port}`, options)).rejects.toMatchObject({
    id: 'HostKeyUnknown',
    message: expect.stringContaining('does not vouch for its key: another authority signed it. If SHA256:'),
  });
});
