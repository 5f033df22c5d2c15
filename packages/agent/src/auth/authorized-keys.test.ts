import { generateKeyPairSync } from 'node:crypto';
import { encodePublicKey } from '@holdfast/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_OPTIONS } from './key-options.ts';
import { decideKey, parseAuthorizedKeys, type Asking } from './authorized-keys.ts';

const alice = encodePublicKey(generateKeyPairSync('ed25519').publicKey);
const bob = encodePublicKey(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey);
const weak = encodePublicKey(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
const key = `ssh-ed25519 ${alice.toString('base64')}`;
const other = `ecdsa-sha2-nistp384 ${bob.toString('base64')}`;

const HOME = '192.0.2.7';

function decide(text: string, { now = Date.now(), address = HOME }: Partial<Asking> = {}) {
  return decideKey(parseAuthorizedKeys(text), alice, { now, address });
}

describe('authorized_keys', () => {
  test('lets in the keys it lists, whatever stands around them', () => {
    const text = `# comment\n\n${other} bob@work\n   \t${key}  alice at home  \r\njunk line\n`;
    expect(decide(text)).toMatchObject({ accepted: true, line: 4, options: NO_OPTIONS });
    expect(parseAuthorizedKeys(text)).toMatchObject([
      { line: 3, comment: 'bob@work', publicKey: bob },
      { line: 4, comment: 'alice at home', publicKey: alice },
    ]);
    expect(decide(key)).toMatchObject({ accepted: true, line: 1 });
    expect(decide(other)).toEqual({ accepted: false, reason: 'The key is not there' });
    expect(decide(`#${key}`)).toMatchObject({ accepted: false });
  });

  test('a line ends at a NUL, as in sshd', () => {
    expect(decide(`command="a\0b" ${key}`)).toEqual({ accepted: false, reason: 'The key is not there' });
    expect(decide(`restrict\0 ${key}`)).toEqual({ accepted: false, reason: 'The key is not there' });
    expect(parseAuthorizedKeys(`${key} at\0home`)).toMatchObject([{ comment: 'at', publicKey: alice }]);
  });

  test.each([
    ['command="/bin/true"', { command: '/bin/true' }],
    ['command="echo \\"hi, there\\" \\n ssh-ed25519"', { command: 'echo "hi, there" \\n ssh-ed25519' }],
    ['command=""', { command: '' }],
    ['restrict', { terminal: false }],
    ['Restrict,PTY', { terminal: true }],
    ['pty,restrict', { terminal: false }],
    ['no-user-rc,No-PTY', { terminal: false }],
    ['verify-required', { verified: true }],
    ['no-touch-required', { touch: false }],
    ['no-touch-required,touch-required', { touch: true }],
    ['permitopen="localhost:80",permitlisten="8080",tunnel="0"', {}],
    ['no-agent-forwarding,no-port-forwarding,No-X11-Forwarding,no-user-rc', {}],
    ['command="/bin/date",no-pty,from="192.0.2.0/24"', { command: '/bin/date', terminal: false }],
  ])('%s in front of a key is read', (options, meaning) => {
    expect(decide(`${options} ${key} alice\n`)).toMatchObject({
      accepted: true,
      options: { terminal: true, touch: true, verified: false, ...meaning },
    });
  });

  test.each([
    ['environment="A=b"', 'environment is not honoured here, as with PermitUserEnvironment no of sshd'],
    ['no-such-thing-yet', 'no-such-thing-yet is not honoured here'],
    ['agent="x"', 'agent is not honoured here'],
    ['no-user-rc="x"', 'no-user-rc is not honoured here'],
    ['no-restrict', 'no-restrict is not honoured here'],
    ['no-cert-authority', 'no-cert-authority is not honoured here'],
    ['constructor', 'constructor is not honoured here'],
    ['toString="x"', 'tostring is not honoured here'],
    ['command', 'command is not honoured here'],
    ['from', 'from is not honoured here'],
    ['expiry-time', 'expiry-time is not honoured here'],
  ])('a key with %s is refused, and the log says why', (options, name) => {
    const refused = { accepted: false, line: 1, reason: `Its option ${name}` };
    expect(decide(`${options} ${key} alice\n`)).toEqual(refused);
    expect(decide(`${options},no-pty ${key}\n${key}`)).toEqual(refused);
  });

  test.each([
    ['expiry-time="soon"', 'Its expiry-time is no time'],
    ['expiry-time="20261399"', 'Its expiry-time is no time'],
    ['command="a",command="a"', 'There are two commands'],
    [`command="${'x'.repeat(9_000)}"`, 'Its command has 9002 bytes as JSON: 8192 are the most'],
    [`command="${'\u0001'.repeat(2_000)}"`, 'Its command has 12002 bytes as JSON: 8192 are the most'],
    [`command="${'x'.repeat(70_000)}"`, 'Its options have 70010 characters'],
    ['from="192.0.2.7",from="*"', 'There are two lists of addresses (from)'],
    ['from="192.0.2.7,,"', 'The addresses "192.0.2.7,," cannot be read'],
    ['from="192.0.2.7/24"', 'The addresses "192.0.2.7/24" cannot be read'],
  ])('a key with %.60s is refused', (options, reason) => {
    expect(decide(`${options} ${key}`)).toEqual({ accepted: false, line: 1, reason });
  });

  test('from= lets a key in from its addresses only; another line may say others', () => {
    const text = `from="192.0.2.0/24,!192.0.2.9",no-pty ${key}\nfrom="2001:db8::/32" ${key}\n`;
    expect(decide(text)).toMatchObject({ accepted: true, line: 1, options: { terminal: false } });
    expect(decide(text, { address: '2001:db8::1' })).toMatchObject({ accepted: true, line: 2 });
    for (const address of ['192.0.2.9', '198.51.100.1', '::1', '']) {
      expect(decide(text, { address })).toEqual({
        accepted: false,
        line: 2,
        reason: `The key is not let in from ${address}`,
      });
    }
  });

  test('the key of an authority lets nobody in itself', () => {
    expect(decide(`cert-authority,principals="x" ${key}`)).toEqual({ accepted: false, reason: 'The key is not there' });
    expect(decide(`cert-authority ${key}\nno-pty ${key}`)).toMatchObject({ accepted: true, line: 2 });
  });

  test.each(['no-pty,,restrict', 'no-pty,', 'command=x', '=', ',', 'command="a"b'])(
    'a key behind %s is refused',
    (options) => {
      expect(decide(`${options} ${key}`)).toMatchObject({ accepted: false, line: 1 });
    },
  );

  test.each(['command="unterminated', '"'])('a line with %s holds no key at all', (options) => {
    expect(decide(`${options} ${key}`)).toEqual({ accepted: false, reason: 'The key is not there' });
  });

  test.each([
    ['an unbreakable space before it', `\u00a0${key}`],
    ['a byte order mark before it', `\ufeff${key}`],
    ['padding that is left out', `ecdsa-sha2-nistp384 ${bob.toString('base64').replace(/=+$/, '')}`],
    ['padding too much', `${key}=`],
    ['a character that is no base64', `${key.slice(0, -4)}!${key.slice(-4)}`],
  ])('a line with %s is no key, as for sshd', (_, line) => {
    expect(parseAuthorizedKeys(line)).toEqual([]);
  });

  test('a restriction is not escaped by a second line, as in sshd', () => {
    expect(decide(`restrict ${key}\n${key}\n`)).toMatchObject({ line: 1, options: { terminal: false } });
    expect(decide(`environment="A=b" ${key}\n${key}\n`)).toMatchObject({ accepted: false, line: 1 });
    expect(decide(`${key}\nrestrict ${key}\n`)).toMatchObject({ accepted: true, line: 1, options: { terminal: true } });
  });

  test('expiry-time ends a line, in local time or UTC', () => {
    const utc = `expiry-time="20270102030405Z" ${key}`;
    const end = Date.UTC(2027, 0, 2, 3, 4, 5);
    expect(decide(utc, { now: end - 1 })).toMatchObject({ accepted: true });
    expect(decide(utc, { now: end })).toMatchObject({
      accepted: false,
      reason: 'The key expired at 2027-01-02T03:04:05.000Z',
    });
    const local = `expiry-time="202701020304" ${key}`;
    const localEnd = new Date(2027, 0, 2, 3, 4).getTime();
    expect(decide(local, { now: localEnd - 1 })).toMatchObject({ accepted: true });
    expect(decide(local, { now: localEnd })).toMatchObject({ accepted: false });
    expect(decide(`expiry-time="20270102" ${key}`, { now: new Date(2027, 0, 2).getTime() - 1 })).toMatchObject({
      accepted: true,
    });
    expect(decide(`${utc}\n${key}`, { now: end })).toMatchObject({ accepted: true, line: 2 });
  });

  test('weak, damaged and mislabelled keys are not let in', () => {
    const rsa = `ssh-rsa ${weak.toString('base64')}`;
    expect(decideKey(parseAuthorizedKeys(rsa), weak, { now: 0, address: HOME })).toMatchObject({
      accepted: false,
      reason: expect.stringContaining('1024 bits'),
    });
    expect(parseAuthorizedKeys(`ssh-rsa ${alice.toString('base64')}`)).toEqual([]);
    expect(parseAuthorizedKeys(`${key.slice(0, -3)}!?`)).toEqual([]);
    expect(parseAuthorizedKeys('ssh-ed25519 AAAA')).toEqual([]);
    expect(parseAuthorizedKeys('ssh-ed25519')).toEqual([]);
  });

  test('no text makes the parser throw or hang', () => {
    const piece = fc.constantFrom(
      '\\"',
      '"',
      '\\',
      ',',
      ' ',
      '\t',
      '=',
      '\n',
      '#',
      'command',
      'no-pty',
      key,
      other,
      '\0',
      'é',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => {
          for (const entry of parseAuthorizedKeys(text)) expect(entry.publicKey.length).toBeGreaterThan(4);
          decide(text);
        },
      ),
    );
    // Backtracking would take longer than any test may.
    for (const unit of ['\\"', '"', 'a,', 'a="', '\\', 'a-', ' ', '="\\"']) decide(unit.repeat(200_000) + key);
  });

  test('a line with an option in front never lets the key in unless the option is known', () => {
    const known = /forwarding$|user-rc$|^(?:no-)?pty$|^restrict$|(?:touch|verify)-required$|^cert-authority$/;
    const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/).filter((text) => !known.test(text));
    const valued = /^(?:command|from|principals|permitopen|permitlisten|tunnel)$/;
    const value = fc.option(
      fc.string().map((text) => `="${text.replaceAll(/["\\\n\r]/g, '\\"')}"`),
      { nil: '' },
    );
    fc.assert(
      fc.property(word, value, (name, text) => {
        fc.pre(!valued.test(name) || text === '');
        expect(decide(`${name}${text} ${key}`)).toMatchObject({ accepted: false });
      }),
    );
  });
});
