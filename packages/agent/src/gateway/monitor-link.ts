import { Socket } from 'node:net';
import {
  RemotingError,
  isErrorId,
  type HandshakeIo,
  type HostHandshakeResult,
  type HostVisitor,
  type Refusal,
} from '@holdfast/protocol';
import type { FromGateway, FromMonitor, HostsQuestion } from '../monitor/messages.ts';
import type { Admitted, Door, Visit } from './door.ts';
import { HostMemory } from './host-memory.ts';
import { HostOwners } from './host-owners.ts';
import type { SessionFigures } from './metrics/session-figures.ts';
import type { ConnectedHost, ReachableHosts } from './reachable-hosts.ts';

/** A connection whose client proves itself to the monitor. */
type Visitor = {
  io: HandshakeIo;
  onRefused: (refusal: Refusal) => void;
  /** Fires also when the monitor has decided. */
  signal: AbortSignal;
  resolve: (result: HostHandshakeResult) => void;
  reject: (error: Error) => void;
};
type Answer = { names: string[]; owner: string | undefined; socket: Socket | undefined };
type Waiting<T> = { resolve: (answer: T) => void; reject: (error: Error) => void };
type Said<T extends FromMonitor['type']> = Extract<FromMonitor, { type: T }>;
/** What a gateway writes: bytes are base64 until the monitor has checked them. */
type Words = { type: FromGateway['type']; [field: string]: string | number };

/**
 * The gateway's side of what it asks its monitor: it carries the handshakes there and back, and gets the sockets of the
 * session hosts that the monitor has connected for whoever came in.
 */
export class MonitorLink implements Door {
  readonly #send: (message: Words) => void;
  readonly #visitors = new Map<number, Visitor>();
  readonly #questions = new Map<number, Waiting<Answer>>();
  readonly #counts = new Map<number, Waiting<SessionFigures>>();
  readonly #silentSince = new Map<string, number>();
  readonly #owners: HostOwners;
  #lastVisit = 0;
  #lastQuestion = 0;

  /** @param lookupMs time to look up the name of an account */
  constructor(send: (message: Words) => void, lookupMs: number) {
    this.#send = send;
    this.#owners = new HostOwners(lookupMs);
  }

  /** Takes what the monitor said of a visit, or answered. */
  take(message: FromMonitor, socket: unknown): void {
    if ('visit' in message) {
      const visitor = this.#visitors.get(message.visit);
      if (visitor !== undefined) this.#onVisit(visitor, message);
    } else if (message.type === 'reply') {
      this.#onReply(message, socket instanceof Socket ? socket : undefined);
    } else if (message.type === 'sessions.counted') {
      this.#counts.get(message.id)?.resolve(message.figures);
    } else if (message.type === 'error') {
      (this.#questions.get(message.id) ?? this.#counts.get(message.id))?.reject(errorOf(message));
    }
  }

  async admit(io: HandshakeIo, { address, onRefused, signal }: Visit): Promise<Admitted> {
    const visit = ++this.#lastVisit;
    const { promise, resolve, reject } = Promise.withResolvers<HostHandshakeResult>();
    const over = new AbortController();
    const visitor = { io, onRefused, resolve, reject, signal: AbortSignal.any([signal, over.signal]) };
    this.#visitors.set(visit, visitor);
    this.#send({ type: 'visit.begin', visit, address, exporter: io.exporter.toString('base64') });
    try {
      const result = await promise;
      const leave = (): void => this.#send({ type: 'visit.end', visit });
      return { result, hosts: this.#hostsOf(visit), leave };
    } finally {
      this.#visitors.delete(visit);
      over.abort();
    }
  }

  async answers(limitMs: number): Promise<void> {
    await this.#inTime('monitor.ping', this.#questions, limitMs);
  }

  /** The monitor asks the session hosts, and gives them its own time to answer. */
  countSessions(limitMs: number): Promise<SessionFigures> {
    return this.#inTime('sessions.count', this.#counts, 2 * limitMs);
  }

  /** Asks what concerns no visit. @throws RemotingError HostUnavailable */
  async #inTime<T>(
    type: 'monitor.ping' | 'sessions.count',
    asked: Map<number, Waiting<T>>,
    limitMs: number,
  ): Promise<T> {
    const id = ++this.#lastQuestion;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const timer = setTimeout(() => reject(silence()), limitMs);
    asked.set(id, { resolve, reject });
    this.#send({ type, id });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      asked.delete(id);
    }
  }

  #onVisit(visitor: Visitor, message: Extract<FromMonitor, { visit: number }>): void {
    switch (message.type) {
      case 'visit.receive':
        return void this.#receive(message.visit, visitor);
      case 'visit.send':
        return visitor.io.send(Buffer.from(message.data, 'base64'));
      case 'visit.refused':
        return visitor.onRefused({ key: undefined, ...message.refusal });
      case 'visit.done':
        return visitor.resolve(message.result);
      case 'visit.failed':
        return visitor.reject(errorOf(message));
    }
  }

  /** One message and no more: what comes behind the handshake is not the monitor's. */
  async #receive(visit: number, { io, signal }: Visitor): Promise<void> {
    try {
      const data = await io.receive(signal);
      this.#send({ type: 'visit.message', visit, data: data.toString('base64') });
    } catch (error) {
      const id = error instanceof RemotingError ? error.id : 'ConnectionLost';
      const message = error instanceof Error ? error.message : String(error);
      this.#send({ type: 'visit.lost', visit, error: id, message });
    }
  }

  #hostsOf(visit: number): ReachableHosts {
    const names = async (type: HostsQuestion['type']): Promise<string[]> => (await this.#ask({ type, visit })).names;
    return {
      // Where one client finds sessions is nothing that another has to believe.
      memory: new HostMemory(this.#silentSince),
      hasGuests: true,
      ownerOf: this.#owners.ownerOf,
      names: () => names('hosts.names'),
      current: () => names('hosts.current'),
      start: async () => (await names('hosts.start'))[0] ?? '',
      connect: (name: string, _visitor: HostVisitor, signal: AbortSignal) => this.#connect(visit, name, signal),
    };
  }

  async #connect(visit: number, name: string, signal: AbortSignal): Promise<ConnectedHost> {
    const asked = this.#ask({ type: 'hosts.connect', visit, name });
    const { promise, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => {
      reject(new RemotingError('HostUnavailable', `No session host answers at ${name}`));
      // Nobody waits for it any more.
      asked.then(({ socket }) => socket?.destroy(), ignore);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const { socket, owner } = await Promise.race([asked, promise]);
      if (socket !== undefined && owner !== undefined) return { socket, owner };
      throw new RemotingError('HostUnavailable', `The socket of ${name} did not arrive`);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #ask(question: { type: HostsQuestion['type']; visit: number; name?: string }): Promise<Answer> {
    const id = ++this.#lastQuestion;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#questions.set(id, { resolve, reject });
    this.#send({ ...question, id });
    try {
      return await promise;
    } finally {
      this.#questions.delete(id);
    }
  }

  #onReply({ id, names, owner }: Said<'reply'>, socket: Socket | undefined): void {
    const waiting = this.#questions.get(id);
    if (waiting === undefined) socket?.destroy();
    else waiting.resolve({ names, owner, socket });
  }
}

function errorOf(said: { error: string; message: string; code?: string | undefined }): RemotingError {
  const { error, message, code } = said;
  const options = code === undefined ? {} : { cause: Object.assign(new Error(message), { code }) };
  return new RemotingError(isErrorId(error) ? error : 'InternalError', message, options);
}

function silence(): RemotingError {
  return new RemotingError('HostUnavailable', 'The monitor does not answer');
}

function ignore(): void {}
