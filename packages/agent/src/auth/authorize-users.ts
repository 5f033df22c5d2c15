import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RemotingError, type AuthorizeResult } from '@holdfast/protocol';
import { isAdministrator, namesGroups, ruleProblem, type AccessRules } from './access-rules.ts';
import type { Authorize } from './authenticate.ts';
import { decideKey, parseAuthorizedKeys } from './authorized-keys.ts';
import { findIdentity, lockProblem, shellProblem, type Identity } from './identity.ts';
import { Turns } from './turns.ts';

/** With what root decides who may come in as whom. */
export type UsersOptions = {
  rules: AccessRules;
  /** Reads a file with the rights of the user whose it is. */
  readKeys: (owner: Identity, file: string) => Promise<string>;
  /** While one of them is there, only root comes in (nologin(5), pam_nologin(8)). */
  nologinFiles?: readonly string[];
};

const run = promisify(execFile);
const LOOKUP_TIMEOUT_MS = 5000;
/** Each costs a few processes, and strangers may ask for them. */
const MAX_AT_ONCE = 16;

/** Stands for users that do not exist: all is done for them that is done for others, and takes as long. */
const DECOY: Identity = { user: 'nobody', uid: 65_534, gid: 65_534, home: '/nonexistent', shell: '/usr/sbin/nologin' };

/** Makes the decision who gets in of all users of this machine, each by the file in their own home. Needs root. */
export function createUsersAuthorize(options: UsersOptions): Authorize {
  const turns = new Turns(MAX_AT_ONCE);
  return (request) => turns.take(() => authorize(request, options));
}

async function authorize(
  { user, publicKey }: { user: string; publicKey: Buffer },
  options: UsersOptions,
): Promise<AuthorizeResult> {
  try {
    const found = await findIdentity(user);
    const identity = found ?? DECOY;
    const [groups, problem, decision] = await Promise.all([
      namesGroups(options.rules) ? groupsOf(identity) : [],
      accountProblem(identity, options),
      decide(identity, publicKey, options),
    ]);
    const reason =
      found === undefined
        ? 'There is no such user'
        : (ruleProblem(identity, groups, options.rules) ?? problem ?? decision);
    if (reason !== undefined) return { accepted: false, reason };
    const isAdmin = isAdministrator(identity, groups, options.rules);
    return { accepted: true, user: identity.user, roles: isAdmin ? ['owner', 'administrator'] : ['owner'] };
  } catch (error) {
    // A failing directory service or disk lets nobody in, and must look like any other refusal.
    return { accepted: false, reason: `The account could not be checked: ${String(error)}` };
  }
}

async function accountProblem(identity: Identity, options: UsersOptions): Promise<string | undefined> {
  const problems = await Promise.all([
    shellProblem(identity),
    lockProblem(identity),
    nologinProblem(identity, options),
  ]);
  return problems.find((problem) => problem !== undefined);
}

async function nologinProblem(
  { uid }: Identity,
  { nologinFiles = ['/run/nologin', '/etc/nologin'] }: UsersOptions,
): Promise<string | undefined> {
  const found = await Promise.all(nologinFiles.map((file) => isThere(file)));
  const file = nologinFiles.find((_, index) => found[index] === true);
  return file === undefined || uid === 0 ? undefined : `${file} keeps everybody out but root`;
}

/** Why the user's file does not let the key in. */
async function decide(identity: Identity, publicKey: Buffer, { readKeys }: UsersOptions): Promise<string | undefined> {
  const file = join(identity.home, '.ssh', 'authorized_keys');
  try {
    const decision = decideKey(parseAuthorizedKeys(await readKeys(identity, file)), publicKey);
    if (decision.accepted) return undefined;
    return `${decision.line === undefined ? file : `${file}:${decision.line}`}: ${decision.reason}`;
  } catch (error) {
    if (error instanceof RemotingError) return error.message;
    throw error;
  }
}

async function groupsOf({ user }: Identity): Promise<string[]> {
  const { stdout } = await run('id', ['-Gnz', '--', user], { timeout: LOOKUP_TIMEOUT_MS });
  return stdout.split('\0').filter((name) => name !== '');
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (error) {
    // What cannot be looked at may be there.
    return !(error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'));
  }
}
