import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RemotingError } from '@holdfast/protocol';

/** A program that was started on a new pseudo-terminal. */
export type Forked = {
  /** The master, non-blocking. It has no FD_CLOEXEC: see master-descriptors.ts. */
  fd: number;
  pid: number;
  /** Path of the slave, /dev/pts/N. */
  pty: string;
};

export type ForkOptions = {
  file: string;
  args: readonly string[];
  env: Record<string, string>;
  cwd: string;
  columns: number;
  rows: number;
  onExit: (code: number, signal: number) => void;
};

type Native = {
  fork(...parameters: unknown[]): unknown;
  resize(fd: number, columns: number, rows: number, xPixels: number, yPixels: number): void;
};

const bindingPath = findBinding();
const native = load(bindingPath);

/** forkpty(3) and execvp(3). The text "execvp failed" of a bad file would come as terminal output: check before. */
export function fork(options: ForkOptions): Forked {
  const env = Object.entries(options.env).map(([name, value]) => `${name}=${value}`);
  const size = [options.columns, options.rows];
  // In order: file, args, env, cwd, columns, rows, uid, gid, IUTF8, spawn-helper (macOS), onexit.
  const helper = join(dirname(bindingPath), 'spawn-helper');
  const where = [options.cwd, ...size, -1, -1, true, helper, options.onExit];
  let forked: unknown;
  try {
    forked = native.fork(options.file, [...options.args], env, ...where);
  } catch (error) {
    throw whyNotForked(error);
  }
  if (!isForked(forked)) throw unusable(`fork() returned ${JSON.stringify(forked)}`);
  return forked;
}

/** The binding says only that forkpty(3) failed: there was no terminal, or else no process. */
function whyNotForked(cause: unknown): Error {
  try {
    closeSync(openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY));
  } catch (error) {
    return new Error(`no terminal can be made (${String(error)}): see sysctl kernel.pty.max`, { cause: error });
  }
  return Object.assign(new Error('no process can be made', { cause }), { code: 'EAGAIN' });
}

/** TIOCSWINSZ: sets the size in character cells and signals the foreground program. */
export function setWindowSize(fd: number, columns: number, rows: number): void {
  native.resize(fd, columns, rows, 0, 0);
}

/** A bundle carries the binding beside itself; from source it is the platform's package of @lydell/node-pty. */
function findBinding(): string {
  const beside = fileURLToPath(new URL('pty.node', import.meta.url));
  if (existsSync(beside)) return beside;
  const platform = `${process.platform}-${process.arch}`;
  try {
    const library = createRequire(import.meta.url).resolve('@lydell/node-pty');
    const entry = createRequire(library).resolve(`@lydell/node-pty-${platform}`);
    return join(dirname(entry), '..', 'prebuilds', platform, 'pty.node');
  } catch (cause) {
    throw unusable(`there is none for ${platform}; install without --omit=optional`, cause);
  }
}

function load(path: string): Native {
  const module: unknown = createRequire(import.meta.url)(path);
  if (!isNative(module)) throw unusable(`${path} has no fork() and resize()`);
  return module;
}

function isNative(value: unknown): value is Native {
  if (typeof value !== 'object' || value === null || !('fork' in value) || !('resize' in value)) return false;
  return typeof value.fork === 'function' && typeof value.resize === 'function';
}

function isForked(value: unknown): value is Forked {
  if (typeof value !== 'object' || value === null || !('fd' in value) || !('pid' in value) || !('pty' in value)) {
    return false;
  }
  const { fd, pid, pty } = value;
  return Number.isInteger(fd) && Number.isInteger(pid) && typeof pty === 'string' && pty.startsWith('/dev/');
}

function unusable(reason: string, cause?: unknown): RemotingError {
  return new RemotingError('InternalError', `The PTY binding cannot be used: ${reason}`, { cause });
}
