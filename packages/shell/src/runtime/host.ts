import type { PSSession } from '../client/ps-session.ts';
import type { WatchedSession } from '../client/watched-session.ts';

/** A question with a few answers. */
export type Question = {
  readonly caption: string;
  readonly text: string;
  /** Labels with `&` before the key: `&Yes`. */
  readonly choices: readonly string[];
  /** What `?` says of each; the label unless given. */
  readonly help?: readonly string[];
  /** Index of the choice that Enter takes. */
  readonly default: number;
};

/** The terminal in a program's hands. */
export type LentTerminal = {
  /** Shows bytes of the program as they are; `done` when the terminal has taken them. */
  readonly output: (bytes: Uint8Array, done: () => void) => void;
  /** From now on what is typed goes to the program, but for Ctrl-C. */
  readonly begin: () => void;
  /** Takes the terminal back. */
  readonly end: () => void;
};

/** Where typed bytes go. */
export type TerminalBorrower = {
  readonly write: (bytes: Uint8Array) => void;
  /** As Program.full in terminal/program-keys.ts. */
  readonly full: () => Promise<'taken' | 'stalled'> | undefined;
};

/** What the runtime needs from the outside: a terminal with Ink, or plain standard streams. */
export interface Host {
  /** False when nobody can answer a question; then none is asked. */
  readonly interactive: boolean;
  /** Width of the output, in cells; Infinity where nothing wraps. */
  readonly columns: number;
  /** Width of what writeError() writes to; `columns` unless given. */
  readonly errorColumns?: number;
  readonly rows: number;
  /** The lines entered so far, oldest first; none where no lines are entered. */
  readonly history?: readonly string[];
  write(text: string): void;
  writeError(text: string): void;
  /** Asks; resolves with the index of the choice. */
  confirm(question: Question, signal: AbortSignal): Promise<number>;
  /** A prompt within a question, while what asked it waits; resolves when it is left. Absent where there is none. */
  suspend?(): Promise<void>;
  /** Asks for a passphrase without echo. */
  readSecret(prompt: string, signal: AbortSignal): Promise<string>;
  /** Lends the terminal to a program elsewhere; absent where there is none to lend. */
  lendTerminal?(borrower: TerminalBorrower): LentTerminal;
  /** How an entered session's prompt looks, `{host}`, `{user}` and `{cwd}` in it; absent where none is shown. */
  readonly sessionPrompt?: string;
  /** The innermost entered session. */
  readonly entered: PSSession | undefined;
  /** False where no prompt can be pushed, as in a script. */
  readonly canEnter?: boolean;
  /** Pushes the prompt of a session; does not wait for its end. */
  enter(session: PSSession, options: { temporary: boolean }): Promise<void>;
  /** Looks on at a session until it is left or over, or its keyboard is taken: then its prompt is entered. Absent without a prompt. */
  watch?(session: PSSession, watched: WatchedSession): Promise<void>;
  /** Leaves the innermost entered session's prompt. */
  leave(): Promise<void>;
}
