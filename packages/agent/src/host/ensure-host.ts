import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { RemotingError } from '@holdfast/protocol';
import type { HostSettings } from '../session/host-settings.ts';
import { ensurePrivateFolder } from './folders.ts';
import { hostCommand } from './host-command.ts';
import { findHosts, hostKind, type HostPlace } from './host-directory.ts';
import { lockStart } from './start-lock.ts';

/** What a session host is looked for and started with. */
export type EnsureOptions = {
  stateFolder: string;
  runtimeFolder: string;
  buildId: string;
  /** Absolute. */
  configFile: string | undefined;
  settings: HostSettings;
};

/** Of the starting shell's environment, what a host needs; its sessions get theirs from clients and logins. */
const KEPT_VARIABLES = /^(?:HOLDFAST_\w+|HOME|LANG|LC_\w+|LOGNAME|PATH|SHELL|TMPDIR|TZ|USER|XDG_\w+_HOME)$/;

/**
 * Finds the session host of this build and configuration, or starts one that outlives this process.
 * @throws RemotingError HostUnavailable with what it said, InvalidSetting for folders that cannot be used
 */
export async function ensureHost(options: EnsureOptions): Promise<HostPlace> {
  const { runtimeFolder, settings } = options;
  ensurePrivateFolder(runtimeFolder);
  const running = await findHost(options);
  if (running !== undefined) return running;
  using _lock = await lockStart(runtimeFolder, AbortSignal.timeout(settings.startMs));
  return (await findHost(options)) ?? (await startHost(options));
}

/** The newest host of this build and configuration that answers. */
export async function findHost(options: EnsureOptions): Promise<HostPlace | undefined> {
  const { runtimeFolder, buildId, configFile, settings } = options;
  const kind = hostKind(buildId, configFile);
  const [newest] = await findHosts(runtimeFolder, kind, AbortSignal.timeout(settings.answerMs));
  return newest;
}

async function startHost(options: EnsureOptions): Promise<HostPlace> {
  const { stateFolder, settings, configFile } = options;
  const [node = '', ...program] = hostCommand(options);
  const config = configFile === undefined ? [] : ['--config', configFile];
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  const logFile = join(stateFolder, 'host.log');
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(node, [...program, 'host', '--foreground', '--ready-fd', '3', ...config], {
    detached: true,
    cwd: '/',
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => KEPT_VARIABLES.test(name))),
    stdio: ['ignore', log, log, 'pipe'],
  });
  closeSync(log);
  try {
    return await readPlace(child.stdio[3] as Readable, settings.startMs);
  } catch (cause) {
    throw new RemotingError('HostUnavailable', `The session host did not start: ${lastLine(logFile)}`, { cause });
  } finally {
    child.unref();
  }
}

async function readPlace(pipe: Readable, limitMs: number): Promise<HostPlace> {
  const timer = setTimeout(() => pipe.destroy(new Error(`It was not ready within ${limitMs} ms`)), limitMs);
  try {
    let text = '';
    for await (const chunk of pipe) text += String(chunk);
    const place: unknown = JSON.parse(text);
    if (isPlace(place)) return place;
    throw new Error(`It said ${text}`);
  } finally {
    clearTimeout(timer);
    pipe.destroy();
  }
}

function isPlace(value: unknown): value is HostPlace {
  if (typeof value !== 'object' || value === null || !('socket' in value) || !('generation' in value)) return false;
  return typeof value.socket === 'string' && typeof value.generation === 'string';
}

function lastLine(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '';
}
