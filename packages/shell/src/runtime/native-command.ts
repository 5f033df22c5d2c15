import { StringDecoder } from 'node:string_decoder';
import { writeOutput } from '../formatting/output.ts';
import { AsyncQueue } from './async-queue.ts';
import { ErrorRecord } from './error-record.ts';
import type { Execution } from './execution.ts';
import { LineCutter } from './line-cutter.ts';
import { nativeText, type NativeCommand } from './native-text.ts';

/** Built-in commands of shells that do nothing but change the shell which runs them. */
const OF_THE_SHELL_ITSELF = new Set(
  'cd pushd popd export source umask ulimit alias unalias unset set shopt'.split(' '),
);

/** What stands around native commands in their pipeline. */
export type NativePlace = {
  /** Nothing else runs meanwhile. */
  readonly alone: boolean;
  /** What goes in; `cut` is aborted when the commands have ended. */
  readonly objects?: AsyncIterable<unknown>;
  readonly cut?: AbortController | undefined;
};

/**
 * Runs native commands joined by pipes: objects go in as the text that the screen would show, each line of output
 * comes out as a string; where it would go straight to the screen they have the terminal instead. Sets `$LASTEXITCODE`
 * and `$?`.
 */
export async function* runNative(
  commands: readonly NativeCommand[],
  { alone, objects, cut }: NativePlace,
  execution: Execution,
): AsyncGenerator<string> {
  const { services, streams, signal, screen } = execution;
  if (!alone || !services.nativeShell.isLasting) mustNotChangeShell(commands);
  const texts: string[] = [];
  for (const command of commands) texts.push(await nativeText(command, execution));
  const lines = new AsyncQueue<string>();
  const [stdout, stderr] = [new LineCutter(), new StringDecoder('utf8')];
  // A stage behind this one that has enough ends it.
  const enough = new AbortController();
  const feed = objects === undefined ? undefined : new Feed(objects);
  const isShown = screen !== undefined && services.nativeShell.hasTerminal;
  if (isShown) await screen.flush();
  const ended = services.nativeShell
    .run(texts.join(' | '), {
      stdin: feed,
      onStdout: isShown ? undefined : (bytes) => lines.put(...stdout.push(bytes)),
      onStderr: (bytes) => streams.nativeError(stderr.write(Buffer.from(bytes))),
      alone,
      signal: AbortSignal.any([signal, enough.signal]),
    })
    .finally(() => {
      feed?.end();
      cut?.abort();
    })
    .then(
      (status) => {
        lines.end(...stdout.rest());
        return status;
      },
      (error: unknown) => {
        lines.fail(error);
        return 1;
      },
    );
  try {
    yield* lines;
    const status = await ended;
    services.outcome.exitCode = status;
    services.outcome.succeeded = status === 0;
    feed?.throwIfFailed();
  } finally {
    enough.abort();
    await ended;
  }
}

/** Where commands run in a shell of their own. @throws ErrorRecord ActsOnItsShell */
function mustNotChangeShell(natives: readonly NativeCommand[]): void {
  const name = natives
    .map((native) => ('name' in native ? native.name : ''))
    .find((one) => OF_THE_SHELL_ITSELF.has(one));
  if (name === undefined) return;
  const message = `${name} would change nothing here, since this command runs in a shell of its own: make it a statement of its own at the prompt`;
  throw new ErrorRecord('ActsOnItsShell', 'InvalidOperation', message, { target: name });
}

/** The text that objects would show on a screen, as it comes, for a command's standard input. */
class Feed implements AsyncIterable<Uint8Array> {
  readonly #texts = new AsyncQueue<string>();
  readonly #input: AsyncIterable<unknown>;
  #failure: { error: unknown } | undefined;
  #isOver = false;

  constructor(input: AsyncIterable<unknown>) {
    this.#input = input;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    void this.#write();
    for await (const text of this.#texts) yield Buffer.from(text);
  }

  /** The command reads no more: who feeds it is to stop. */
  end(): void {
    this.#isOver = true;
    this.#texts.end();
  }

  /** @throws what the input ended with */
  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #write(): Promise<void> {
    try {
      await writeOutput(this.#untilOver(), (text) => this.#texts.put(text));
    } catch (error) {
      // Who was stopped because nobody reads has not failed.
      if (!this.#isOver) this.#failure = { error };
    }
    this.#texts.end();
  }

  async *#untilOver(): AsyncGenerator<unknown> {
    for await (const value of this.#input) {
      if (this.#isOver) return;
      yield value;
    }
  }
}
