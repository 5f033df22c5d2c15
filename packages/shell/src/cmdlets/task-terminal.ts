import { StringDecoder } from 'node:string_decoder';
import type { RemoteSession } from '../client/remote-session.ts';
import type { SessionRunOptions } from '../client/run-in-session.ts';
import type { Host, LentTerminal } from '../runtime/host.ts';

/**
 * What a session's terminal prints while a command runs apart from it, shown here; and this terminal in its place, when
 * the command asks something there.
 */
export class TaskTerminal implements Disposable {
  /** Undefined without a host: a job has nobody who looks. */
  readonly onTerminal: SessionRunOptions['onTerminal'];
  /** Undefined where nobody can answer. */
  readonly onAsked: SessionRunOptions['onAsked'];
  readonly #lent: LentTerminal | undefined;

  /** @param isAlone no other command has the terminal meanwhile */
  constructor(host: Host | undefined, remote: RemoteSession, isAlone: boolean) {
    if (host === undefined) return;
    const borrower = { write: (bytes: Uint8Array) => remote.write(bytes), full: () => remote.inputFull() };
    const lent = isAlone ? host.lendTerminal?.(borrower) : undefined;
    this.#lent = lent;
    if (lent === undefined) {
      const decoder = new StringDecoder('utf8');
      this.onTerminal = (bytes) => host.writeError(decoder.write(bytes).replaceAll('\r\n', '\n'));
      return;
    }
    this.onTerminal = (bytes) => new Promise((resolve) => lent.output(bytes, resolve));
    this.onAsked = () => {
      remote.resize(host.columns, host.rows);
      lent.begin();
    };
  }

  [Symbol.dispose](): void {
    this.#lent?.end();
  }
}
