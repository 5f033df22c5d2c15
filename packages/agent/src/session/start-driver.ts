import { basename } from 'node:path';
import { startBash } from '../drivers/bash.ts';
import type { Driver, DriverListeners } from '../drivers/driver.ts';
import { startRaw } from '../drivers/raw.ts';
import type { SessionConfiguration } from './session-configuration.ts';
import { loginShell } from './session-environment.ts';

/** What a session's program is started with. */
export type DriverOptions = {
  folder: string;
  env: Record<string, string>;
  cwd: string;
  columns: number;
  rows: number;
  readyTimeoutMs: number;
  listeners: DriverListeners;
  onWritten: (total: number) => void;
};

const LOGIN_SHELLS = new Set(['ash', 'dash', 'fish', 'ksh', 'mksh', 'sh', 'zsh']);

/**
 * Starts a configuration's program, or the user's login shell: bash by its driver, anything else as a raw terminal.
 * @throws RemotingError ProgramNotStarted
 */
export function startDriver(configuration: SessionConfiguration, options: DriverOptions): Driver {
  const file = configuration.program ?? loginShell(options.env);
  if (basename(file) === 'bash' && configuration.args.length === 0) return startBash(options);
  const isLogin = configuration.program === undefined && LOGIN_SHELLS.has(basename(file));
  return startRaw({ ...options, file, args: isLogin ? ['-l'] : configuration.args });
}

/** The program that a configuration runs, as it is shown to users. */
export function programOf(configuration: SessionConfiguration, environment: Record<string, string>): string {
  return configuration.program ?? loginShell(environment);
}
