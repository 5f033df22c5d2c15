import {
  EVENTS,
  REQUESTS,
  RemotingError,
  assertClientMayAsk,
  encodeMessage,
  parseRequest,
  type CallerStamp,
  type IncomingRequest,
  type RawMessage,
} from '@holdfast/protocol';
import type { ExecChannels } from './exec-channels.ts';
import type { Fleet, ListedSession } from './fleet.ts';
import type { HostLinks } from './host-links.ts';
import type { RecordView } from './record-view.ts';
import type { Relay } from './relay.ts';
import type { ReachableHosts } from './reachable-hosts.ts';
import { ROUTES } from './routes.ts';
import { UndecidedTarget, type Target } from './target.ts';

export type ControlOptions = {
  relay: Relay;
  links: HostLinks;
  hosts: ReachableHosts;
  fleet: Fleet;
  record: RecordView;
  execs: ExecChannels;
  caller: CallerStamp;
  /** Proposes a session's id. */
  sessionId: (openId: string) => number;
  /** What the gateway says of itself. */
  status: () => { version: string; buildId: string; pid: number; startedAt: number; user: string };
  /** A request was granted by a session host. */
  onGranted: (request: IncomingRequest, session: GrantedSession | undefined) => void;
  /** Requests that may wait for answers; above it the client is not read. */
  maxPendingRequests: number;
};

/** The session that a granted request is about. */
export type GrantedSession = { sessionId: number; instanceId: string };

/** Checks each request of one client and sends it where it belongs (routes.ts). */
export class Control {
  readonly #options: ControlOptions;
  readonly #pending = new Set<number>();

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  /**
   * Takes a control message of the client and the frames it came in.
   * @throws RemotingError ProtocolViolation
   */
  onMessage(message: RawMessage, frames: readonly Uint8Array[]): void {
    const { id } = message;
    if (message.type === 'reply' || message.type === 'error' || isEvent(message)) {
      throw new RemotingError('ProtocolViolation', `A client sent ${message.type}, which goes the other way`);
    }
    // An event of a newer protocol.
    if (id === undefined) return;
    if (id < 1) throw new RemotingError('ProtocolViolation', `A request has the id ${id}, but ids count from 1`);
    this.#pending.add(id);
    this.#limitPending();
    try {
      this.#dispatch(parseRequest(message), message, frames);
    } catch (error) {
      this.refuse(id, error);
    }
  }

  /** Tells the client that its request `id` failed. */
  refuse(id: number, error: unknown): void {
    this.#onAnswered(id);
    this.#options.relay.refuse(id, error);
  }

  #dispatch(request: IncomingRequest, message: RawMessage, frames: readonly Uint8Array[]): void {
    const { id = 0 } = message;
    assertClientMayAsk(request.type, this.#options.caller);
    if (ROUTES[request.type] === 'all') {
      this.#askAll(request, id).catch((error: unknown) => this.refuse(id, error));
      return;
    }
    const forwarded = {
      id,
      type: request.type,
      frames: request.type === 'session.open' ? this.#stamped(request.body.openId, message) : frames,
      onAnswer: (answer: RawMessage, from: { readonly name: string }) => this.#onHostAnswer(request, answer, from),
    };
    const target = this.#targetFor(request);
    for (const channel of newChannels(request)) this.#options.relay.route(channel, target);
    if (request.type === 'exec.start') this.#options.execs.start(request.body.channel, request.body.errorChannel);
    this.#options.relay.forward(target, forwarded);
  }

  #targetFor({ type, body }: IncomingRequest): Target {
    const { relay, links, hosts, caller } = this.#options;
    if (type === 'session.grant' && !hosts.hasGuests) {
      throw new RemotingError('GrantRefused', `This agent serves ${caller.user} alone: nobody else comes in here`);
    }
    if (ROUTES[type] === 'newest') return links.newestNow ?? this.#undecided(links.newest());
    if ('instanceId' in body && body.instanceId !== undefined) return this.#targetOfSession(body.instanceId);
    const channel = ('channel' in body ? body.channel : undefined) ?? 0;
    const target = relay.targetOf(channel);
    if (target !== undefined) return target;
    throw new RemotingError('AttachmentLost', `Channel ${channel} leads to no session on this connection`);
  }

  #targetOfSession(instanceId: string): Target {
    const { hosts, links } = this.#options;
    const known = hosts.memory.locate(instanceId);
    const link = known === undefined ? undefined : links.openLink(known);
    return link ?? this.#undecided(this.#findSession(instanceId, known));
  }

  /** Asks every generation for a session that no answer told of so far. */
  async #findSession(instanceId: string, known: string | undefined): Promise<Target> {
    const { hosts, links, caller } = this.#options;
    if (known === undefined || !(await hosts.names()).includes(known)) {
      const found = await links.all();
      // A single host says itself what it does not have.
      const [only] = found;
      if (only !== undefined && found.length === 1 && only.owner === caller.user) return only;
      await this.#sessions();
    }
    const name = hosts.memory.locate(instanceId);
    if (name !== undefined && (await hosts.names()).includes(name)) return links.link(name);
    throw new RemotingError('SessionNotFound', `There is no session ${instanceId} here`, { target: instanceId });
  }

  /** All sessions that the client may see; where each is, is remembered. */
  async #sessions(): Promise<ListedSession[]> {
    const { hosts, fleet } = this.#options;
    const { sessions, places } = await fleet.sessions();
    for (const [instanceId, name] of places) hosts.memory.remember(instanceId, name);
    return sessions;
  }

  #undecided(decision: Promise<Target>): Target {
    return new UndecidedTarget(decision, {
      onRefused: ({ id }, error) => this.refuse(id, error),
      onDrain: this.#options.relay.onHostDrain,
    });
  }

  async #askAll(request: IncomingRequest, id: number): Promise<void> {
    const { relay, links, fleet } = this.#options;
    const reply = (body: object): void => {
      this.#onAnswered(id);
      relay.reply(id, body);
    };
    switch (request.type) {
      case 'session.list':
        reply({ sessions: await this.#sessions() });
        return links.closeUnused((link) => relay.leadsTo(link));
      case 'events.list':
        reply(await this.#options.record.list(request.body, links));
        return links.closeUnused((link) => relay.leadsTo(link));
      case 'connection.resume':
        return fleet.resume(request.body, (channel, link) => relay.route(channel, link), reply);
      case 'connection.goodbye':
        reply(await fleet.goodbye());
        return this.#options.onGranted(request, undefined);
      default:
        reply({ ...this.#options.status(), hosts: await fleet.hosts() });
        return links.closeUnused((link) => relay.leadsTo(link));
    }
  }

  /** The request with its session id; a client's own value is overwritten. */
  #stamped(openId: string, message: RawMessage): readonly Uint8Array[] {
    return encodeMessage(0, { ...message, sessionId: this.#options.sessionId(openId) });
  }

  #onHostAnswer(request: IncomingRequest, answer: RawMessage, from: { readonly name: string }): void {
    if (answer.id !== undefined) this.#onAnswered(answer.id);
    const { hosts, relay, onGranted } = this.#options;
    if (answer.type === 'error') {
      for (const channel of newChannels(request)) relay.unroute(channel);
      return;
    }
    const session = sessionOf(answer);
    // A new one is on an own host; where another is, only the lists of all hosts together say.
    if (session !== undefined && request.type === 'session.open') hosts.memory.remember(session.instanceId, from.name);
    onGranted(request, session);
  }

  #onAnswered(id: number): void {
    this.#pending.delete(id);
    this.#limitPending();
  }

  #limitPending(): void {
    this.#options.relay.limitRequests(this.#pending.size > this.#options.maxPendingRequests);
  }
}

/** What only an agent says; a request may be called like the event that comes of it, and has an id. */
function isEvent({ type, id }: RawMessage): boolean {
  return Object.hasOwn(EVENTS, type) && (id === undefined || !Object.hasOwn(REQUESTS, type));
}

/** The channels that a request begins to use. */
function newChannels({ type, body }: IncomingRequest): number[] {
  if (type === 'exec.start') return [body.channel, body.errorChannel];
  return type === 'session.open' || type === 'session.connect' || type === 'session.watch' ? [body.channel] : [];
}

function sessionOf(answer: RawMessage): GrantedSession | undefined {
  const session = answer['session'];
  if (typeof session !== 'object' || session === null) return undefined;
  if (!('sessionId' in session) || typeof session.sessionId !== 'number') return undefined;
  if (!('instanceId' in session) || typeof session.instanceId !== 'string') return undefined;
  return { sessionId: session.sessionId, instanceId: session.instanceId };
}
