import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { basename } from 'node:path';
import { runWithin } from './run-within.ts';

/** A Unix account that somebody may act as. */
export type Identity = { user: string; uid: number; gid: number; home: string; shell: string };

const DAY_MS = 24 * 60 * 60 * 1000;

/** Portable user names (useradd(8)), in upper case too; digits only would be looked up as a number. */
const USER_NAME = /^(?!\d+$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,255}\$?$/;

/** The account that this process runs as. */
export function ownIdentity(): Identity {
  const { username, uid, gid, shell } = userInfo();
  return { user: username, uid, gid, home: homedir(), shell: shell ?? '/bin/sh' };
}

/**
 * The account called `name`, or as folded to lower case; asks the system's name services, so directories count too.
 * @param lookupMs time for each question
 * @throws as runWithin()
 */
export async function findIdentity(name: string, lookupMs: number): Promise<Identity | undefined> {
  const found = await lookUp(name, lookupMs);
  return found ?? (name === name.toLowerCase() ? undefined : lookUp(name.toLowerCase(), lookupMs));
}

/** The name of the account with a number. @throws as runWithin() */
export async function findUserName(uid: number, lookupMs: number): Promise<string | undefined> {
  return (await getent('passwd', String(uid), lookupMs))?.[0];
}

/** Why nobody may log in as this account now: it has no login shell. */
export async function shellProblem({ user, shell }: Identity): Promise<string | undefined> {
  if (['nologin', 'false'].includes(basename(shell))) return `The account ${user} has no login shell (${shell})`;
  try {
    await access(shell, constants.X_OK);
    return undefined;
  } catch {
    return `The login shell ${shell} of ${user} cannot be run`;
  }
}

/** Why nobody may log in as this account now: it is locked or has expired (shadow(5)). Needs root. @throws as runWithin() */
export async function lockProblem({ user }: Identity, lookupMs: number): Promise<string | undefined> {
  const [, password = '', , , , , , expires = ''] = (await getent('shadow', user, lookupMs)) ?? [];
  return shadowProblem({ user, password, expires }, Date.now());
}

/** `useradd` writes it on Debian and on Red Hat; the accounts of cloud images have it, and come in by their keys. */
const NO_PASSWORD = new Set(['!', '!!']);

/**
 * The verdict on two fields of shadow(5): `!` in front of a password locks (usermod(8)), alone it says that there never was
 * one. `expires` counts days since 1970.
 * From that day on nobody logs in any more (chage(1), pam_unix(8)), and day 0 is one: `chage -E 0`.
 */
export function shadowProblem(
  entry: { user: string; password: string; expires: string },
  now: number,
): string | undefined {
  const isLocked = entry.password.startsWith('!') && !NO_PASSWORD.has(entry.password);
  if (isLocked) return `The account ${entry.user} is locked`;
  const expires = entry.expires === '' ? -1 : Number(entry.expires);
  if (expires >= 0 && Math.floor(now / DAY_MS) >= expires) return `The account ${entry.user} has expired`;
  return undefined;
}

async function lookUp(name: string, lookupMs: number): Promise<Identity | undefined> {
  if (!USER_NAME.test(name)) return undefined;
  const [user, , uid, gid, , home, shell] = (await getent('passwd', name, lookupMs)) ?? [];
  if (user !== name || uid === undefined || gid === undefined || home === undefined) return undefined;
  return {
    user,
    uid: Number(uid),
    gid: Number(gid),
    home,
    shell: shell === undefined || shell === '' ? '/bin/sh' : shell,
  };
}

/** The fields of an entry, or undefined when there is none. */
async function getent(database: 'passwd' | 'shadow', name: string, lookupMs: number): Promise<string[] | undefined> {
  try {
    const entry = await runWithin(lookupMs, ['getent', database, name]);
    return entry.split('\n', 1)[0]?.split(':');
  } catch (error) {
    // 2: no such entry (getent(1)).
    if (error instanceof Error && 'code' in error && error.code === 2) return undefined;
    throw error;
  }
}
