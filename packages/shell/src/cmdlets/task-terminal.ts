import type { RemoteSession } from '../client/remote-session.ts';
import type { SessionRunOptions } from '../client/run-in-session.ts';
import type { Host, LentTerminal } from '../runtime/host.ts';
import { LineCutter } from '../runtime/line-cutter.ts';

/**
 * What a session's terminal prints while a command runs apart from it, shown here; and this terminal in its place, when
 * the command asks something there.
 */
export class TaskTerminal implements Disposable {
  /** Undefined without a host: a job has nobody who looks. */
  readonly onTerminal: SessionRunOptions['onTerminal'];
  /** Undefined where nobody can answer. */
  readonly onAsked: SessionRunOptions['onAsked'];
  readonly #end: () => void;

  /** @param isAlone no other command has the terminal meanwhile */
  constructor(host: Host | undefined, remote: RemoteSession, isAlone: boolean) {
    const borrower = { write: (bytes: Uint8Array) => remote.write(bytes), full: () => remote.inputFull() };
    const lent = isAlone ? host?.lendTerminal?.(borrower) : undefined;
    if (host === undefined) {
      this.#end = () => undefined;
    } else if (lent === undefined) {
      const lines = new TerminalLines(host, remote);
      this.onTerminal = (bytes) => lines.push(bytes);
      this.#end = () => lines.end();
    } else {
      this.onTerminal = (bytes) => shown(lent, bytes);
      this.onAsked = () => {
        remote.resize(host.columns, host.rows);
        lent.begin();
      };
      this.#end = lent.end;
    }
  }

  [Symbol.dispose](): void {
    this.#end();
  }
}

function shown(lent: LentTerminal, bytes: Buffer): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  lent.output(bytes, resolve);
  return promise;
}

/** What a terminal elsewhere printed, as lines among the errors. */
class TerminalLines {
  readonly #host: Host;
  readonly #remote: RemoteSession;
  readonly #cutter = new LineCutter();
  readonly #unlisten: () => void;
  #asked = false;

  constructor(host: Host, remote: RemoteSession) {
    this.#host = host;
    this.#remote = remote;
    this.#unlisten = remote.onEvent(({ type }) => {
      if (type === 'command.asked') this.#asked = true;
    });
  }

  push(bytes: Buffer): void {
    this.#write(this.#cutter.push(bytes));
  }

  /** A line that has no end is shown as one, unless it is what was asked: an error says that. */
  end(): void {
    this.#unlisten();
    const isAsked = this.#asked || this.#remote.info.command?.asks !== undefined;
    if (!isAsked) this.#write(this.#cutter.rest());
  }

  #write(lines: readonly string[]): void {
    for (const line of lines) this.#host.writeError(`${line.replace(/\r+$/u, '')}\n`);
  }
}
