import { generateKeyPairSync } from 'node:crypto';
import { encodePublicKey } from '@holdfast/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideKey, parseAuthorizedKeys } from './authorized-keys.ts';

const alice = encodePublicKey(generateKeyPairSync('ed25519').publicKey);
const bob = encodePublicKey(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey);
const weak = encodePublicKey(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
const key = `ssh-ed25519 ${alice.toString('base64')}`;
const other = `ecdsa-sha2-nistp384 ${bob.toString('base64')}`;

function decide(text: string, now?: number) {
  return decideKey(parseAuthorizedKeys(text), alice, now);
}

describe('authorized_keys', () => {
  test('lets in the keys it lists, whatever stands around them', () => {
    const text = `# comment\n\n${other} bob@work\n   \t${key}  alice at home  \r\njunk line\n`;
    expect(decide(text)).toEqual({ accepted: true, line: 4 });
    expect(parseAuthorizedKeys(text)).toMatchObject([
      { line: 3, comment: 'bob@work', publicKey: bob },
      { line: 4, comment: 'alice at home', publicKey: alice },
    ]);
    expect(decide(key)).toEqual({ accepted: true, line: 1 });
    expect(decide(other)).toEqual({ accepted: false, reason: 'The key is not there' });
    expect(decide(`#${key}`)).toMatchObject({ accepted: false });
  });

  test.each([
    ['command="/bin/true"', 'command'],
    ['command="echo \\"hi, there\\" ssh-ed25519"', 'command'],
    ['restrict', 'restrict'],
    ['no-user-rc,no-pty', 'no-pty'],
    ['from="10.0.0.*,!10.0.0.5"', 'from'],
    ['FROM="10.0.0.1"', 'from'],
    ['environment="A=b"', 'environment'],
    ['cert-authority', 'cert-authority'],
    ['tunnel="0"', 'tunnel'],
    ['permitopen="localhost:80"', 'permitopen'],
    ['verify-required', 'verify-required'],
    ['no-such-thing-yet', '(unknown)'],
    ['no-user-rc="x"', '(unknown)'],
    ['expiry-time="soon"', 'expiry-time'],
    ['expiry-time="20261399"', 'expiry-time'],
    ['expiry-time', 'expiry-time'],
  ])('a key with %s is refused, and the log says why', (options, name) => {
    expect(decide(`${options} ${key} alice\n`)).toEqual({
      accepted: false,
      line: 1,
      reason: `Its option ${name} is not honoured here`,
    });
  });

  test.each(['no-pty,,restrict', 'command=x', '=', ',', 'command="a"b'])('a key behind %s is refused', (options) => {
    expect(decide(`${options} ${key}`)).toMatchObject({ accepted: false, line: 1 });
  });

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

  test('options about what does not exist here change nothing', () => {
    expect(decide(`no-agent-forwarding,no-port-forwarding,No-X11-Forwarding,no-user-rc ${key}`)).toMatchObject({
      accepted: true,
    });
  });

  test('a restriction is not escaped by a second line, as in sshd', () => {
    expect(decide(`restrict ${key}\n${key}\n`)).toMatchObject({ accepted: false, line: 1 });
    expect(decide(`${key}\nrestrict ${key}\n`)).toMatchObject({ accepted: true, line: 1 });
  });

  test('expiry-time ends a line, in local time or UTC', () => {
    const utc = `expiry-time="20270102030405Z" ${key}`;
    const end = Date.UTC(2027, 0, 2, 3, 4, 5);
    expect(decide(utc, end - 1)).toMatchObject({ accepted: true });
    expect(decide(utc, end)).toMatchObject({ accepted: false, reason: 'The key expired at 2027-01-02T03:04:05.000Z' });
    const local = `expiry-time="202701020304" ${key}`;
    const localEnd = new Date(2027, 0, 2, 3, 4).getTime();
    expect(decide(local, localEnd - 1)).toMatchObject({ accepted: true });
    expect(decide(local, localEnd)).toMatchObject({ accepted: false });
    expect(decide(`expiry-time="20270102" ${key}`, new Date(2027, 0, 2).getTime() - 1)).toMatchObject({
      accepted: true,
    });
    expect(decide(`${utc}\n${key}`, end)).toEqual({ accepted: true, line: 2 });
  });

  test('weak, damaged and mislabelled keys are not let in', () => {
    const rsa = `ssh-rsa ${weak.toString('base64')}`;
    expect(decideKey(parseAuthorizedKeys(rsa), weak)).toMatchObject({
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

  test('a line with an option in front never lets the key in, unless the option has no effect', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/).filter((text) => !/forwarding$|user-rc$/.test(text));
    const value = fc.option(
      fc.string().map((text) => `="${text.replaceAll(/["\\\n\r]/g, '\\"')}"`),
      { nil: '' },
    );
    fc.assert(
      fc.property(word, value, (name, text) => {
        expect(decide(`${name}${text} ${key}`)).toMatchObject({ accepted: false });
      }),
    );
  });
});
