import { randomUUID } from 'node:crypto';
import type { SessionInfo } from '@holdfast/protocol';
import type { ConnectOptions } from './connect.ts';
import type { Connection } from './connection.ts';
import type { ConnectionWishes } from './connection-wishes.ts';
import { accountOf, Destinations } from './destinations.ts';
import { configFolder } from './folders.ts';
import { HostsFile, type HostAddress } from './hosts.ts';
import { KnownConfigurations } from './known-configurations.ts';
import type { NewSessionOptions } from './open-session-options.ts';
import { PSSession } from './ps-session.ts';
import { reach } from './reach.ts';
import { refreshSessions } from './refresh-sessions.ts';
import type { RemoteSession } from './remote-session.ts';
import type { DetachOptions } from './session-end.ts';
import { messageLine } from './session-message.ts';
import { withinTime } from './within-time.ts';

/** A line for the person: what somebody says to those at a session, or why it is `lost`. */
export type SessionNotice = { line: string; lost?: RemoteSession };

/** What became of the sessions of a client that said goodbye. `failed`: computers that could not be told. */
export type Farewell = {
  closed: PSSession[];
  left: PSSession[];
  failed: { computerName: string; error: unknown }[];
};

/** This client's connections, one for each user on each computer, and its sessions, numbered from 1. */
export class Remoting {
  readonly clientId: string;
  /** What its computers are called, those of config.toml among them. */
  readonly destinations: Destinations;
  /** What hosts told of their configurations. */
  readonly configurations = new KnownConfigurations();
  readonly #options: ConnectOptions;
  readonly #connections = new Map<string, Promise<Connection>>();
  /** Every session that was seen and not removed, by account and InstanceId. */
  readonly #known = new Map<string, PSSession>();
  /** Those that were created or connected here, or wanted by name: Get-PSSession without a computer. */
  readonly #own = new Set<PSSession>();
  readonly #noticeListeners = new Set<(notice: SessionNotice) => void>();
  #lastId = 0;

  /** @param options as for connect(), but the user, who may be another for each; a question to a person is asked by whoever uses this */
  constructor(options: Omit<ConnectOptions, 'user'> = {}) {
    this.clientId = options.clientId ?? randomUUID();
    const hosts = options.hosts ?? HostsFile.load(configFolder(options.environment ?? process.env));
    this.destinations = new Destinations(hosts);
    this.#options = { ...options, clientId: this.clientId, hosts };
  }

  get hosts(): HostsFile {
    return this.destinations.hosts;
  }

  /** Sessions created in or connected by this client and not removed, by Id; temporary ones are not listed. */
  get sessions(): PSSession[] {
    return [...this.#own].filter((session) => !session.info.temporary).toSorted((a, b) => a.Id - b.Id);
  }

  /** Connections that are open or being opened. */
  get connections(): Promise<Connection>[] {
    return [...this.#connections.values()];
  }

  /**
   * The connection to a computer, made when there is none or the last one was closed. `user@` before its name makes one
   * as another user than the usual one there, beside any that there is.
   * @throws RemotingError as connect(), OperationTimedOut
   */
  connection(computerName: string, signal?: AbortSignal, wishes: ConnectionWishes = {}): Promise<Connection> {
    const address = this.destinations.address(computerName);
    return this.#connections.get(accountOf(address)) ?? this.#open(address, signal, wishes);
  }

  /** Creates a session on a computer; it is Opened here. @throws RemotingError as Connection.openSession */
  async newSession(options: NewSessionOptions): Promise<PSSession> {
    // Before the wait: of several that are made at once, each has the number of its turn.
    const id = this.#nextId();
    try {
      return await this.#newSession(id, options);
    } catch (error) {
      if (this.#lastId === id) this.#lastId -= 1;
      throw error;
    }
  }

  async #newSession(id: number, options: NewSessionOptions): Promise<PSSession> {
    const { computerName, wishes = {}, signal, ...request } = options;
    const connection = await this.connection(computerName, signal, wishes);
    const remote = await withinTime(
      wishes.openTimeoutMs,
      { what: `${computerName} did not make the session`, signal },
      (limited) => connection.openSession({ name: `Session${id}`, ...request, signal: limited }),
    );
    const session = new PSSession(this.#origin(connection), remote.info, id);
    session.wishes = wishes;
    this.#attach(session, remote);
    this.#known.set(sessionKey(connection.address, remote.info.instanceId), session);
    this.#own.add(session);
    return session;
  }

  /** All sessions of this user on a computer; those that this client knows come back as the objects it has. */
  async querySessions(computerName: string, signal?: AbortSignal, wishes: ConnectionWishes = {}): Promise<PSSession[]> {
    const connection = await this.connection(computerName, signal, wishes);
    const what = `${computerName} did not list its sessions`;
    const infos = await withinTime(wishes.operationTimeoutMs, { what, signal }, (limited) =>
      connection.listSessions(limited),
    );
    return infos.filter((info) => info.state === 'Running').map((info) => this.#meet(connection, info));
  }

  /** Asks the hosts that are connected what became of this client's sessions that are not connected here. */
  async refresh(signal: AbortSignal): Promise<void> {
    // A broken one stays so: what its host has of it is another session for this client.
    const away = this.sessions.filter(({ remote, State }) => remote === undefined && State !== 'Broken');
    const byAccount = Map.groupBy(away, ({ target }) => accountOf(this.destinations.address(target)));
    const connections = (await Promise.allSettled(this.connections)).flatMap((opened) =>
      opened.status === 'fulfilled' ? [opened.value] : [],
    );
    await Promise.all(
      connections.map(async (connection) => {
        const sessions = byAccount.get(accountOf(connection.address)) ?? [];
        if (sessions.length > 0) await refreshSessions(connection, sessions, signal);
      }),
    );
  }

  /**
   * Connects a Disconnected session; one that is Opened here stays as it is. `force` takes it from a client that holds it.
   * @throws RemotingError SessionHeldElsewhere, SessionNotFound, SessionExited
   */
  async connect(session: PSSession, options: { force?: boolean; signal?: AbortSignal } = {}): Promise<PSSession> {
    if (session.State === 'Opened') return session;
    const connection = await this.connection(session.target, options.signal, session.wishes);
    const remote = await inTime(session, 'connect', options.signal, (signal) =>
      connection.connectSession(session.InstanceId, { ...options, signal }),
    );
    this.#attach(session, remote);
    this.#known.set(sessionKey(connection.address, session.InstanceId), session);
    this.#own.add(session);
    return session;
  }

  /**
   * Leaves a session running, held by nobody; what is done with output that is too much is as it was wanted for the session,
   * unless the options say.
   * @throws RemotingError IdleTimeoutOutOfRange, OperationStopped, OperationTimedOut
   */
  async disconnect(session: PSSession, options: DetachOptions = {}): Promise<PSSession> {
    const connection = await this.connection(session.target, options.signal, session.wishes);
    const { outputBufferingMode = session.wishes.outputBufferingMode } = options;
    const limits = outputBufferingMode === undefined ? options : { ...options, outputBufferingMode };
    const info = await inTime(session, 'disconnect', options.signal, (signal) =>
      connection.detachSession(session.InstanceId, { ...limits, signal }),
    );
    session.wishes = { ...session.wishes, outputBufferingMode };
    session.update(info);
    return session;
  }

  /**
   * Ends a session on its host and forgets it here; one that is gone there is only forgotten, and none whose removal was
   * stopped by the signal. @throws RemotingError OperationStopped on abort
   */
  async remove(session: PSSession, signal?: AbortSignal): Promise<void> {
    const gone = session.State === 'Closed' || session.State === 'Broken';
    try {
      if (!gone) {
        const connection = await this.connection(session.target, signal, session.wishes);
        await inTime(session, 'end', signal, (limited) => connection.stopSession(session.InstanceId, limited));
      }
    } catch (error) {
      if (signal?.aborted !== true) this.#forget(session);
      throw error;
    }
    this.#forget(session);
  }

  /**
   * Says something to everybody who is attached to a session.
   * @returns how many clients are told now
   * @throws RemotingError SessionNotFound, OperationTimedOut
   */
  async sendMessage(
    session: PSSession,
    message: { caption: string; text: string },
    signal?: AbortSignal,
  ): Promise<number> {
    const connection = await this.connection(session.target, signal, session.wishes);
    return inTime(session, 'tell', signal, (limited) => connection.sendMessage(session.InstanceId, message, limited));
  }

  /** Tells what a person is to know of any session of this client. @returns a function that ends the listening */
  onNotice(listener: (notice: SessionNotice) => void): () => void {
    this.#noticeListeners.add(listener);
    return () => this.#noticeListeners.delete(listener);
  }

  /** The session is connected here: what is said to it is heard, and its loss is noticed. */
  #attach(session: PSSession, remote: RemoteSession): void {
    session.attach(remote);
    const tell = (notice: SessionNotice): void => {
      for (const listener of this.#noticeListeners) listener(notice);
    };
    remote.onEvent((event) => void (event.type === 'session.message' && tell({ line: messageLine(event) })));
    remote.onState((state, { reason, unsentInput }) => {
      const isSaid = state === 'Broken' || unsentInput.length > 0 || remote.unsentLines.length > 0;
      if (isSaid) tell({ line: `${session.Name} on ${session.ComputerName}: ${reason}`, lost: remote });
    });
  }

  /** Says goodbye everywhere: idle sessions close, busy ones stay Disconnected. `stop` ends the wait for those that do not answer. */
  async goodbyeAll(stop?: AbortSignal): Promise<Farewell> {
    const farewell: Farewell = { closed: [], left: [], failed: [] };
    const open = await Promise.allSettled(this.connections);
    const connections = open.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    this.#connections.clear();
    await Promise.all(connections.map((connection) => this.#goodbye(connection, farewell, stop)));
    return farewell;
  }

  #forget(session: PSSession): void {
    session.close();
    this.#own.delete(session);
    this.#known.delete(sessionKey(this.destinations.address(session.target), session.InstanceId));
  }

  async #goodbye(connection: Connection, farewell: Farewell, stop: AbortSignal | undefined): Promise<void> {
    if (connection.linkState === 'Closed') return;
    try {
      const { closed, left } = await connection.goodbye(stop);
      for (const info of closed) {
        const session = this.#meet(connection, info);
        session.close();
        farewell.closed.push(session);
      }
      farewell.left.push(...left.map((info) => this.#meet(connection, info)));
    } catch (error) {
      farewell.failed.push({ computerName: connection.computerName, error });
    }
  }

  #open(address: HostAddress, signal: AbortSignal | undefined, wishes: ConnectionWishes): Promise<Connection> {
    const key = accountOf(address);
    const forget = (): void => {
      if (this.#connections.get(key) === opening) this.#connections.delete(key);
    };
    const opening = reach(address, { ...this.#options, signal }, wishes);
    this.#connections.set(key, opening);
    opening.then(
      (connection) => connection.onLinkState((state) => (state === 'Closed' ? forget() : undefined)),
      // The caller hears of it; the next one tries again.
      forget,
    );
    return opening;
  }

  /** The object for a session that a host told of; a broken one is replaced, since the new one is alive. */
  #meet(connection: Connection, info: SessionInfo): PSSession {
    const key = sessionKey(connection.address, info.instanceId);
    const known = this.#known.get(key);
    if (known !== undefined && known.State !== 'Broken') {
      known.update(info);
      return known;
    }
    const session = new PSSession(this.#origin(connection), info);
    this.#known.set(key, session);
    return session;
  }

  #origin({ address, user }: Connection): ConstructorParameters<typeof PSSession>[0] {
    const { computerName } = address;
    const target = this.destinations.nameOf(address);
    const origin = { computerName, target, user, clientId: this.clientId, nextId: () => this.#nextId() };
    return address.kind === 'local' ? origin : { ...origin, address };
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
}

function sessionKey(address: HostAddress, instanceId: string): string {
  return `${accountOf(address)} ${instanceId}`;
}

/** Limits the wait for the answer about a session to what was wanted for it. @throws RemotingError OperationTimedOut */
function inTime<T>(
  { ComputerName, Name, wishes }: PSSession,
  verb: string,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  return withinTime(wishes.operationTimeoutMs, { what: `${ComputerName} did not ${verb} ${Name}`, signal }, work);
}
