import type { Identity } from './identity.ts';

/** For programs that are run by root: what others may write is not in it. */
export const ROOT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The command line by which root runs `command` with the ids and supplementary groups of an account, and no capability
 * (setpriv(1) of util-linux).
 */
export function asUser({ uid, gid }: Pick<Identity, 'uid' | 'gid'>, command: readonly string[]): string[] {
  const rights = [`--reuid=${uid}`, `--regid=${gid}`, '--init-groups', '--inh-caps=-all'];
  return ['setpriv', ...rights, '--', ...command];
}
