import type { Socket } from 'node:net';
import {
  RemotingError,
  handshakeAsHost,
  isErrorId,
  type HandshakeIo,
  type HostHandshakeResult,
  type HostSigner,
  type TicketStore,
} from '@holdfast/protocol';
import type { Authorize } from '../auth/authenticate.ts';
import { findIdentity, type Identity } from '../auth/identity.ts';
import type { Log } from '../log/log.ts';
import type { GatewaySettings } from '../gateway/settings.ts';
import type { FromGateway, FromMonitor, GatewayNews, HostsQuestion } from './messages.ts';
import { assertKnown, type UserHosts } from './user-hosts.ts';

export type DeskOptions = {
  trust: { hostKey: HostSigner; tickets: TicketStore; authorize: Authorize };
  hosts: UserHosts;
  settings: GatewaySettings;
  product: string;
  log: Log;
  send: (message: FromMonitor, socket?: Socket) => void;
};

/** A message that the handshake waits for. */
type Receiver = { resolve: (message: Buffer) => void; reject: (error: Error) => void };
type Visit = { receiver: Receiver | undefined; ending: AbortController };
/** What a question finds: names, and a session host's socket with its user. */
type Reached = { names: string[]; owner?: string; socket?: Socket };
type Login = { result: HostHandshakeResult; identity: Identity };

/** Whose client has gone may still be looked at, beyond the gateway's own limit. */
const SPARE_VISITS = 64;

/**
 * What root does for one gateway process: it proves the host, lets clients prove who they are, and connects those who did
 * to their own session hosts, and to no other. The gateway only carries the bytes, and is believed nothing.
 */
export class Desk {
  readonly #options: DeskOptions;
  readonly #visits = new Map<number, Visit>();
  readonly #logins = new Map<number, Login>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /**
   * Takes a message of the gateway.
   * @returns false for one that no gateway of ours sends
   */
  take(message: Exclude<FromGateway, GatewayNews>): boolean {
    switch (message.type) {
      case 'visit.begin':
        return this.#begin(message);
      case 'visit.message':
        this.#visits.get(message.visit)?.receiver?.resolve(message.data);
        return true;
      case 'visit.lost':
        this.#visits.get(message.visit)?.receiver?.reject(errorOf(message));
        return true;
      case 'visit.end':
        this.#logins.delete(message.visit);
        this.#visits.get(message.visit)?.ending.abort();
        return true;
      default:
        void this.#answer(message);
        return true;
    }
  }

  /** The gateway is gone, and whoever came in through it. */
  close(): void {
    for (const { ending } of this.#visits.values()) ending.abort();
    this.#logins.clear();
  }

  #begin({ visit, address, exporter }: Extract<FromGateway, { type: 'visit.begin' }>): boolean {
    if (this.#visits.has(visit) || this.#logins.has(visit)) return false;
    const { settings, send } = this.#options;
    if (this.#visits.size >= settings.maxUnauthenticated + SPARE_VISITS) {
      const message = 'Too many connections wait for authentication: try again later';
      send({ type: 'visit.failed', visit, error: 'TooManyConnections', message });
      return true;
    }
    const entry: Visit = { receiver: undefined, ending: new AbortController() };
    this.#visits.set(visit, entry);
    void this.#shakeHands(visit, entry, { address, exporter });
    return true;
  }

  async #shakeHands(visit: number, entry: Visit, of: { address: string; exporter: Buffer }): Promise<void> {
    const { trust, settings, product, send } = this.#options;
    const { signal } = entry.ending;
    const io: HandshakeIo = {
      exporter: of.exporter,
      send: (data) => send({ type: 'visit.send', visit, data: data.toString('base64') }),
      receive: (limit) => {
        send({ type: 'visit.receive', visit });
        return received(entry, limit);
      },
    };
    try {
      const result = await handshakeAsHost(io, {
        ...trust,
        product,
        address: of.address,
        timeoutMs: settings.handshakeTimeoutMs,
        onRefused: (refusal) => send({ type: 'visit.refused', visit, refusal }),
        signal,
      });
      const identity = await findIdentity(result.caller.user, settings.lookupMs);
      signal.throwIfAborted();
      if (identity === undefined) throw new RemotingError('AccessDenied', 'The account has gone');
      this.#logins.set(visit, { result, identity });
      send({ type: 'visit.done', visit, result });
    } catch (error) {
      send({ type: 'visit.failed', visit, ...wordsOf(error) });
    } finally {
      this.#visits.delete(visit);
    }
  }

  async #answer(question: HostsQuestion): Promise<void> {
    const { send, log } = this.#options;
    const { id } = question;
    const login = this.#logins.get(question.visit);
    try {
      if (login === undefined) throw new RemotingError('AccessDenied', 'Nobody came in on that connection');
      const { socket, ...answer } = await this.#reach(login, question);
      send({ type: 'reply', id, ...answer }, socket);
    } catch (error) {
      if (login === undefined) log('monitor.refused', { asked: question.type, connection: question.visit });
      send({ type: 'error', id, ...wordsOf(error), ...codeOf(error) });
    }
  }

  async #reach({ result, identity }: Login, question: HostsQuestion): Promise<Reached> {
    const { hosts, settings, log } = this.#options;
    const { caller, clientId, clientName } = result;
    switch (question.type) {
      case 'hosts.names':
        return { names: this.#reachable(result, identity) };
      case 'hosts.current':
        return { names: hosts.current(identity.uid) };
      case 'hosts.start':
        return { names: [await hosts.start(identity)] };
      case 'hosts.connect': {
        const { name } = question;
        const reachable = this.#reachable(result, identity);
        const isOwn = name.startsWith(`${identity.uid}/`);
        if (!isOwn && !caller.roles.includes('administrator') && !reachable.includes(name)) {
          log('monitor.refused', { asked: question.type, name, user: caller.user });
          throw new RemotingError('AccessDenied', `${caller.user} may not reach that session host`);
        }
        assertKnown(name, reachable);
        const signal = AbortSignal.timeout(settings.hostAnswerMs);
        // The gateway cannot say who it connects for: the host has been told when the socket is handed over.
        return { names: [name], ...(await hosts.connect(name, { caller, clientId, clientName }, signal)) };
      }
    }
  }

  #reachable({ caller }: HostHandshakeResult, { uid }: Identity): string[] {
    const { hosts } = this.#options;
    if (caller.roles.includes('administrator')) return hosts.allNames();
    // The client's own come first, and with a key that is good for one thing there is nothing of others.
    const granted = caller.restrictions === undefined ? hosts.grantedTo(caller.user) : [];
    return [...hosts.names(uid), ...granted.filter((name) => !name.startsWith(`${uid}/`))];
  }
}

async function received(entry: Visit, signal: AbortSignal): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const onAbort = (): void => {
    const reason: unknown = signal.reason;
    reject(reason instanceof RemotingError ? reason : new RemotingError('OperationStopped', 'The client has gone'));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  entry.receiver = { resolve, reject };
  try {
    signal.throwIfAborted();
    return await promise;
  } finally {
    entry.receiver = undefined;
    signal.removeEventListener('abort', onAbort);
  }
}

function errorOf({ error, message }: { error: string; message: string }): RemotingError {
  return new RemotingError(isErrorId(error) ? error : 'ConnectionLost', message);
}

/** An error as it is sent to a gateway. */
export function wordsOf(error: unknown): { error: string; message: string } {
  const known = error instanceof RemotingError ? error : new RemotingError('InternalError', String(error));
  return { error: known.id, message: known.message };
}

function codeOf(error: unknown): { code?: string } {
  const cause = error instanceof RemotingError ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? { code: cause.code } : {};
}
