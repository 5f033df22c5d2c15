import { userInfo } from 'node:os';

/** The user's shell: `$SHELL`, which services and CI may lack, else the one of the user database. */
export function loginShell(): string {
  const { SHELL } = process.env;
  if (SHELL !== undefined && SHELL !== '') return SHELL;
  try {
    return userInfo().shell ?? '/bin/sh';
  } catch {
    // Containers run under numbers that have no user.
    return '/bin/sh';
  }
}
