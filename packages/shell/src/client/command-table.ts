import { randomUUID } from 'node:crypto';
import { MAX_COMMAND_BYTES, RemotingError, type SessionEvent } from '@holdfast/protocol';
import { isLinkLost } from './active-link.ts';

/** How a command ended. */
export type CommandEnd = {
  /** Exit status; 128 + n when signal n ended it. */
  status: number;
  /** The shell's working directory afterwards. */
  cwd: string;
  durationMs: number;
  /** Jobs that run or are stopped in the shell. */
  jobs: number;
};

/** A command line that was given to a session, for whoever gave it. */
export type Command = {
  readonly commandId: string;
  readonly text: string;
  /** The shell took it. */
  readonly accepted: Promise<void>;
  /** It ended, and all its output was handed to the view. */
  readonly ended: Promise<CommandEnd>;
};

/** A command line on its way through a session. */
export class SentCommand implements Command {
  /** A person entered it at a prompt and sees nothing else of it. */
  readonly isEntered: boolean;
  readonly commandId: string = randomUUID();
  readonly text: string;
  readonly accepted: Promise<void>;
  readonly ended: Promise<CommandEnd>;
  readonly #accepted = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<CommandEnd>();
  #onAnswered: (() => void) | undefined;
  #answered = false;

  constructor(text: string, isEntered: boolean) {
    this.text = text;
    this.isEntered = isEntered;
    this.accepted = this.#accepted.promise;
    this.ended = this.#ended.promise;
    // Either may be of no interest to the caller; an error must not end the process for that.
    this.accepted.catch(() => undefined);
    this.ended.catch(() => undefined);
  }

  /** It needs not be sent (again). */
  get answered(): boolean {
    return this.#answered;
  }

  /** Calls back once the command needs not be sent again. */
  whenAnswered(listener: () => void): void {
    this.#onAnswered = listener;
    if (this.#answered) listener();
  }

  readonly accept = (): void => {
    this.#answer();
    this.#accepted.resolve();
  };

  end(end: CommandEnd): void {
    this.accept();
    this.#ended.resolve(end);
  }

  fail(error: unknown): void {
    this.#answer();
    this.#accepted.reject(error);
    this.#ended.reject(error);
  }

  readonly failUnlessLinkLost = (error: unknown): void => {
    if (!isLinkLost(error)) this.fail(error);
  };

  #answer(): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#onAnswered?.();
  }
}

/** The commands that this client sent to a session and that have not ended. */
export class CommandTable {
  readonly #commands = new Map<string, SentCommand>();
  /** Texts of those that were entered for a session that was lost before it took them. */
  readonly #lost: string[] = [];

  has(commandId: string): boolean {
    return this.#commands.has(commandId);
  }

  /** Texts of the commands that were entered and not taken yet, or never will be, in their order. */
  get unconfirmed(): string[] {
    const waiting = [...this.#commands.values()].filter(({ isEntered, answered }) => isEntered && !answered);
    return [...this.#lost, ...waiting.map(({ text }) => text)];
  }

  /** A new command; one that is too long has failed already. */
  add(text: string, isEntered: boolean): SentCommand {
    const command = new SentCommand(text, isEntered);
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_COMMAND_BYTES) {
      const hint = 'put it into a file and run that';
      command.fail(
        new RemotingError(
          'CommandTooLong',
          `A command of ${bytes} bytes is over the limit of ${MAX_COMMAND_BYTES}: ${hint}`,
        ),
      );
    } else {
      this.#commands.set(command.commandId, command);
      command.ended.then(
        () => this.#commands.delete(command.commandId),
        () => this.#commands.delete(command.commandId),
      );
    }
    return command;
  }

  onEvent(event: SessionEvent): void {
    if (event.type === 'command.started') this.#commands.get(event.commandId)?.accept();
    if (event.type !== 'command.ended') return;
    const { status, cwd, durationMs, jobs } = event;
    this.#commands.get(event.commandId)?.end({ status, cwd, durationMs, jobs });
  }

  /** The session is lost. */
  failAll(error: Error): void {
    for (const command of this.#commands.values()) this.lose(command, error);
  }

  /** The session was lost before the command was taken, or while it ran. */
  lose(command: SentCommand, error: Error): void {
    if (command.isEntered && !command.answered) this.#lost.push(command.text);
    command.fail(error);
  }
}
