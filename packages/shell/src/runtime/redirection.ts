import { open, type FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatError } from '../formatting/error-view.ts';
import { writeOutput } from '../formatting/output.ts';
import type { Redirection } from '../language/syntax-tree.ts';
import { ErrorRecord } from './error-record.ts';
import { evaluate } from './evaluate.ts';
import type { Execution, Streams } from './execution.ts';
import { LineCutter } from './line-cutter.ts';
import { toText } from './value-conversion.ts';

const STREAMS = { 2: 'error', 3: 'warning', 4: 'verbose', 6: 'information' } as const;

/** Runs a stage with its streams where its redirections say: to a file, to `$null`, or among the results (`2>&1`). */
export async function* redirected(
  redirections: readonly Redirection[],
  execution: Execution,
  run: (execution: Execution) => AsyncGenerator<unknown>,
): AsyncGenerator<unknown> {
  if (redirections.length === 0) {
    yield* run(execution);
    return;
  }
  const sinks = new Sinks();
  try {
    for (const redirection of redirections) await sinks.add(redirection, execution);
    const streams = sinks.streams(execution);
    yield* sinks.deliver((signal) => run({ ...execution, screen: undefined, signal, streams }), execution.signal);
  } finally {
    await sinks.close();
  }
}

/** Takes what a stream gives; undefined lets it go. */
type Sink = ((text: string, value: unknown) => void | Promise<void>) | undefined;

class Sinks {
  readonly #sinks = new Map<Redirection['stream'], Sink>();
  readonly #merged: unknown[] = [];
  readonly #nativeLines = new LineCutter();
  readonly #merge: Sink = (_text, value) => this.#put(value);
  /** Something came to be merged. */
  #arrived = Promise.withResolvers<undefined>();
  readonly #files: SinkFile[] = [];

  async add({ stream, target }: Redirection, execution: Execution): Promise<void> {
    if (stream === 0) throw noInput();
    this.#sinks.set(stream, 'stream' in target ? this.#merge : await this.#file(target, execution));
  }

  streams({ services, streams }: Execution): Streams {
    const sinkOf = (stream: 2 | 3 | 4 | 6): { sink: Sink } | undefined => {
      const key = this.#sinks.has(stream) ? stream : '*';
      return this.#sinks.has(key) ? { sink: this.#sinks.get(key) } : undefined;
    };
    const textStream = (stream: 3 | 4 | 6): ((text: string) => void) => {
      const redirection = sinkOf(stream);
      return redirection === undefined
        ? streams[STREAMS[stream]]
        : (text) => void redirection.sink?.(`${text}\n`, text);
    };
    const errors = sinkOf(2);
    return {
      error:
        errors === undefined
          ? streams.error
          : (record) => {
              services.addError(record);
              void errors.sink?.(formatError(record), record);
            },
      nativeError: errors === undefined ? streams.nativeError : (text) => this.#nativeError(errors.sink, text),
      warning: textStream(3),
      verbose: textStream(4),
      information: textStream(6),
    };
  }

  /** A message comes in pieces, and goes on in lines. */
  #nativeError(sink: Sink, text: string): void {
    if (sink !== this.#merge) void sink?.(text, text);
    else this.#put(...this.#nativeLines.pushText(text));
  }

  #put(...values: unknown[]): void {
    this.#merged.push(...values);
    this.#arrived.resolve(undefined);
  }

  /** The results that go on, with those of merged streams among them. */
  async *deliver(run: (signal: AbortSignal) => AsyncGenerator<unknown>, signal: AbortSignal): AsyncGenerator<unknown> {
    const isTaken = this.#sinks.has(1) || this.#sinks.has('*');
    const sink = this.#sinks.get(this.#sinks.has(1) ? 1 : '*');
    const isMerging = [...this.#sinks.values()].includes(this.#merge);
    const merged = isMerging ? this.#merging(run, signal) : run(signal);
    if (!isTaken || sink === this.#merge) yield* merged;
    else if (sink === undefined) for await (const _ of merged);
    else await writeOutput(merged, (text) => sink(text, text));
  }

  /** @throws ErrorRecord FileWriteFailure */
  async close(): Promise<void> {
    const closed = await Promise.allSettled(this.#files.map((file) => file.close()));
    for (const result of closed) if (result.status === 'rejected') throw result.reason;
  }

  /** What is merged goes on as it comes, also while the next result is waited for; who has enough by then ends the wait. */
  async *#merging(run: (signal: AbortSignal) => AsyncGenerator<unknown>, signal: AbortSignal): AsyncGenerator<unknown> {
    const enough = new AbortController();
    const results = run(AbortSignal.any([signal, enough.signal]));
    try {
      for (;;) {
        const next = results.next();
        // It is waited for below, unless there is enough.
        next.catch(() => undefined);
        let result: IteratorResult<unknown> | undefined;
        while (result === undefined) {
          result = await Promise.race([this.#arrived.promise, next]);
          this.#arrived = Promise.withResolvers();
          yield* this.#merged.splice(0);
        }
        if (result.done === true) break;
        yield result.value;
      }
      yield* this.#nativeLines.rest();
    } finally {
      enough.abort();
      await results.return(undefined);
    }
  }

  async #file(to: { file: Parameters<typeof evaluate>[0]; append: boolean }, execution: Execution): Promise<Sink> {
    const name = await evaluate(to.file, execution);
    if (name === null) return undefined;
    const path = resolve(execution.services.nativeShell.cwd, toText(name));
    const file = new SinkFile(path, await openFile(path, to.append ? 'a' : 'w'));
    this.#files.push(file);
    return (text) => file.write(text);
  }
}

/** A file that texts are written to, one after the other. */
class SinkFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #written: Promise<unknown> = Promise.resolve();

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  /** Who writes faster than the file takes it waits. @throws ErrorRecord FileWriteFailure */
  write(text: string): Promise<void> {
    const written = this.#written.then(() => this.#handle.write(text));
    this.#written = written;
    // Told by close() as well, for who does not wait.
    written.catch(() => undefined);
    return written.then(
      () => undefined,
      (cause: unknown) => {
        throw fileError('FileWriteFailure', this.#path, cause);
      },
    );
  }

  async close(): Promise<void> {
    try {
      await this.#written;
    } catch (cause) {
      throw fileError('FileWriteFailure', this.#path, cause);
    } finally {
      await this.#handle.close();
    }
  }
}

async function openFile(path: string, flags: 'a' | 'w'): Promise<FileHandle> {
  try {
    return await open(path, flags);
  } catch (cause) {
    throw fileError('FileOpenFailure', path, cause);
  }
}

function noInput(): ErrorRecord {
  const message = '< leads a file to commands of the shell only, and this is none: use cat FILE | …';
  return new ErrorRecord('RedirectionNotSupported', 'InvalidOperation', message);
}

function fileError(id: string, path: string, cause: unknown): ErrorRecord {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ErrorRecord(id, 'OpenError', `Cannot write to ${path}: ${reason}`, { target: path, cause });
}
