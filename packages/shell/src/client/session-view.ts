import type { SessionEvent } from '@holdfast/protocol';

/** Whoever shows a session's output: a terminal, a test, a program. */
export type SessionView = {
  columns: number;
  rows: number;
  /** Output in order; call `done` when the terminal has taken the bytes, which gives the host credit for more. */
  onOutput: (bytes: Buffer, done: () => void) => void;
  /** The screen as it is now; replaces everything shown before. It is taken when what this returns is settled. */
  onSnapshot: (bytes: Buffer) => void | Promise<void>;
  /** An event that happened after output byte `at`; comes when all output before it was handed over. */
  onEvent: (event: SessionEvent) => void;
  /** So many bytes were left out after an interrupt; a half-shown escape sequence may be open. */
  onSkipped?: (bytes: number) => void;
  /** Leave out what the host writes into the log for a command that this client typed and drew itself. */
  skipEcho: boolean;
  /** It answers what programs ask; what was written before it looked must not make it ring, type or change the clipboard. */
  isTerminal?: boolean;
  /** When another client takes the keyboard, this one goes on as a watcher; else its tie to the session ends. */
  stays?: boolean;
};
