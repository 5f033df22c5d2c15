import { execFile } from 'node:child_process';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { RemotingError } from '@holdfast/protocol';
import * as v from 'valibot';
import { ROOT_PATH } from '../auth/as-user.ts';
import { readTable } from '../config-table.ts';

const run = promisify(execFile);

const TEMPLATE = 'holdfast-host@.service';

/** There when systemd is this machine's first process (sd_booted(3)). */
const SYSTEMD_RUNS = '/run/systemd/system';

/** Where systemd looks for units (systemd.unit(5)). */
const UNIT_FOLDERS = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

/** The unit says where users' folders are. */
const UNIT_RUNTIME_DIR = '/run/holdfast';

/** The table `[hosts]` of the agent's configuration. */
export const HostsTable = v.strictObject({
  /** `auto`: by systemd where it runs and has the unit, else by setpriv. */
  start: v.optional(v.picklist(['auto', 'systemd', 'setpriv']), 'auto'),
});

/**
 * How session hosts are started, by `[hosts] start` of the agent's configuration and by what this machine has.
 * @throws RemotingError InvalidSetting, also when systemd is asked for and cannot be had
 */
export function chooseHostStart(configFile: string | undefined, runtimeDir: string): 'systemd' | 'setpriv' {
  const { start } = readTable(configFile, 'hosts', HostsTable);
  if (start === 'setpriv') return start;
  const obstacle = whyNoUnits(runtimeDir);
  if (obstacle === undefined) return 'systemd';
  if (start === 'systemd') throw invalid(`[hosts] start = "systemd" is not possible: ${obstacle}`);
  return 'setpriv';
}

function whyNoUnits(runtimeDir: string): string | undefined {
  if (!existsSync(SYSTEMD_RUNS)) return 'systemd does not run here';
  if (!UNIT_FOLDERS.some((folder) => existsSync(path.join(folder, TEMPLATE)))) return `${TEMPLATE} is not installed`;
  if (runtimeDir !== UNIT_RUNTIME_DIR) return `the unit has its sockets in ${UNIT_RUNTIME_DIR}, not in ${runtimeDir}`;
  return undefined;
}

/**
 * Has systemd start a user's session hosts, or start one of the newest build beside those that run.
 * @throws RemotingError HostUnavailable with what systemd said
 */
export async function commandUnit(verb: 'start' | 'reload', uid: number, limitMs: number): Promise<void> {
  const unit = TEMPLATE.replace('@', `@${uid}`);
  try {
    await run('systemctl', ['--no-ask-password', '--quiet', verb, unit], {
      env: { PATH: ROOT_PATH },
      timeout: limitMs,
    });
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim().split('\n')[0] : '';
    const why = said === '' || said === undefined ? `systemctl ${verb} failed` : said;
    throw new RemotingError('HostUnavailable', `The session host does not start: ${why} (journalctl -u ${unit})`, {
      cause,
    });
  }
}

/** Writes the variables that the unit starts a host with, for systemd alone to read. */
export function writeUnitEnvironment(file: string, variables: NodeJS.ProcessEnv): void {
  const lines = Object.entries(variables).map(([name, value]) =>
    value === undefined ? '' : `${name}=${quoted(value)}\n`,
  );
  const fresh = `${file}.${process.pid}`;
  rmSync(fresh, { force: true });
  writeFileSync(fresh, lines.join(''), { mode: 0o600, flag: 'wx' });
  renameSync(fresh, file);
}

/** As systemd.exec(5) reads values of an EnvironmentFile. */
function quoted(value: string): string {
  return `"${value.replaceAll(/["\\`$]/g, String.raw`\$&`)}"`;
}

function invalid(message: string): RemotingError {
  return new RemotingError('InvalidSetting', message);
}
