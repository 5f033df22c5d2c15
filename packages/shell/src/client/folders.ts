import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the user's settings lie: HOLDFAST_CONFIG_DIR, else $XDG_CONFIG_HOME/holdfast, else ~/.config/holdfast. */
export function configFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return folder(environment, { own: 'HOLDFAST_CONFIG_DIR', base: 'XDG_CONFIG_HOME', fallback: '.config' });
}

/** Where what is remembered lies: HOLDFAST_STATE_DIR, else $XDG_STATE_HOME/holdfast, else ~/.local/state/holdfast. */
export function stateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return folder(environment, { own: 'HOLDFAST_STATE_DIR', base: 'XDG_STATE_HOME', fallback: join('.local', 'state') });
}

/** Where the user's own session hosts have their sockets: HOLDFAST_RUNTIME_DIR, else `run` in the state folder. */
export function runtimeFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return set(environment, 'HOLDFAST_RUNTIME_DIR') ?? join(stateFolder(environment), 'run');
}

function folder(environment: NodeJS.ProcessEnv, names: { own: string; base: string; fallback: string }): string {
  const own = set(environment, names.own);
  if (own !== undefined) return own;
  const home = set(environment, 'HOME') ?? homedir();
  return join(set(environment, names.base) ?? join(home, names.fallback), 'holdfast');
}

function set(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = environment[name];
  return value === undefined || value === '' ? undefined : value;
}
