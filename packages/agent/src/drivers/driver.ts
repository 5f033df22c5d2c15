import { basename } from 'node:path';
import type { Pty, PtyExit } from '../terminal/pty.ts';

/** `bash` takes commands; `raw` is a terminal only. */
export type DriverName = 'bash' | 'raw';

/** What a command has instead of the terminal: files and pipes by their paths, and its `$1` and so on. */
export type Redirection = { arguments: readonly string[]; stdin: string; stdout: string; stderr: string };

/** What a driver tells its session. All calls come in the order of the terminal's bytes. */
export type DriverListeners = {
  /** What a person at the terminal would see, byte for byte; the receiver owns the chunk. */
  onOutput: (bytes: Buffer) => void;
  /**
   * The shell takes a command: for the first time, and after each. `typeahead`: keys that no program has read. Comes
   * again with keys that were written while the shell was at its prompt. `raw`: it will never take a command.
   */
  onReady: (at: { cwd: string; typeahead: Buffer; jobs: number; driver: DriverName }) => void;
  /** The shell has read the command's text and begins with it. */
  onStarted?: () => void;
  /** Before onReady, after the command's last byte. `jobs` counts those that run or are stopped. */
  onEnded: (end: { commandId: string; status: number; cwd: string; jobs: number }) => void;
  /** After the last byte; a command that ran gets no onEnded. Not after dispose(). */
  onExit: (exit: PtyExit) => void;
};

/** A program on a PTY and the way to give it commands. */
export interface Driver {
  readonly name: DriverName;
  readonly pty: Pty;
  /** Whether run() and complete() are taken now. */
  readonly idle: boolean;
  /**
   * Runs shell text of any number of lines, on the terminal or with its streams elsewhere, where `exit` ends the text
   * and not the shell. Throws RemotingError SessionBusy, CommandNotText, CommandTooLong.
   */
  run(commandId: string, text: string, redirection?: Redirection): void;
  /** Keys for the program that runs; `by` says whose. At the shell's prompt there is none, and they come back by onReady. */
  write(bytes: Uint8Array, by?: string): void;
  /**
   * The shell's own completions at byte `point` of `line`, quoted as the shell wants it: each replaces the word
   * between the last blank before `point` and `point`. Rejects with RemotingError SessionBusy, or with the signal's
   * reason.
   */
  complete(line: string, point: number, signal?: AbortSignal): Promise<string[]>;
  /** Hangs up the program and removes the driver's files. No listener is called any more. */
  dispose(): void;
}

/** What startBash() and startRaw() have in common. */
export type StartOptions = {
  /** A folder of ours alone (0700), for this session alone. */
  folder: string;
  env: Record<string, string>;
  cwd: string;
  columns: number;
  rows: number;
  /** bash only: the user's own rc files are not read. */
  noProfile?: boolean;
  /** How long the shell's rc files may take. */
  readyTimeoutMs: number;
  /** How long a terminal is silent after its program's exit before it counts as over, if children still have it. */
  endSilenceMs?: number;
  /** Time for stty(1) to tell how a terminal is set. */
  sttyMs?: number;
  listeners: DriverListeners;
  /** Input has been taken by the kernel, or was given back by onReady; `total` counts what the kernel took, ours included. */
  onWritten?: (total: number) => void;
};

/** The driver that knows `program`, a path or name. */
export function driverFor(program: string): DriverName {
  return basename(program) === 'bash' ? 'bash' : 'raw';
}
