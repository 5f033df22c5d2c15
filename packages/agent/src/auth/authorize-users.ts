import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { RemotingError, type AuthorizeRequest, type AuthorizeResult } from '@holdfast/protocol';
import { isAdministrator, namesGroups, ruleProblem, type AccessRules } from './access-rules.ts';
import type { Authorize } from './authenticate.ts';
import { findIdentity, lockProblem, shellProblem, type Identity } from './identity.ts';
import { judgeKey, rolesOf, type KeyVerdict } from './key-verdict.ts';
import { runWithin } from './run-within.ts';
import { Turns } from './turns.ts';

/** With what root decides who may come in as whom. */
export type UsersOptions = {
  readonly rules: AccessRules;
  /** Time for each question about an account. */
  lookupMs: number;
  /** Reads a file with the rights of the user whose it is. */
  readKeys: (owner: Identity, file: string) => Promise<string>;
  /** While one of them is there, only root comes in (nologin(5), pam_nologin(8)). */
  nologinFiles?: readonly string[];
};

/** Each costs a few processes, and strangers may ask for them. */
const MAX_AT_ONCE = 16;

/** Stands for users that do not exist: all is done for them that is done for others, and takes as long. */
const DECOY: Identity = { user: 'nobody', uid: 65_534, gid: 65_534, home: '/nonexistent', shell: '/usr/sbin/nologin' };

/** Makes the decision who gets in of all users of this machine, each by the file in their own home. Needs root. */
export function createUsersAuthorize(options: UsersOptions): Authorize {
  const turns = new Turns(MAX_AT_ONCE);
  // One request is judged by the same rules from its beginning to its end, however `options` comes to them.
  return (request) => turns.take(() => authorize(request, { ...options }));
}

async function authorize(request: AuthorizeRequest, options: UsersOptions): Promise<AuthorizeResult> {
  try {
    const found = await findIdentity(request.user, options.lookupMs);
    const identity = found ?? DECOY;
    const [groups, problem, verdict] = await Promise.all([
      namesGroups(options.rules) ? groupsOf(identity, options.lookupMs) : [],
      accountProblem(identity, options),
      decide(identity, request, options),
    ]);
    const reason =
      found === undefined ? 'There is no such user' : (ruleProblem(identity, groups, options.rules) ?? problem);
    if (reason !== undefined) return { accepted: false, reason };
    if (!verdict.accepted) return verdict;
    const roles = rolesOf(verdict.grant, isAdministrator(identity, groups, options.rules));
    return { accepted: true, user: identity.user, roles, ...verdict.grant };
  } catch (error) {
    // A failing directory service or disk lets nobody in, and must look like any other refusal.
    return {
      accepted: false,
      reason: `The account could not be checked: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

async function accountProblem(identity: Identity, options: UsersOptions): Promise<string | undefined> {
  const problems = await Promise.all([
    shellProblem(identity),
    lockProblem(identity, options.lookupMs),
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

async function decide(
  identity: Identity,
  { publicKey, address }: AuthorizeRequest,
  { readKeys, rules }: UsersOptions,
): Promise<KeyVerdict> {
  const file = join(identity.home, '.ssh', 'authorized_keys');
  const asked = { identity, publicKey, address, now: Date.now() };
  try {
    return await judgeKey(asked, { file, readFile: (name) => readKeys(identity, name), trustFiles: rules });
  } catch (error) {
    if (error instanceof RemotingError) return { accepted: false, reason: error.message };
    throw error;
  }
}

async function groupsOf({ user }: Identity, lookupMs: number): Promise<string[]> {
  const names = await runWithin(lookupMs, ['id', '-Gnz', '--', user]);
  return names.split('\0').filter((name) => name !== '');
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
