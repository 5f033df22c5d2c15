import { basename } from 'node:path';
import { startBash } from '../drivers/bash.ts';
import { driverFor, type Driver, type StartOptions } from '../drivers/driver.ts';
import { startRaw } from '../drivers/raw.ts';
import type { SessionConfiguration } from './session-configuration.ts';
import { loginShell } from './session-environment.ts';

const LOGIN_SHELLS = new Set(['ash', 'dash', 'fish', 'ksh', 'mksh', 'sh', 'zsh']);
/** How a shell is told to leave out its user's rc files; the others read none unless they are login shells. */
const WITHOUT_PROFILE: Readonly<Record<string, readonly string[]>> = { fish: ['--no-config'], zsh: ['-f'] };

/**
 * Starts a configuration's program, or the user's login shell: bash by its driver, anything else as a raw terminal.
 * @throws RemotingError ProgramNotStarted
 */
export function startDriver(configuration: SessionConfiguration, options: StartOptions): Driver {
  const file = configuration.program ?? loginShell(options.env);
  const { noProfile = false } = configuration;
  if (driverFor(file) === 'bash' && configuration.args.length === 0) return startBash({ ...options, noProfile });
  const isLogin = configuration.program === undefined && LOGIN_SHELLS.has(basename(file));
  if (!isLogin) return startRaw({ ...options, file, args: configuration.args });
  const args = noProfile ? (WITHOUT_PROFILE[basename(file)] ?? []) : ['-l'];
  return startRaw({ ...options, file, args });
}

/** The program that a configuration runs, as it is shown to users. */
export function programOf(configuration: SessionConfiguration, environment: Record<string, string>): string {
  return configuration.program ?? loginShell(environment);
}
