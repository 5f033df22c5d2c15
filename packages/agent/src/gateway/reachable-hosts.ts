import type { Socket } from 'node:net';
import type { HostVisitor } from '@holdfast/protocol';
import type { HostMemory } from './host-memory.ts';

/** A socket on which a session host answers first, and the Unix user whose host it is. */
export type ConnectedHost = { socket: Socket; owner: string };

/** The session hosts that a client may reach, known by the names of their generations. */
export type ReachableHosts = {
  /** All generations, newest first; a host that was killed leaves its name behind. */
  names(): string[] | Promise<string[]>;
  /** Those that new sessions of the client may go to, newest first. */
  current(): string[] | Promise<string[]>;
  /**
   * Makes sure that a host of this build answers.
   * @returns its name
   * @throws RemotingError HostUnavailable
   */
  start(): Promise<string>;
  /**
   * Connects to a generation and greets it for `visitor`: its reply is what is read first.
   * @throws RemotingError HostUnavailable when nobody listens there
   */
  connect(name: string, visitor: HostVisitor, signal: AbortSignal): Promise<ConnectedHost>;
  /** The user whose rights a generation runs with, also of one that does not answer. */
  ownerOf(name: string): Promise<string>;
  /** Whether users are let in to the sessions of others. */
  readonly hasGuests: boolean;
  readonly memory: HostMemory;
};
