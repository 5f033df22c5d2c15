import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { encodePublicKey } from '@holdfast/protocol';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { HangingProgram } from '../testing/hanging-program.ts';
import { createAuthorize, whyNobody } from './authenticate.ts';
import { createUsersAuthorize } from './authorize-users.ts';
import { ownIdentity } from './identity.ts';
import { readKeysAs } from './read-keys.ts';

const publicKey = encodePublicKey(generateKeyPairSync('ed25519').publicKey);
const asked = { user: userInfo().username, publicKey, address: '192.0.2.7' };
const SHORT = { lookupMs: 200, expiryKnownMs: 60_000 };

let folder: string;
let authorizedKeysFile: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'account-limits-'));
  authorizedKeysFile = join(folder, 'authorized_keys');
  writeFileSync(authorizedKeysFile, `ssh-ed25519 ${publicKey.toString('base64')} me\n`, { mode: 0o600 });
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A chage(1) in front of this machine's own. */
function chageThatSays(expires: string): void {
  writeFileSync(join(folder, 'chage'), `#!/bin/sh\necho 'Account expires : ${expires}'\n`, { mode: 0o755 });
}

describe('what hangs lets nobody in, and is given up', () => {
  test.each([
    ['getent', [], 100],
    // The real getent is to answer in that time, on a busy machine too.
    ['id', ['@sudo'], 2000],
  ])('%s', async (name, denyUsers, lookupMs) => {
    using program = new HangingProgram(name);
    const rules = { permitRoot: true, denyUsers, administrators: [] };
    const users = { rules, lookupMs, readKeys: () => Promise.resolve(''), nologinFiles: [] };
    expect(await createUsersAuthorize(users)({ ...asked, user: 'root' })).toEqual({
      accepted: false,
      reason: `The account could not be checked: ${name} gave no answer within ${lookupMs} ms`,
    });
    await expect.poll(() => program.running).toEqual([]);
  });

  test('chage; nothing of it is kept for the next who asks', async () => {
    const authorize = createAuthorize({ ...SHORT, authorizedKeysFile });
    {
      using program = new HangingProgram('chage');
      const reason = 'chage gave no answer within 200 ms';
      expect(await authorize(asked)).toEqual({ accepted: false, reason });
      expect(await whyNobody({ ...SHORT, authorizedKeysFile })).toBe(reason);
      await expect.poll(() => program.running).toEqual([]);
    }
    // The real one may take its time, too; that is asked for anew.
    await expect.poll(() => authorize(asked)).toMatchObject({ accepted: true });
  });

  test.skipIf(process.getuid?.() !== 0)('the reader of a key file', async () => {
    using program = new HangingProgram('reader');
    const reading = readKeysAs({ self: [program.file], limitMs: 100 }, ownIdentity(), '/net/home/keys');
    await expect(reading).rejects.toMatchObject({
      id: 'KeyFileUnusable',
      message: '/net/home/keys could not be read within 100 ms',
    });
    await expect.poll(() => program.running).toEqual([]);
  });
});

test('what chage said counts for its time, and is asked for anew after it', async () => {
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  const limits = { lookupMs: 20_000, authorizedKeysFile };
  const patient = createAuthorize({ ...limits, expiryKnownMs: 60_000 });
  const hasty = createAuthorize({ ...limits, expiryKnownMs: 1 });
  chageThatSays('never');
  expect([await patient(asked), await hasty(asked)]).toMatchObject([{ accepted: true }, { accepted: true }]);
  chageThatSays('Jan 01, 1970');
  expect([await patient(asked), await hasty(asked)]).toMatchObject([{ accepted: true }, { accepted: false }]);
});
