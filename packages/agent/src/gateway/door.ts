import {
  handshakeAsHost,
  type HandshakeIo,
  type HostHandshakeResult,
  type HostSigner,
  type Refusal,
  type TicketStore,
} from '@holdfast/protocol';
import type { Authorize } from '../auth/authenticate.ts';
import { countSessions, type SessionFigures } from './metrics/session-figures.ts';
import type { ReachableHosts } from './reachable-hosts.ts';

/** What the door is told of a connection. */
export type Visit = {
  address: string;
  product: string;
  timeoutMs: number;
  onRefused: (refusal: Refusal) => void;
  signal: AbortSignal;
};

/** Who came in, and the session hosts that they may reach until they leave. */
export type Admitted = { result: HostHandshakeResult; hosts: ReachableHosts; leave: () => void };

/** Proves this host to clients, and lets them prove who they are. */
export type Door = {
  /** @throws RemotingError as handshakeAsHost does */
  admit(io: HandshakeIo, visit: Visit): Promise<Admitted>;
  /** @throws RemotingError when whoever lets people in does not answer */
  answers(limitMs: number): Promise<void>;
  /**
   * How much runs in all session hosts, whoever's.
   * @throws RemotingError when they cannot be asked
   */
  countSessions(limitMs: number): Promise<SessionFigures>;
};

/** The door of a gateway that does all by itself, for the sessions of its own user. */
export function ownDoor(options: {
  hostKey: HostSigner;
  tickets: TicketStore;
  authorize: Authorize;
  hosts: ReachableHosts;
}): Door {
  const { hosts, ...trust } = options;
  return {
    async admit(io, visit) {
      return { result: await handshakeAsHost(io, { ...visit, ...trust }), hosts, leave: () => undefined };
    },
    answers: () => Promise.resolve(),
    countSessions: (limitMs) => countSessions(hosts, limitMs),
  };
}
