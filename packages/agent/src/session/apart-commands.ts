import { join } from 'node:path';
import type { CommandStreams } from '@holdfast/protocol';
import type { Redirection } from '../drivers/driver.ts';
import type { AskWatch } from './ask-watch.ts';
import { CommandPipes } from './command-pipes.ts';
import type { FifoPool } from './fifo-pool.ts';
import { StreamFrames, asOnTerminal } from './stream-frames.ts';

type Options = {
  pipes: FifoPool;
  /** For the input of commands; only this user may enter it. */
  folder: string;
  /** Takes what is to stand in the session's log. */
  append: (bytes: Buffer) => void;
  /** Told when a command begins and ends, and what comes of it. */
  asks: AskWatch;
};

/** The commands of one session whose streams are apart from its terminal: the one that runs, and what earlier ones left. */
export class ApartCommands {
  readonly #options: Options;
  #current: { pipes: CommandPipes; frames: StreamFrames } | undefined;
  readonly #all = new Set<CommandPipes>();
  #paused = false;
  #isAnswered = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** The shell is at the command: who reads the terminal now is no prompt. */
  started(): void {
    if (this.#current !== undefined) this.#options.asks.start();
  }

  /** Somebody typed at the terminal: what was asked may be answered, and something else asked. */
  typed(): void {
    if (this.#current === undefined) return;
    this.#isAnswered = true;
    this.#options.asks.answered();
  }

  /** Makes the streams of a command that is about to run. @throws RemotingError ProgramNotStarted */
  prepare(commandId: string, request: CommandStreams): Redirection {
    const { pipes: pool, folder } = this.#options;
    const frames = new StreamFrames(commandId);
    const pipes: CommandPipes = new CommandPipes(pool, join(folder, 'input'), request, {
      onOutput: (stream, bytes) => this.#onOutput(pipes, stream, bytes),
      onOver: () => this.#all.delete(pipes),
    });
    this.#all.add(pipes);
    this.#current = { pipes, frames };
    this.#isAnswered = false;
    if (this.#paused) pipes.pause();
    return pipes.redirection;
  }

  /** What begins the command's part of the log; empty for an ordinary command. */
  begin(): Buffer {
    return this.#current?.frames.turn('t') ?? Buffer.alloc(0);
  }

  /** What the terminal printed, as it is to stand in the log. */
  fromTerminal(bytes: Buffer): Buffer {
    if (this.#current === undefined) return bytes;
    // A question stands behind what was written before it; behind an answer, nobody knows.
    if (!this.#isAnswered) this.#current.pipes.readNow();
    this.#options.asks.printed(bytes);
    return this.#current.frames.frame('t', bytes);
  }

  /** The command has ended, or did not begin: what it wrote goes into the log before this returns. */
  end(): void {
    if (this.#current === undefined) return;
    const { pipes, frames } = this.#current;
    this.#options.asks.stop();
    pipes.endCommand();
    this.#current = undefined;
    const mark = frames.turn('x');
    if (mark.length > 0) this.#options.append(mark);
  }

  /** Takes what is left at once, and no more: the shell has ended. */
  close(): void {
    this.end();
    for (const pipes of this.#all) pipes.dispose();
  }

  pause(): void {
    this.#paused = true;
    this.#options.asks.pause();
    for (const pipes of this.#all) pipes.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#options.asks.resume();
    for (const pipes of this.#all) pipes.resume();
  }

  #onOutput(pipes: CommandPipes, stream: 'o' | 'e', bytes: Buffer): void {
    // What a program in the background writes later is ordinary output.
    if (this.#current?.pipes !== pipes) {
      this.#options.append(this.#current?.frames.frame('t', asOnTerminal(bytes)) ?? asOnTerminal(bytes));
      return;
    }
    this.#options.asks.worked();
    this.#options.append(this.#current.frames.frame(stream, bytes));
  }
}
