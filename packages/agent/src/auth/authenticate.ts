import { join } from 'node:path';
import { RemotingError, type AuthorizeRequest, type AuthorizeResult } from '@holdfast/protocol';
import { AccountExpiry, type ExpiryLimits } from './account-expiry.ts';
import { parseAuthorizedKeys } from './authorized-keys.ts';
import { ownIdentity, shellProblem, type Identity } from './identity.ts';
import { judgeKey, rolesOf } from './key-verdict.ts';
import { readStrictly } from './strict-file.ts';
import { readAuthorities, type TrustFiles } from './trust-files.ts';

/** Who may come in where an agent serves one user. */
export type AuthorizeOptions = ExpiryLimits & {
  /** Keys of the agent's own user; else `~/.ssh/authorized_keys`. */
  authorizedKeysFile?: string | undefined;
  /** Users who, like root, may see and stop everybody's sessions. */
  administrators?: readonly string[];
  trustFiles?: TrustFiles;
};

/** Does the key open the account? For handshakeAsHost(); the reason of a refusal is for the log. */
export type Authorize = (request: AuthorizeRequest) => Promise<AuthorizeResult>;

/**
 * Makes the decision who gets in, from authorized_keys as it is at that moment. This agent lets in its own user only;
 * createUsersAuthorize() is for all.
 * @param own whom this process runs as
 */
export function createAuthorize(options: AuthorizeOptions, own: Identity = ownIdentity()): Authorize {
  const expiry = new AccountExpiry(own.user, options);
  return async (request) => {
    try {
      const identity = await identify(request.user, own, expiry);
      if (typeof identity === 'string') return { accepted: false, reason: identity };
      return await decide(identity, request, options);
    } catch (error) {
      if (error instanceof RemotingError) return { accepted: false, reason: error.message };
      // A failing directory service or disk lets nobody in, and must look like any other refusal.
      return { accepted: false, reason: `The account could not be checked: ${String(error)}` };
    }
  };
}

/**
 * Why an agent of one user lets nobody in as things are now. It may be mended while the agent runs, for each login looks
 * again; who starts the agent is to know.
 */
export async function whyNobody(options: AuthorizeOptions, own: Identity = ownIdentity()): Promise<string | undefined> {
  try {
    const problem = (await shellProblem(own)) ?? (await new AccountExpiry(own.user, options).problem());
    if (problem !== undefined) return problem;
    if ((await readAuthorities(options.trustFiles ?? {})).length > 0) return undefined;
    const file = keysFile(own, options);
    const keys = parseAuthorizedKeys(await readStrictly(file, own));
    if (keys.length === 0) return `${file} holds no key`;
    const [first] = keys;
    return keys.every((key) => key.refused !== undefined) ? `${file}:${first?.line}: ${first?.refused}` : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @returns the account, or why there is none to act as */
async function identify(user: string, own: Identity, expiry: AccountExpiry): Promise<Identity | string> {
  const isOwn = user === own.user || user.toLowerCase() === own.user;
  if (!isOwn) return `This agent lets in ${own.user} only`;
  return (await shellProblem(own)) ?? (await expiry.problem()) ?? own;
}

async function decide(
  identity: Identity,
  { publicKey, address }: AuthorizeRequest,
  options: AuthorizeOptions,
): Promise<AuthorizeResult> {
  const file = keysFile(identity, options);
  const readFile = (name: string): Promise<string> => readStrictly(name, identity);
  const asked = { identity, publicKey, address, now: Date.now() };
  const verdict = await judgeKey(asked, { file, readFile, trustFiles: options.trustFiles ?? {} });
  if (!verdict.accepted) return verdict;
  const isAdministrator = identity.uid === 0 || options.administrators?.includes(identity.user) === true;
  return { accepted: true, user: identity.user, roles: rolesOf(verdict.grant, isAdministrator), ...verdict.grant };
}

function keysFile({ home }: Identity, { authorizedKeysFile }: AuthorizeOptions): string {
  return authorizedKeysFile ?? join(home, '.ssh', 'authorized_keys');
}
