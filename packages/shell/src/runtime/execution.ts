import type { Statement } from '../language/syntax-tree.ts';
import type { Remoting } from '../client/remoting.ts';
import type { Commands } from './cmdlet.ts';
import type { ErrorRecord } from './error-record.ts';
import type { FunctionTable } from './function-table.ts';
import type { Host } from './host.ts';
import type { JobTable } from './job-table.ts';
import type { NativeShell } from './native-shell.ts';
import type { Scope } from './scope.ts';

/** How the last statement went: `$?` and `$LASTEXITCODE`. */
export type Outcome = { succeeded: boolean; exitCode: number | undefined };

/** What all commands of a runspace share. */
export type Services = {
  readonly host: Host;
  readonly remoting: Remoting;
  readonly commands: Commands;
  readonly functions: FunctionTable;
  readonly nativeShell: NativeShell;
  readonly jobs: JobTable;
  readonly outcome: Outcome;
  /** Keeps an error record in `$Error`. */
  readonly addError: (record: ErrorRecord) => void;
  /** The same for one that was caught: nothing has failed. */
  readonly keepError: (record: ErrorRecord) => void;
};

/** Where what is no result goes; a redirection puts something else in its place. */
export type Streams = {
  readonly error: (record: ErrorRecord) => void;
  /** Text that a native command wrote to its standard error. */
  readonly nativeError: (text: string) => void;
  readonly warning: (text: string) => void;
  readonly verbose: (text: string) => void;
  readonly information: (text: string) => void;
};

/** The screen that results go to, unless something takes them before. */
export type ScreenOutput = {
  /** Resolves when all that was given so far is on the screen. */
  flush: () => Promise<void>;
};

/** Where code runs: its variables, its streams, and what it may call. */
export type Execution = {
  readonly services: Services;
  readonly scope: Scope;
  readonly streams: Streams;
  readonly signal: AbortSignal;
  /** What this code gives goes straight there: a native command may have the terminal. */
  readonly screen?: ScreenOutput | undefined;
  /** How many calls of functions and script blocks this one is in. */
  readonly depth: number;
  /** The file that the code is of, which is told what runs. */
  readonly file?: { at: number } | undefined;
  /** In a `try`: an error that ends a statement ends all up to there. */
  readonly catches?: boolean | undefined;
  /** In a `catch`: what was caught, for `throw` alone. */
  readonly caught?: ErrorRecord | undefined;
  /** Runs statements inside an expression; statements and expressions hold each other. */
  readonly run: (statements: readonly Statement[], execution: Execution) => AsyncGenerator<unknown>;
};

/** Everything that a run gave: the one value, a list, or undefined: nothing, which is not `$null` but no value at all. */
export async function collect(values: AsyncIterable<unknown>): Promise<unknown> {
  const list = await collectList(values);
  return list.length > 1 ? list : list[0];
}

/** The same, always as a list. */
export async function collectList(values: AsyncIterable<unknown>): Promise<unknown[]> {
  const list: unknown[] = [];
  for await (const value of values) list.push(value);
  return list;
}
