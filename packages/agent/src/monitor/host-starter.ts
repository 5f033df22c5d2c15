import path from 'node:path';
import { ROOT_PATH, asUser } from '../auth/as-user.ts';
import type { Identity } from '../auth/identity.ts';
import { startedHost } from '../host/started-host.ts';
import { ownCommand } from '../own-command.ts';
import { commandUnit, writeUnitEnvironment } from './host-unit.ts';

export type HostStarterOptions = {
  /** `systemd`: as the unit holdfast-host@UID.service; `setpriv`: as a child of this process, in a session of its own. */
  by: 'systemd' | 'setpriv';
  configFile: string | undefined;
  limitMs: number;
};

/** Of this process's environment, what a login has too, and what tests shorten times with. */
const PASSED_ON = ['LANG', 'TZ', 'HOLDFAST_HOST_SETTINGS'];

/**
 * What makes sure that a user's session host runs, with that user's rights.
 * @returns a function that gives the path of its socket, or throws RemotingError HostUnavailable
 */
export function hostStarter(options: HostStarterOptions): (identity: Identity, folder: string) => Promise<string> {
  const { by, configFile, limitMs } = options;
  const config = configFile === undefined ? [] : ['--config', configFile];
  const run = (identity: Identity, folder: string, what: '--ensure' | '--find'): Promise<string> =>
    startedHost(asUser(identity, [...ownCommand(), 'host', what, ...config]), {
      env: loginEnvironment(identity, folder),
      timeLimitMs: limitMs,
      cwd: '/',
    });
  if (by === 'setpriv') return (identity, folder) => run(identity, folder, '--ensure');
  return async (identity, folder) => {
    const { uid } = identity;
    const environment = loginEnvironment(identity, folder);
    writeUnitEnvironment(`${folder}.env`, { ...environment, HOLDFAST_CONFIG: configFile });
    await commandUnit('start', uid, limitMs);
    try {
      return await run(identity, folder, '--find');
    } catch {
      // It ran before: with a host of an older build.
      await commandUnit('reload', uid, limitMs);
      return run(identity, folder, '--find');
    }
  };
}

/** What a session host begins with: what login(1) sets, and where its sockets and files lie. */
function loginEnvironment({ user, home, shell }: Identity, runtimeDir: string): NodeJS.ProcessEnv {
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passedOn),
    HOME: home,
    USER: user,
    LOGNAME: user,
    SHELL: shell,
    PATH: ROOT_PATH,
    HOLDFAST_RUNTIME_DIR: runtimeDir,
    HOLDFAST_STATE_DIR: path.join(home, '.local', 'state', 'holdfast-agent'),
  };
}
