import { closeSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import type { CommandStreams } from '@holdfast/protocol';
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
    const [stdout, stderr] = [pool.takeNamed(), pool.takeNamed()];
    this.#pipes = [stdout, stderr];
    if (request.input !== undefined) writeFileSync(inputFile, request.input, { mode: 0o600 });
    this.#inputFile = request.input === undefined ? undefined : inputFile;
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
