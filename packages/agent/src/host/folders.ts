import { existsSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { RemotingError } from '@holdfast/protocol';

/** What is kept over restarts: HOLDFAST_STATE_DIR, else $XDG_STATE_HOME/holdfast, else ~/.local/state/holdfast. */
export function stateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment['HOLDFAST_STATE_DIR'];
  if (own !== undefined && own !== '') return resolve(own);
  const base = environment['XDG_STATE_HOME'] || join(environment['HOME'] || homedir(), '.local', 'state');
  return resolve(base, 'holdfast');
}

function configFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment['HOLDFAST_CONFIG_DIR'];
  if (own !== undefined && own !== '') return resolve(own);
  const base = environment['XDG_CONFIG_HOME'] || join(environment['HOME'] || homedir(), '.config');
  return resolve(base, 'holdfast');
}

/** The agent's configuration when none is named, if there is one. */
export function standardConfigFile(environment?: NodeJS.ProcessEnv): string | undefined {
  const file = join(configFolder(environment), 'agent.toml');
  return existsSync(file) ? file : undefined;
}

/**
 * Sockets and driver files: HOLDFAST_RUNTIME_DIR, else `run` in the state folder; not XDG_RUNTIME_DIR, which goes at
 * logout, when sessions are to stay.
 */
export function runtimeFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment['HOLDFAST_RUNTIME_DIR'];
  return own !== undefined && own !== '' ? resolve(own) : join(stateFolder(environment), 'run');
}

/**
 * Makes sure that `folder` is there, ours, a real folder, and closed to others.
 * @throws RemotingError InvalidSetting with the path and what is wrong with it
 */
export function ensurePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stat = lstatSync(folder);
  if (stat.isSymbolicLink() || !stat.isDirectory()) throw unusable(folder, 'it is not a folder itself');
  if (stat.uid !== process.getuid?.()) throw unusable(folder, 'it belongs to another user');
  if ((stat.mode & 0o077) !== 0) throw unusable(folder, "others may enter it: run 'chmod 700' on it");
}

/**
 * Makes sure that `folder`, where the agent's keys lie, is there, and that only we and root may change what is in it.
 * It may be a link, and others may look into it: the secrets in it are closed one by one.
 * @throws RemotingError InvalidSetting with the path and what is wrong with it
 */
export function ensureStateFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw unusable(folder, cause instanceof Error ? cause.message : String(cause), cause);
  }
  const stat = statSync(folder);
  if (stat.uid !== process.getuid?.() && stat.uid !== 0) throw unusable(folder, 'it belongs to another user');
  if ((stat.mode & 0o022) !== 0) throw unusable(folder, "others may write it: run 'chmod go-w' on it");
}

function unusable(folder: string, reason: string, cause?: unknown): RemotingError {
  return new RemotingError('InvalidSetting', `The folder ${folder} cannot be used: ${reason}`, {
    target: folder,
    cause,
  });
}
