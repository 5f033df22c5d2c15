import * as v from 'valibot';
import { readTable } from '../config-table.ts';

const absolutePath = v.optional(v.pipe(v.string(), v.startsWith('/', 'An absolute path is expected')));
const names = v.optional(v.array(v.pipe(v.string(), v.minLength(1))), []);

/** Who may come in, most of it where an agent serves all users: the table `[access]` of the agent's configuration. */
export const AccessRules = v.strictObject({
  /** Root itself may come in too. */
  permitRoot: v.optional(v.boolean(), false),
  /** Names, patterns with `*` and `?`, or `@group`; none: everybody. */
  allowUsers: v.optional(v.array(v.pipe(v.string(), v.minLength(1)))),
  /** The same; whoever is meant here is refused, allowed or not. */
  denyUsers: names,
  /** Users who, like root, may see and stop everybody's sessions. */
  administrators: names,
  /** Public keys of authorities whose certificates let their principals in, one to a line (sshd_config(5)). */
  trustedUserCAKeys: absolutePath,
  /** The file of the principals that may come in as a user by those (AuthorizedPrincipalsFile), see principalsFile(). */
  authorizedPrincipals: v.optional(
    v.pipe(v.string(), v.regex(/^(?:\/|%h\/)/, 'A path that begins with / or %h/ is expected')),
  ),
  /** Public keys that let nobody in, nor any certificate for or by them, one to a line. */
  revokedKeys: absolutePath,
});
export type AccessRules = v.InferOutput<typeof AccessRules>;

/**
 * Reads the rules; without a file, or a table in it, everybody but root may come in.
 * @throws RemotingError InvalidSetting, one line that says where and what is wrong
 */
export function readAccessRules(configFile?: string): AccessRules {
  return readTable(configFile, 'access', AccessRules);
}

/** Whether any rule names a group. */
export function namesGroups(rules: AccessRules): boolean {
  return allNames(rules).some((name) => name.startsWith('@'));
}

/** Why the rules keep this account out; as in sshd, a rule that denies comes first. */
export function ruleProblem(
  { user, uid }: { user: string; uid: number },
  groups: readonly string[],
  rules: AccessRules,
): string | undefined {
  if (uid === 0 && !rules.permitRoot) return `${user} is let in only with permitRoot = true`;
  const denied = rules.denyUsers.find((name) => isMeant(name, user, groups));
  if (denied !== undefined) return `denyUsers keeps ${user} out (${denied})`;
  if (rules.allowUsers?.some((name) => isMeant(name, user, groups)) === false)
    return `allowUsers does not name ${user}`;
  return undefined;
}

/** Whether the account may see and stop everybody's sessions. */
export function isAdministrator(
  { user, uid }: { user: string; uid: number },
  groups: readonly string[],
  rules: AccessRules,
): boolean {
  return uid === 0 || rules.administrators.some((name) => isMeant(name, user, groups));
}

function isMeant(name: string, user: string, groups: readonly string[]): boolean {
  if (!name.startsWith('@')) return patternOf(name).test(user);
  const pattern = patternOf(name.slice(1));
  return groups.some((group) => pattern.test(group));
}

function patternOf(text: string): RegExp {
  const literal = text.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'su');
}

function allNames({ allowUsers = [], denyUsers, administrators }: AccessRules): string[] {
  return [...allowUsers, ...denyUsers, ...administrators];
}
