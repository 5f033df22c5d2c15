import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePrivateKey, parsePrivateKey } from './private-key.ts';
import { encodePublicKey, fingerprint, parsePublicKey, publicKeyType } from './public-key.ts';
import { signWith, verifySignature } from './signature.ts';
import { armorSshsig, sshsigData } from './sshsig.ts';
import { WireReader, wireMpint, wireString } from './wire.ts';

const KINDS = ['ed25519', 'ecdsa-256', 'ecdsa-384', 'ecdsa-521', 'rsa-2048', 'rsa-3072'];
const message = Buffer.from('what is to be proved');
let folder = '';

function keygen(...options: string[]): string {
  return execFileSync('ssh-keygen', options, { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'], encoding: 'utf8' });
}

function blobOf(file: string): Buffer {
  return Buffer.from(readFileSync(join(folder, `${file}.pub`), 'utf8').split(' ')[1] ?? '', 'base64');
}

function openKey(file: string) {
  const parsed = parsePrivateKey(readFileSync(join(folder, file), 'utf8'));
  if (parsed.encrypted) throw new Error(`${file} is encrypted`);
  return parsed;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ssh-test-'));
  for (const kind of KINDS) {
    const [type = '', bits = '256'] = kind.split('-');
    keygen('-q', '-t', type, '-b', bits, '-N', '', '-C', `me at ${kind}`, '-f', kind);
  }
  keygen('-q', '-t', 'ed25519', '-N', 'secret', '-C', 'locked', '-f', 'encrypted');
  keygen('-q', '-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', '', '-C', '', '-f', 'pem-rsa');
  keygen('-q', '-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', 'secret', '-C', '', '-f', 'pem-encrypted');
  keygen('-q', '-t', 'ecdsa', '-m', 'PKCS8', '-N', '', '-C', '', '-f', 'pkcs8-ecdsa');
  keygen('-q', '-t', 'rsa', '-b', '1024', '-N', '', '-C', '', '-f', 'weak');
});

afterAll(() => rmSync(folder, { recursive: true }));

describe.each(KINDS)('a key of ssh-keygen, %s', (kind) => {
  test('is read whole from its file', () => {
    const key = openKey(kind);
    expect(key.comment).toBe(`me at ${kind}`);
    expect(key.publicKey).toEqual(blobOf(kind));
    expect(encodePublicKey(key.privateKey)).toEqual(blobOf(kind));
    expect(keygen('-l', '-f', kind)).toContain(` ${fingerprint(key.publicKey)} `);
  });

  test('signs what verifySignature() and ssh-keygen -Y verify take', () => {
    const { privateKey, publicKey } = openKey(kind);
    const data = sshsigData('holdfast-user@v1', message);
    const signature = signWith(privateKey, data);
    expect(verifySignature(publicKey, signature, data)).toBe(true);
    expect(verifySignature(publicKey, signature, sshsigData('holdfast-host@v1', message))).toBe(false);
    writeFileSync(join(folder, 'allowed'), `me ${publicKeyType(publicKey)} ${publicKey.toString('base64')}\n`);
    writeFileSync(join(folder, 'sig'), armorSshsig('holdfast-user@v1', publicKey, signature));
    const verify = ['-Y', 'verify', '-f', 'allowed', '-I', 'me', '-n', 'holdfast-user@v1', '-s', 'sig'];
    expect(execFileSync('ssh-keygen', verify, { cwd: folder, input: message, encoding: 'utf8' })).toMatch(/^Good/);
  });

  test('takes signatures with short numbers in them', () => {
    // About one ECDSA signature in 128 has a number with leading zeros.
    const { privateKey, publicKey } = openKey(kind);
    for (let index = 0; index < (kind.startsWith('ecdsa') ? 300 : 3); index++) {
      const data = Buffer.from(`message ${index}`);
      expect(verifySignature(publicKey, signWith(privateKey, data), data)).toBe(true);
    }
  });

  test('no bit of a signature can be changed', () => {
    const { privateKey, publicKey } = openKey(kind);
    const signature = signWith(privateKey, message);
    for (let bit = 0; bit < signature.length * 8; bit += 37) {
      const changed = Buffer.from(signature);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(verifySignature(publicKey, changed, message)).toBe(false);
    }
    expect(verifySignature(publicKey, Buffer.concat([signature, Buffer.of(0)]), message)).toBe(false);
  });
});

describe('parsePrivateKey()', () => {
  test('shows the public key of an encrypted OpenSSH file', () => {
    const parsed = parsePrivateKey(readFileSync(join(folder, 'encrypted'), 'utf8'));
    expect(parsed).toEqual({ encrypted: true, publicKey: blobOf('encrypted') });
  });

  test('reads PEM', () => {
    expect(openKey('pem-rsa').publicKey).toEqual(blobOf('pem-rsa'));
    expect(openKey('pkcs8-ecdsa').publicKey).toEqual(blobOf('pkcs8-ecdsa'));
    expect(parsePrivateKey(readFileSync(join(folder, 'pem-encrypted'), 'utf8'))).toEqual({ encrypted: true });
  });

  test('refuses damage with a SyntaxError', () => {
    const text = readFileSync(join(folder, 'ed25519'), 'utf8');
    const body = Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64');
    for (let length = 0; length < body.length - 16; length += 7) {
      const cut = `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString('base64', 0, length)}\n-----END OPENSSH PRIVATE KEY-----\n`;
      expect(() => parsePrivateKey(cut)).toThrow(SyntaxError);
    }
    for (const junk of ['', 'junk', '-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n']) {
      expect(() => parsePrivateKey(junk)).toThrow(SyntaxError);
    }
  });
});

test('encodePrivateKey() writes what ssh-keygen reads', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(join(folder, 'ours'), encodePrivateKey(privateKey, 'host key of srv1'), { mode: 0o600 });
  const [type, base64, ...comment] = keygen('-y', '-f', 'ours').trim().split(' ');
  expect(type).toBe('ssh-ed25519');
  expect(base64).toBe(encodePublicKey(privateKey).toString('base64'));
  expect(comment.join(' ')).toBe('host key of srv1');
  expect(openKey('ours').comment).toBe('host key of srv1');
});

describe('parsePublicKey()', () => {
  test('refuses weak RSA, certificates, DSA and wrong curves', () => {
    expect(() => parsePublicKey(blobOf('weak'))).toThrow('1024 bits');
    for (const type of ['ssh-dss', 'ssh-ed25519-cert-v01@openssh.com', 'ecdsa-sha2-toString', '']) {
      expect(() => parsePublicKey(Buffer.concat([wireString(type), wireString('x')]))).toThrow(SyntaxError);
    }
    const p256 = blobOf('ecdsa-256');
    const relabelled = Buffer.concat([
      wireString('ecdsa-sha2-nistp384'),
      p256.subarray(4 + 'ecdsa-sha2-nistp256'.length),
    ]);
    expect(() => parsePublicKey(relabelled)).toThrow(SyntaxError);
    const offCurve = Buffer.from(p256);
    offCurve.writeUInt8(offCurve.readUInt8(offCurve.length - 1) ^ 1, offCurve.length - 1);
    expect(() => parsePublicKey(offCurve)).toThrow(SyntaxError);
    expect(() => parsePublicKey(Buffer.concat([p256, Buffer.of(0)]))).toThrow(SyntaxError);
  });

  test('throws nothing but SyntaxError', () => {
    const seeds = fc.constantFrom(...KINDS).map(blobOf);
    const mutated = fc.tuple(seeds, fc.nat(), fc.nat(255)).map(([blob, at, value]) => {
      const copy = Buffer.from(blob);
      copy[at % copy.length] = value;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        try {
          parsePublicKey(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
        }
        expect(verifySignature(bytes, bytes, bytes)).toBe(false);
      }),
    );
  });
});

test('SHA-1 signatures of RSA keys are refused', () => {
  const { privateKey, publicKey } = openKey('rsa-2048');
  const sha1 = Buffer.concat([wireString('ssh-rsa'), wireString(sign('sha1', message, privateKey))]);
  expect(verifySignature(publicKey, sha1, message)).toBe(false);
  const sha256 = Buffer.concat([wireString('rsa-sha2-256'), wireString(sign('sha256', message, privateKey))]);
  expect(verifySignature(publicKey, sha256, message)).toBe(true);
});

test('a signature of a security key counts only when it was touched', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const point = encodePublicKey(privateKey).subarray(-32);
  const blob = Buffer.concat([wireString('sk-ssh-ed25519@openssh.com'), wireString(point), wireString('ssh:')]);
  const hash = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest();
  const signed = (flags: number): Buffer => {
    const tail = Buffer.of(flags, 0, 0, 0, 7);
    const raw = sign(null, Buffer.concat([hash('ssh:'), tail, hash(message)]), privateKey);
    return Buffer.concat([wireString('sk-ssh-ed25519@openssh.com'), wireString(raw), tail]);
  };
  expect(parsePublicKey(blob).application).toBe('ssh:');
  expect(verifySignature(blob, signed(1), message)).toBe(true);
  expect(verifySignature(blob, signed(0), message)).toBe(false);
  const verified = { touch: true, verified: true };
  expect([0, 1, 4, 5].map((flags) => verifySignature(blob, signed(flags), message, verified))).toEqual([
    false,
    false,
    false,
    true,
  ]);
  const untouched = { touch: false, verified: false };
  expect([0, 1].map((flags) => verifySignature(blob, signed(flags), message, untouched))).toEqual([true, true]);
  const plain = [encodePublicKey(privateKey), signWith(privateKey, message), message] as const;
  expect([verifySignature(...plain), verifySignature(...plain, verified)]).toEqual([true, false]);
});

test('WireReader reads back what was encoded, and never beyond the end', () => {
  const reader = new WireReader(Buffer.concat([wireString('text'), wireMpint(Buffer.of(0, 0, 0x80, 1)), Buffer.of(9)]));
  expect(reader.readText()).toBe('text');
  expect(reader.readMpint()).toEqual(Buffer.of(0x80, 1));
  expect(() => reader.expectEnd()).toThrow(SyntaxError);
  expect(reader.readByte()).toBe(9);
  reader.expectEnd();
  expect(() => reader.readByte()).toThrow(SyntaxError);
  expect(() => new WireReader(Buffer.of(255, 255, 255, 255, 1)).readString()).toThrow(SyntaxError);
  expect(() => new WireReader(wireString(Buffer.of(0x80))).readMpint()).toThrow(SyntaxError);
  expect(wireMpint(Buffer.alloc(3))).toEqual(wireString(''));
});
