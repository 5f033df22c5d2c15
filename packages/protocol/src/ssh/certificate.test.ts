import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeCertificate, isCertificate, parseCertificate, plainKey, validityProblem } from './certificate.ts';
import { fingerprint } from './public-key.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  for (const name of ['ca', 'key'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
});
afterAll(() => rmSync(folder, { recursive: true }));

function blobIn(name: string): Buffer {
  return Buffer.from(readFileSync(join(folder, name), 'utf8').split(' ')[1] ?? '', 'base64');
}

/** A certificate of `ssh-keygen -s`. */
function certify(...options: string[]): Buffer {
  execFileSync('ssh-keygen', ['-q', '-s', join(folder, 'ca'), ...options, join(folder, 'key.pub')], { stdio: 'pipe' });
  return blobIn('key-cert.pub');
}

describe('parseCertificate()', () => {
  test('reads what ssh-keygen wrote', () => {
    const options = [
      '-O',
      'clear',
      '-O',
      'permit-pty',
      '-O',
      'force-command=id -u',
      '-O',
      'source-address=192.0.2.0/24',
    ];
    const times = ['-V', '20260101000000Z:20270101000000Z'];
    const blob = certify('-I', 'me\u001b[2J', '-z', '18446744073709551615', '-n', 'ann,ops', ...times, ...options);
    const certificate = parseCertificate(blob);
    expect(certificate).toEqual({
      role: 'user',
      publicKey: blobIn('key.pub'),
      serial: 18446744073709551615n,
      keyId: 'me?[2J',
      principals: ['ann', 'ops'],
      validFrom: Date.UTC(2026, 0, 1),
      validUntil: Date.UTC(2027, 0, 1),
      criticalOptions: new Map([
        ['force-command', 'id -u'],
        ['source-address', '192.0.2.0/24'],
      ]),
      extensions: new Set(['permit-pty']),
      authority: blobIn('ca.pub'),
    });
    expect(plainKey(blob)).toEqual(blobIn('key.pub'));
    expect(describeCertificate(certificate)).toBe(
      `ID me?[2J (serial 18446744073709551615) CA ${fingerprint(blobIn('ca.pub'))}`,
    );
  });

  test('without an end, or of the first second of its time, or the last', () => {
    const always = parseCertificate(certify('-I', 'x', '-h', '-n', 'srv1'));
    expect(always).toMatchObject({ role: 'host', validFrom: 0, validUntil: Infinity });
    expect(validityProblem(always, 8.64e15)).toBeUndefined();
    const day = parseCertificate(certify('-I', 'x', '-V', '20260101000000Z:20260102000000Z'));
    const [from, until] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2)];
    expect([from - 1, from, until - 1, until].map((now) => validityProblem(day, now) === undefined)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test('takes no damaged one, whatever is changed, and never throws but SyntaxError', () => {
    const blob = certify('-I', 'x', '-n', 'ann', '-O', 'force-command=id');
    const change = fc.record({ at: fc.nat(blob.length - 1), by: fc.integer({ min: 1, max: 255 }), cut: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const damaged = Buffer.from(blob);
        for (const { at, by } of changes) damaged.writeUInt8(damaged.readUInt8(at) ^ by, at);
        fc.pre(!damaged.equals(blob));
        const kept = damaged.subarray(0, damaged.length - (changes[0]?.cut ?? 0));
        expect(() => parseCertificate(kept)).toThrow(SyntaxError);
        expect(plainKey(kept).length).toBeGreaterThan(0);
      }),
    );
    for (const text of ['', 'x', '\0\0\0\u0004abcd']) expect(isCertificate(Buffer.from(text))).toBe(false);
    expect(() => parseCertificate(blobIn('key.pub'))).toThrow(SyntaxError);
  });
});
