import type { OutputBufferingMode } from '@holdfast/protocol';
import type { ShownConnection } from './connection-info.ts';

/**
 * How a person wants connections and sessions to be made (PowerShell's PSSessionOption). What is absent is as the client
 * or the host has it; a time of 0 is without end. Times are milliseconds.
 */
export type ConnectionWishes = {
  /** To reach the host, and once more to make the session there; not while a person is asked. */
  readonly openTimeoutMs?: number | undefined;
  /** For the answer to each request that lists, connects, disconnects or ends sessions. */
  readonly operationTimeoutMs?: number | undefined;
  /** From the interrupt of a stopped command to its kill, or to where it is left running in its session. */
  readonly cancelTimeoutMs?: number | undefined;
  /** Further attempts to reach a host behind a network that fails. */
  readonly retries?: number | undefined;
  /** Of a command's output, and of one line of it. */
  readonly maxReceivedBytes?: number | undefined;
  readonly maxObjectBytes?: number | undefined;
  /** The shell does not read the user's rc files. */
  readonly noProfile?: boolean | undefined;
  readonly idleTimeoutMs?: number | undefined;
  readonly outputBufferingMode?: OutputBufferingMode | undefined;
  /** What ConnectionInfo shows of them, and of what has no effect here. */
  readonly shown?: Partial<ShownConnection> | undefined;
};
