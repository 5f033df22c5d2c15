import type { ConnectionWishes } from '../client/connection-wishes.ts';
import type { SessionRunOptions } from '../client/run-in-session.ts';
import { ErrorRecord } from '../runtime/error-record.ts';

const LINE_END = 0x0a;

/** How much of a command's output is taken: in all, and of one line, which is what an object is here; 0 sets no limit. */
export class ReceivedLimits {
  readonly #computerName: string;
  readonly #maxBytes: number;
  readonly #maxLineBytes: number;
  #received = 0;
  readonly #lineBytes = { stdout: 0, stderr: 0 };
  #exceeded: ErrorRecord | undefined;

  constructor(computerName: string, { maxReceivedBytes = 0, maxObjectBytes = 0 }: ConnectionWishes) {
    this.#computerName = computerName;
    this.#maxBytes = maxReceivedBytes > 0 ? maxReceivedBytes : Infinity;
    this.#maxLineBytes = maxObjectBytes > 0 ? maxObjectBytes : Infinity;
  }

  /** Why nothing more is taken, once it is so. */
  get exceeded(): ErrorRecord | undefined {
    return this.#exceeded;
  }

  /** @returns false for what is too much, and for all that follows */
  takes(stream: 'stdout' | 'stderr', bytes: Uint8Array): boolean {
    if (this.#exceeded !== undefined) return false;
    this.#received += bytes.length;
    const longest = this.#longestLine(stream, bytes);
    if (this.#received > this.#maxBytes) {
      const text = `The total data received from the remote server exceeded the allowed maximum. The allowed maximum is ${this.#maxBytes}.`;
      this.#exceeded = this.#refusal('ReceivedDataSizeExceededMaximumClient', text);
    } else if (longest > this.#maxLineBytes) {
      const text = `The current deserialized object size of the data received from the remote server exceeded the allowed maximum object size. The current deserialized object size is ${longest}. The allowed maximum object size is ${this.#maxLineBytes}.`;
      this.#exceeded = this.#refusal('ReceivedObjectSizeExceededMaximumClient', text);
    }
    return this.#exceeded === undefined;
  }

  /** What the terminal of a session prints, but for the ^C by which a command that wrote too much is stopped. */
  terminal(onTerminal: SessionRunOptions['onTerminal']): SessionRunOptions['onTerminal'] {
    return (bytes) => (this.#exceeded === undefined ? onTerminal?.(bytes) : undefined);
  }

  /** Of the lines that end or go on in the bytes. */
  #longestLine(stream: 'stdout' | 'stderr', bytes: Uint8Array): number {
    if (this.#maxLineBytes === Infinity) return 0;
    let longest = 0;
    let from = 0;
    for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, from)) {
      longest = Math.max(longest, this.#lineBytes[stream] + end - from);
      this.#lineBytes[stream] = 0;
      from = end + 1;
    }
    this.#lineBytes[stream] += bytes.length - from;
    return Math.max(longest, this.#lineBytes[stream]);
  }

  #refusal(id: string, text: string): ErrorRecord {
    const host = this.#computerName;
    const message = `[${host}] Processing data from remote server ${host} failed with the following error message: ${text}`;
    const record = new ErrorRecord(id, 'OperationStopped', message, { target: host });
    record.cmdlet = '';
    return record;
  }
}
