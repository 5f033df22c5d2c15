import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { encodePublicKey, verifySignature, type Ticket, type TicketStore } from '@holdfast/protocol';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { expiryProblem } from './account-expiry.ts';
import { readAccessRules, ruleProblem } from './access-rules.ts';
import { createAuthorize, whyNobody } from './authenticate.ts';
import { createUsersAuthorize } from './authorize-users.ts';
import { loadHostKey } from './host-key.ts';
import { findIdentity, ownIdentity, shadowProblem, shellProblem } from './identity.ts';
import { readStrictly } from './strict-file.ts';
import { loadTicketStore } from './ticket-store.ts';
import { loadTlsCertificate } from './tls-certificate.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'auth-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const isRoot = process.getuid?.() === 0;
const publicKey = encodePublicKey(generateKeyPairSync('ed25519').publicKey);
const line = `ssh-ed25519 ${publicKey.toString('base64')} me\n`;
const me = userInfo().username;
const address = '192.0.2.7';
const limits = { lookupMs: 20_000, expiryKnownMs: 60_000 };

describe('loadHostKey()', () => {
  test('makes a key that ssh-keygen reads, once', async () => {
    const stateDir = join(folder, 'deep', 'state');
    const [first, second] = await Promise.all([loadHostKey({ stateDir }), loadHostKey({ stateDir })]);
    expect(second.publicKey).toEqual(first.publicKey);
    expect((await loadHostKey({ stateDir })).fingerprint).toBe(first.fingerprint);
    expect(statSync(first.file).mode & 0o777).toBe(0o600);
    expect(statSync(stateDir).mode & 0o777).toBe(0o700);
    expect(readdirSync(stateDir)).toEqual(['host_key']);
    expect(execFileSync('ssh-keygen', ['-l', '-f', first.file], { encoding: 'utf8' })).toContain(
      ` ${first.fingerprint} `,
    );
    const data = Buffer.from('x');
    expect(verifySignature(first.publicKey, await first.sign(data), data)).toBe(true);
  });

  test.each(['ed25519', 'ecdsa', 'rsa'])('takes a host key of sshd, %s', async (type) => {
    const file = join(folder, 'ssh_host_key');
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file]);
    const key = await loadHostKey({ stateDir: folder, file });
    expect(key.publicKey.toString('base64')).toBe(readFileSync(`${file}.pub`, 'utf8').split(' ')[1]);
  });

  test('takes the certificate that the configuration names for it, and no other', async () => {
    const keygen = (...options: string[]): void =>
      void execFileSync('ssh-keygen', ['-q', ...options], { stdio: 'pipe' });
    const configFile = join(folder, 'agent.toml');
    const load = (file = 'ssh_host_key'): Promise<unknown> =>
      loadHostKey({ stateDir: folder, file: join(folder, file), configFile });
    for (const name of ['ca', 'ssh_host_key', 'other']) keygen('-t', 'ed25519', '-N', '', '-f', join(folder, name));
    const certificate = join(folder, 'ssh_host_key-cert.pub');
    writeFileSync(configFile, `[host]\ncertificate = "${certificate}"\n`);
    await expect(load()).rejects.toThrow(`The host certificate ${certificate} cannot be used: ENOENT`);
    const certify = (...options: string[]): void =>
      keygen('-s', join(folder, 'ca'), '-I', 'x', '-n', 'srv1', ...options, join(folder, 'ssh_host_key.pub'));
    certify();
    await expect(load()).rejects.toThrow('it is one for a user: sign it with ssh-keygen -h');
    certify('-h');
    expect(await load()).toMatchObject({
      certificate: Buffer.from(readFileSync(certificate, 'utf8').split(' ')[1] ?? '', 'base64'),
    });
    await expect(load('other')).rejects.toThrow('it is of another key than the host key');
    writeFileSync(configFile, '[host]\ncertificate = "cert.pub"\n');
    await expect(load()).rejects.toThrow(/^\[host\] of .*agent\.toml: certificate: An absolute path is expected$/);
    writeFileSync(configFile, '[host]\nkey = "x"\n');
    await expect(load()).rejects.toMatchObject({ id: 'InvalidSetting' });
  });

  test('says what is wrong with a file', async () => {
    const file = join(folder, 'key');
    const load = () => loadHostKey({ stateDir: folder, file });
    await expect(load()).rejects.toMatchObject({
      id: 'KeyFileUnusable',
      message: expect.stringContaining('does not exist'),
    });
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', file]);
    await expect(load()).rejects.toThrow('has a passphrase');
    chmodSync(file, 0o640);
    await expect(load()).rejects.toThrow('others may read or write it (mode 640): chmod 600');
    writeFileSync(file, 'junk');
    chmodSync(file, 0o600);
    await expect(load()).rejects.toThrow('cannot be used');
    rmSync(file);
    mkdirSync(file);
    await expect(load()).rejects.toThrow('no plain file');
  });
});

test('loadTlsCertificate() keeps its certificate, and replaces a damaged one', async () => {
  const first = await loadTlsCertificate(folder);
  expect(await loadTlsCertificate(folder)).toEqual(first);
  expect(statSync(join(folder, 'tls.pem')).mode & 0o777).toBe(0o600);
  const server = createServer({ ...first, minVersion: 'TLSv1.3' }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  socket.destroy();
  server.close();
  writeFileSync(join(folder, 'tls.pem'), first.key);
  const second = await loadTlsCertificate(folder);
  expect(second.cert).toContain('BEGIN CERTIFICATE');
  expect(second.cert).not.toBe(first.cert);
});

describe('loadTicketStore()', () => {
  const grant = { user: 'alice', publicKey, clientId: 'c6a7c1b0-9d1f-4f3c-8a55-0a4f6f3f0001', terms: 'as agreed' };
  const issuedBy = (store: TicketStore): Ticket => {
    const ticket = store.issue(grant);
    if (ticket === undefined) throw new Error('No ticket');
    return ticket;
  };

  test('opens its tickets again, after a restart too', async () => {
    const issued = issuedBy(await loadTicketStore({ stateDir: folder }));
    const again = await loadTicketStore({ stateDir: folder });
    expect(again.open(issued.ticket)).toEqual({ ...grant, secret: Buffer.from(issued.secret, 'base64') });
    expect(statSync(join(folder, 'ticket_key')).mode & 0o777).toBe(0o600);
    expect(issued.ticket).not.toContain(issued.secret);
    expect(issued.expiresAt - Date.now()).toBeLessThanOrEqual(24 * 3_600_000);
  });

  test('opens nothing forged, foreign or old', async () => {
    const store = await loadTicketStore({ stateDir: folder });
    const { ticket } = issuedBy(store);
    const bytes = Buffer.from(ticket, 'base64url');
    for (let at = 0; at < bytes.length; at += 11) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 4, at);
      expect(store.open(changed.toString('base64url'))).toBeUndefined();
    }
    for (const junk of ['', 'x', ticket.slice(0, 30), ticket.slice(0, -2)]) expect(store.open(junk)).toBeUndefined();
    const foreign = await loadTicketStore({ stateDir: join(folder, 'other') });
    expect(foreign.open(ticket)).toBeUndefined();
    const short = await loadTicketStore({ stateDir: folder, lifetimeMs: 0 });
    expect(short.open(issuedBy(short).ticket)).toBeUndefined();
  });

  test('gives none that a client would not take, for a key that is too large', async () => {
    const store = await loadTicketStore({ stateDir: folder });
    expect(store.issue({ ...grant, publicKey: Buffer.alloc(6_000) })).toBeUndefined();
  });

  test('takes its tickets after the clock was set back by hours, and none of a clock that was years ahead', async () => {
    const store = await loadTicketStore({ stateDir: folder });
    onTestFinished(() => void vi.useRealTimers());
    vi.useFakeTimers({ toFake: ['Date'] });
    const issuedAhead = (hours: number): string => {
      const now = Date.now();
      vi.setSystemTime(now + hours * 3_600_000);
      const { ticket } = issuedBy(store);
      vi.setSystemTime(now);
      return ticket;
    };
    for (const hours of [-23, -6, 0, 6, 23]) expect(store.open(issuedAhead(hours))).toBeDefined();
    for (const hours of [-25, 25, 24 * 365]) expect(store.open(issuedAhead(hours))).toBeUndefined();
  });

  test('refuses a damaged key file', async () => {
    writeFileSync(join(folder, 'ticket_key'), 'short', { mode: 0o600 });
    await expect(loadTicketStore({ stateDir: folder })).rejects.toMatchObject({ id: 'KeyFileUnusable' });
  });
});

describe('readStrictly()', () => {
  const owner = () => ({ uid: ownIdentity().uid, home: folder });
  const read = (name: string) => readStrictly(join(folder, name), owner());

  test('reads what only its owner can write, through links too', async () => {
    mkdirSync(join(folder, '.ssh'), { mode: 0o700 });
    writeFileSync(join(folder, '.ssh', 'keys'), 'text', { mode: 0o644 });
    symlinkSync('.ssh/keys', join(folder, 'link'));
    expect(await read('.ssh/keys')).toBe('text');
    expect(await read('link')).toBe('text');
  });

  test.each([0o666, 0o620, 0o602])('refuses a file with mode %o', async (mode) => {
    writeFileSync(join(folder, 'keys'), 'text');
    chmodSync(join(folder, 'keys'), mode);
    await expect(read('keys')).rejects.toThrow(`others may write ${join(folder, 'keys')}`);
  });

  test('refuses a folder that others may write, up to the home folder', async () => {
    mkdirSync(join(folder, 'open', 'inner'), { recursive: true });
    writeFileSync(join(folder, 'open', 'inner', 'keys'), 'text');
    expect(await read('open/inner/keys')).toBe('text');
    chmodSync(join(folder, 'open'), 0o777);
    await expect(read('open/inner/keys')).rejects.toThrow(
      `others may write ${join(folder, 'open')} (mode 777): chmod go-w`,
    );
    const inner = { ...owner(), home: join(folder, 'open', 'inner') };
    expect(await readStrictly(join(folder, 'open', 'inner', 'keys'), inner)).toBe('text');
  });

  test('refuses what is no file, and what is not there', async () => {
    mkdirSync(join(folder, 'dir'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await expect(read('dir')).rejects.toThrow('no plain file');
    await expect(read('pipe')).rejects.toThrow('no plain file');
    await expect(read('absent')).rejects.toMatchObject({
      id: 'KeyFileUnusable',
      message: expect.stringContaining('it does not exist'),
    });
  });

  test('refuses a file of somebody else', async () => {
    writeFileSync(join(folder, 'keys'), 'text');
    if (isRoot) chownSync(join(folder, 'keys'), 65_534, 65_534);
    const somebody = { ...owner(), uid: 4711 };
    await expect(readStrictly(join(folder, 'keys'), somebody)).rejects.toThrow('belongs to uid');
  });
});

describe('createAuthorize() with a file', () => {
  const file = () => join(folder, 'authorized_keys');

  test('lets in its own user only, with a listed key, by the file as it is now', async () => {
    writeFileSync(file(), line, { mode: 0o600 });
    const authorize = createAuthorize({ ...limits, authorizedKeysFile: file() });
    expect(await authorize({ user: me, publicKey, address })).toMatchObject({ accepted: true, user: me });
    expect(await authorize({ user: 'daemon', publicKey, address })).toMatchObject({
      accepted: false,
      reason: `This agent lets in ${me} only`,
    });
    writeFileSync(file(), `environment="A=b" ${line}`);
    expect(await authorize({ user: me, publicKey, address })).toEqual({
      accepted: false,
      reason: `${file()}:1: Its option environment is not honoured here, as with PermitUserEnvironment no of sshd`,
    });
    rmSync(file());
    expect(await authorize({ user: me, publicKey, address })).toMatchObject({
      accepted: false,
      reason: expect.stringContaining('it does not exist'),
    });
  });

  test('whyNobody() tells what is wrong with the file, and nothing while one key of it counts', async () => {
    const why = () => whyNobody({ ...limits, authorizedKeysFile: file() });
    rmSync(file(), { force: true });
    expect(await why()).toBe(`${file()} is not used: it does not exist`);
    writeFileSync(file(), '# nobody yet\n', { mode: 0o600 });
    expect(await why()).toBe(`${file()} holds no key`);
    writeFileSync(file(), `# me\nenvironment="A=b" ${line}`);
    expect(await why()).toBe(
      `${file()}:2: Its option environment is not honoured here, as with PermitUserEnvironment no of sshd`,
    );
    writeFileSync(file(), `environment="A=b" ${line}\n${line}`);
    expect(await why()).toBeUndefined();
  });

  test('lets nobody in by a file that others may write', async () => {
    writeFileSync(file(), line);
    chmodSync(file(), 0o666);
    const verdict = await createAuthorize({ ...limits, authorizedKeysFile: file() })({ user: me, publicKey, address });
    expect(verdict).toMatchObject({ accepted: false, reason: expect.stringContaining('others may write') });
  });

  test('lets nobody in when the account has expired, from that very day on, as sshd does by PAM', async () => {
    writeFileSync(file(), line, { mode: 0o600 });
    const chage = (expires: string) => `Password expires\t: never\nAccount expires\t\t\t: ${expires}\nMinimum\t: 0\n`;
    const today = Date.UTC(2026, 10, 21);
    for (const expires of ['never', 'Nov 22, 2026', ''])
      expect(expiryProblem(me, chage(expires), today)).toBeUndefined();
    for (const expires of ['Nov 21, 2026', 'Jan 01, 1970', '2026-11-20'])
      expect(expiryProblem(me, chage(expires), today)).toBe(`The account ${me} has expired (${expires})`);
    writeFileSync(join(folder, 'chage'), `#!/bin/sh\n[ "$*" = '-l ${me}' ] && echo 'Account expires : Jan 01, 1970'\n`);
    chmodSync(join(folder, 'chage'), 0o755);
    vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await createAuthorize({ ...limits, authorizedKeysFile: file() })({ user: me, publicKey, address })).toEqual({
      accepted: false,
      reason: `The account ${me} has expired (Jan 01, 1970)`,
    });
    expect(await whyNobody({ ...limits, authorizedKeysFile: file() })).toBe(
      `The account ${me} has expired (Jan 01, 1970)`,
    );
  });

  test('knows administrators', async () => {
    writeFileSync(file(), line, { mode: 0o600 });
    const verdict = await createAuthorize({ ...limits, authorizedKeysFile: file(), administrators: [me] })({
      user: me,
      publicKey,
      address,
    });
    expect(verdict).toMatchObject({ roles: ['owner', 'administrator'] });
  });
});

describe('createUsersAuthorize()', () => {
  const noKeys = (): Promise<string> => Promise.resolve('');
  const rules = { permitRoot: false, denyUsers: [], administrators: [] };

  test('finds each user in the system, and root only with permitRoot', async () => {
    const authorize = createUsersAuthorize({ ...limits, rules, readKeys: noKeys, nologinFiles: [] });
    expect(await authorize({ user: 'root', publicKey, address })).toMatchObject({
      reason: expect.stringContaining('permitRoot'),
    });
    expect(await authorize({ user: '0', publicKey, address })).toMatchObject({ reason: 'There is no such user' });
    expect(await authorize({ user: '-s', publicKey, address })).toMatchObject({ reason: 'There is no such user' });
    expect(await authorize({ user: 'no-such-user-here', publicKey, address })).toMatchObject({
      reason: 'There is no such user',
    });
    expect(await authorize({ user: 'daemon', publicKey, address })).toMatchObject({
      reason: expect.stringContaining('no login shell'),
    });
  });

  test('lets root in with permitRoot, as administrator, by the keys of its own home', async () => {
    const readKeys = (_: unknown, file: string): Promise<string> =>
      Promise.resolve(file.startsWith('/root/') ? line : '');
    const users = { ...limits, rules: { ...rules, permitRoot: true }, readKeys, nologinFiles: [] };
    expect(await createUsersAuthorize(users)({ user: 'root', publicKey, address })).toMatchObject({
      accepted: true,
      user: 'root',
      roles: ['owner', 'administrator'],
    });
  });

  test('lets nobody but root in while a nologin file is there', async () => {
    const file = join(folder, 'nologin');
    const readKeys = (): Promise<string> => Promise.resolve(line);
    const users = { ...limits, rules: { ...rules, permitRoot: true }, readKeys, nologinFiles: ['/nowhere', file] };
    const authorize = createUsersAuthorize(users);
    // An account of every machine whose login shell is a program; nobody is let in as it but here.
    expect(await authorize({ user: 'sync', publicKey, address })).toMatchObject({ accepted: true, user: 'sync' });
    writeFileSync(file, 'We are moving');
    expect(await authorize({ user: 'sync', publicKey, address })).toEqual({
      accepted: false,
      reason: `${file} keeps everybody out but root`,
    });
    expect(await authorize({ user: 'root', publicKey, address })).toMatchObject({ accepted: true });
    rmSync(file);
    expect(await authorize({ user: 'sync', publicKey, address })).toMatchObject({ accepted: true });
  });
});

describe('access rules', () => {
  const rulesOf = (text: string) => {
    writeFileSync(join(folder, 'agent.toml'), text);
    return readAccessRules(join(folder, 'agent.toml'));
  };
  const ann = { user: 'ann', uid: 1000 };

  test('let in everybody but root when nothing is said', () => {
    expect(ruleProblem(ann, [], readAccessRules())).toBeUndefined();
    expect(ruleProblem({ user: 'root', uid: 0 }, [], rulesOf('[gateway]'))).toContain('permitRoot');
    expect(ruleProblem({ user: 'root', uid: 0 }, [], rulesOf('access.permitRoot = true'))).toBeUndefined();
  });

  test.each([
    ['ann', true],
    ['an', false],
    ['annn', false],
    ['a*', true],
    ['?nn', true],
    ['??', false],
    ['a.n', false],
    ['@wheel', true],
    ['@wh*', true],
    ['@ann', false],
    ['wheel', false],
    ['*', true],
  ])('%s means ann of the group wheel: %s', (name, isMeant) => {
    const allowed = rulesOf(`[access]\nallowUsers = ["${name}"]`);
    const denied = rulesOf(`[access]\nallowUsers = ["*"]\ndenyUsers = ["${name}"]`);
    expect(ruleProblem(ann, ['users', 'wheel'], allowed) === undefined).toBe(isMeant);
    expect(ruleProblem(ann, ['users', 'wheel'], denied) === undefined).toBe(!isMeant);
  });

  test('with an empty allowUsers nobody is let in', () => {
    expect(ruleProblem(ann, [], rulesOf('[access]\nallowUsers = []'))).toBe('allowUsers does not name ann');
  });

  test.each([
    ['permitRoot = "yes"', /permitRoot: .*boolean/],
    ['allowUser = ["ann"]', /allowUser/],
    ['denyUsers = "ann"', /denyUsers: .*Array/],
    ['administrators = [1]', /administrators\.0: .*string/],
  ])('refuse %s', (text, complaint) => {
    expect(() => rulesOf(`[access]\n${text}`)).toThrow(complaint);
  });
});

describe('identity', () => {
  test('findIdentity() knows root, and folds upper case', async () => {
    expect(await findIdentity('root', limits.lookupMs)).toMatchObject({ user: 'root', uid: 0 });
    expect(await findIdentity('ROOT', limits.lookupMs)).toMatchObject({ user: 'root' });
    expect(await findIdentity('0', limits.lookupMs)).toBeUndefined();
    expect(await findIdentity('root:x', limits.lookupMs)).toBeUndefined();
  });

  test('shadowProblem() finds locked and expired accounts', () => {
    const now = Date.UTC(2026, 10, 21);
    const today = now / 86_400_000;
    expect(shadowProblem({ user: 'a', password: '!$6$x', expires: '' }, now)).toBe('The account a is locked');
    expect(shadowProblem({ user: 'a', password: '!*', expires: '' }, now)).toBe('The account a is locked');
    for (const password of ['*', '!', '!!']) {
      expect(shadowProblem({ user: 'a', password, expires: '' }, now)).toBeUndefined();
    }
    for (const expires of [String(today + 1), '-1']) {
      expect(shadowProblem({ user: 'a', password: '$6$x', expires }, now)).toBeUndefined();
    }
    for (const expires of [String(today), String(today - 1), '0']) {
      expect(shadowProblem({ user: 'a', password: '$6$x', expires }, now)).toBe('The account a has expired');
    }
  });

  test('shellProblem() finds accounts without a login', async () => {
    const own = ownIdentity();
    expect(await shellProblem({ ...own, shell: '/bin/sh' })).toBeUndefined();
    expect(await shellProblem({ ...own, shell: '/usr/sbin/nologin' })).toContain('no login shell');
    expect(await shellProblem({ ...own, shell: '/no/such/shell' })).toContain('cannot be run');
  });
});
