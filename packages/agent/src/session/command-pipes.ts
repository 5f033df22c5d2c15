import { closeSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { RemotingError, type CommandStreams } from '@holdfast/protocol';
import type { Redirection } from '../drivers/driver.ts';
import type { FifoPool, NamedPipe } from './fifo-pool.ts';
import { PipeReader } from './pipe-reader.ts';

type Listeners = {
  onOutput: (stream: 'o' | 'e', bytes: Buffer) => void;
  /** Nobody can write any more. */
  onOver: () => void;
};

/**
 * The standard streams of one command: two named pipes that its shell opens and this process reads, and a file with its
 * input. Programs that the command leaves in the background may keep the pipes.
 */
export class CommandPipes {
  readonly redirection: Redirection;
  readonly #pipes: readonly [NamedPipe, NamedPipe];
  readonly #inputFile: string | undefined;
  readonly #readers: readonly [PipeReader, PipeReader];
  #isOpen = true;

  /** @param inputFile where the input may be put @throws RemotingError ProgramNotStarted when no pipe can be made */
  constructor(pool: FifoPool, inputFile: string, request: CommandStreams, listeners: Listeners) {
    // First: what fails here leaves nothing open.
    if (request.input !== undefined) writeInput(inputFile, request.input);
    this.#inputFile = request.input === undefined ? undefined : inputFile;
    const stdout = pool.takeNamed();
    const stderr = takeBeside(pool, stdout);
    this.#pipes = [stdout, stderr];
    this.redirection = {
      arguments: request.arguments ?? [],
      stdin: this.#inputFile ?? '/dev/null',
      stdout: stdout.path,
      stderr: stderr.path,
    };
    let open = 2;
    const onEnd = (): void => {
      open -= 1;
      if (open === 0) listeners.onOver();
    };
    const read = ({ readEnd }: NamedPipe, stream: 'o' | 'e'): PipeReader =>
      new PipeReader(readEnd, { onData: (bytes) => listeners.onOutput(stream, bytes), onEnd });
    this.#readers = [read(stdout, 'o'), read(stderr, 'e')];
  }

  pause(): void {
    for (const reader of this.#readers) reader.pause();
  }

  resume(): void {
    for (const reader of this.#readers) reader.resume();
  }

  /** Hands on what was written so far, at most a read of each pipe. */
  readNow(): void {
    for (const reader of this.#readers) reader.drain(1);
  }

  /** The command has ended: hands on what it wrote. What its background programs write later comes as it comes. */
  endCommand(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const reader of this.#readers) reader.drain();
    // Held open so far, so that the pipes had no end before the shell opened them.
    for (const { path, writeEnd } of this.#pipes) {
      closeSync(writeEnd);
      unlinkSync(path);
    }
    if (this.#inputFile !== undefined) rmSync(this.#inputFile, { force: true });
  }

  dispose(): void {
    this.endCommand();
    for (const reader of this.#readers) reader.close();
  }
}

function writeInput(file: string, input: string): void {
  try {
    writeFileSync(file, input, { mode: 0o600 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RemotingError('ProgramNotStarted', `The command's input cannot be kept: ${reason}`, { cause });
  }
}

/** A second pipe; without one the first is given up. */
function takeBeside(pool: FifoPool, first: NamedPipe): NamedPipe {
  try {
    return pool.takeNamed();
  } catch (error) {
    closeSync(first.readEnd);
    closeSync(first.writeEnd);
    unlinkSync(first.path);
    throw error;
  }
}
