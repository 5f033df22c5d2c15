import { RemotingError, type RecordedEvent, type ReplyOf, type RequestOf, type SessionInfo } from '@holdfast/protocol';
import type { ClientSettings } from './client-settings.ts';
import type { HostAddress } from './hosts.ts';
import type { LinkState, LinkStateListener } from './link-status.ts';
import type { GenerationLink, OtherGenerations } from './other-generations.ts';
import type { OpenSessionOptions } from './open-session-options.ts';
import { recordPages, type EventOptions } from './record-pages.ts';
import { runRemoteCommand, type RemoteCommandEnd, type RemoteCommandOptions } from './remote-command.ts';
import { RemoteSession, type RemoteHome } from './remote-session.ts';
import type { DetachOptions, SessionConnection } from './session-end.ts';
import type { ResumableLink } from './resumable-link.ts';
import { checkSessionName } from './session-name.ts';
import { WatchedSession } from './watched-session.ts';

/**
 * What a connection works over. A gateway speaks for every generation of its session host; straight at the local one,
 * `others` are those that new sessions do not go to.
 */
export type ConnectionLinks = { link: ResumableLink; others?: OtherGenerations };

/** An authenticated connection to one computer. Its sessions live through any loss of the link; it restores itself. */
export class Connection implements SessionConnection, AsyncDisposable {
  /** What it was made to. */
  readonly address: HostAddress;
  readonly clientId: string;
  readonly #link: ResumableLink;
  readonly #others: OtherGenerations | undefined;
  readonly #environment: Record<string, string>;
  readonly #home: RemoteHome;
  readonly #sessions = new Map<string, RemoteSession>();

  /** Made by connect(); `environment` is what sessions are made with by default. */
  constructor(
    { link, others }: ConnectionLinks,
    options: { address: HostAddress; clientId: string; environment: Record<string, string> },
  ) {
    this.address = options.address;
    this.clientId = options.clientId;
    this.#environment = options.environment;
    this.#link = link;
    this.#others = others;
    this.#home = this.#homeOver(link, this);
  }

  get computerName(): string {
    return this.address.computerName;
  }

  /** Its limits, as they were resolved for it. */
  get settings(): ClientSettings {
    return this.#link.settings;
  }

  get linkState(): LinkState {
    return this.#link.state;
  }

  /** Sessions that this client holds here. */
  get sessions(): RemoteSession[] {
    return [...this.#sessions.values()];
  }

  /**
   * Tells every change of the link's state, and each attempt that failed. @returns a function that ends the listening
   * @example connection.onLinkState((state, { reason }) => log(`${state}: ${reason}`));
   */
  onLinkState(listener: LinkStateListener): () => void {
    return this.#link.onState(listener);
  }

  /** The user that this client is on the computer. */
  get user(): string {
    return this.#link.user;
  }

  /** Tries to restore the link at once, and asks one that seems to work whether it does: a key was pressed. */
  retryNow(): void {
    this.#link.retryNow();
  }

  /**
   * Creates a session, held by this client. It is made once, whatever happens to the link meanwhile.
   * @throws RemotingError InvalidSessionName, SessionLimitReached, ConfigurationNotFound, ProgramNotStarted, IdleTimeoutOutOfRange
   * @example const session = await connection.openSession({ name: 'build', columns: 80, rows: 24 });
   */
  async openSession({ signal, ...options }: OpenSessionOptions): Promise<RemoteSession> {
    if (options.name !== undefined) checkSessionName(options.name);
    const request = { environment: this.#environment, temporary: false, ...options };
    return this.#keep(await RemoteSession.open(this.#home, request, signal));
  }

  /** All sessions of this user on the computer, whoever holds them. */
  async listSessions(signal?: AbortSignal): Promise<SessionInfo[]> {
    const [{ sessions }, others] = await Promise.all([
      this.#link.request('session.list', {}, { signal }),
      this.#others?.ask('session.list', signal) ?? [],
    ]);
    return [...sessions, ...others.flatMap((other) => other.sessions)];
  }

  /**
   * Takes the keyboard of a session; one that this client holds already is returned as it is. Delivers no output yet.
   * @throws RemotingError SessionHeldElsewhere (not with `force`), SessionNotFound, SessionExited
   */
  async connectSession(
    instanceId: string,
    options: { force?: boolean; signal?: AbortSignal | undefined } = {},
  ): Promise<RemoteSession> {
    const held = this.#sessions.get(instanceId);
    if (held?.state === 'Opened') return held;
    const request = { instanceId, force: options.force ?? false };
    return this.#whereItIs(
      instanceId,
      async (home, place) => this.#keep(await RemoteSession.connect(home, request, options.signal), place),
      options.signal,
    );
  }

  /**
   * Looks on at a session whose keyboard another client has, or nobody.
   * @param options.sizing this terminal takes part in the session's size
   * @throws RemotingError SessionNotFound, SessionExited
   */
  watchSession(
    instanceId: string,
    options: { sizing?: boolean; signal?: AbortSignal | undefined } = {},
  ): Promise<WatchedSession> {
    const { sizing = false, signal } = options;
    const watch = async (home: RemoteHome, place?: GenerationLink): Promise<WatchedSession> => {
      const watched = await WatchedSession.watch(home, { instanceId, sizing }, signal);
      place?.retain();
      if (place !== undefined) watched.onOver(() => place.release());
      return watched;
    };
    return this.#whereItIs(instanceId, watch, signal);
  }

  /** Disconnects a session, whoever of this user holds it; it runs on. */
  async detachSession(instanceId: string, options: DetachOptions = {}): Promise<SessionInfo> {
    const held = this.#sessions.get(instanceId);
    if (held !== undefined) return held.detach(options);
    const { signal, ...limits } = options;
    const request = { instanceId, ...limits };
    const detach = ({ link }: RemoteHome) => link.request('session.detach', request, { signal });
    return (await this.#whereItIs(instanceId, detach, signal)).session;
  }

  /** Ends a session and what runs in it, whoever of this user holds it. */
  async stopSession(instanceId: string, signal?: AbortSignal): Promise<void> {
    const held = this.#sessions.get(instanceId);
    if (held !== undefined) return held.stop(signal);
    const stop = ({ link }: RemoteHome) => link.request('session.stop', { instanceId }, { signal });
    await this.#whereItIs(instanceId, stop, signal);
  }

  /**
   * Says something to everybody who is attached to a session of this user's, for an administrator of anybody's.
   * @param message 1 to 4096 bytes each; control characters are not shown
   * @returns how many clients are told now
   * @throws RemotingError SessionNotFound
   */
  async sendMessage(
    instanceId: string,
    message: { caption: string; text: string },
    signal?: AbortSignal,
  ): Promise<number> {
    const send = ({ link }: RemoteHome) => link.request('session.message', { instanceId, ...message }, { signal });
    return (await this.#whereItIs(instanceId, send, signal)).shownTo;
  }

  /**
   * Lets another user of the computer attach to a session of this user's, to watch (`read`) or to type too (`write`), until
   * `forMs` are over or it ends; `none` takes that back.
   * @throws RemotingError GrantRefused, UserNotFound, SessionNotFound, AccessDenied
   */
  async grantSession(
    instanceId: string,
    grant: Omit<RequestOf<'session.grant'>, 'instanceId'>,
    signal?: AbortSignal,
  ): Promise<SessionInfo> {
    const send = ({ link }: RemoteHome) => link.request('session.grant', { instanceId, ...grant }, { signal });
    return (await this.#whereItIs(instanceId, send, signal)).session;
  }

  /**
   * The record of who did what on the computer, oldest first: one's own sessions and comings; for an administrator all.
   * @throws RemotingError AccessDenied for events of others; UnknownOperation from an agent that has no record
   * @example for await (const { time, type, text } of connection.events({ types: ['command'], newest: 20 })) log(time, type, text);
   */
  events(options: EventOptions = {}, signal?: AbortSignal): AsyncGenerator<RecordedEvent> {
    return recordPages((request) => this.#link.request('events.list', request, { signal }), options);
  }

  /** The session configurations that may be named here, and which is taken when none is. */
  configurations(signal?: AbortSignal): Promise<ReplyOf<'agent.configurations'>> {
    return this.#link.request('agent.configurations', {}, { signal });
  }

  /** Version, user and hosts of the agent. */
  async status(signal?: AbortSignal): Promise<ReplyOf<'agent.status'>> {
    const [status, others] = await Promise.all([
      this.#link.request('agent.status', {}, { signal }),
      this.#others?.ask('agent.status', signal) ?? [],
    ]);
    return { ...status, hosts: [...status.hosts, ...others.flatMap((other) => other.hosts)] };
  }

  /**
   * Runs a command in the login shell with pipes and without a terminal, like `ssh host cmd`.
   * @example const { status } = await connection.run('df -h', { onStdout: (b) => void out.write(b), onStderr: ignore });
   */
  run(text: string, options: RemoteCommandOptions): Promise<RemoteCommandEnd> {
    return runRemoteCommand(this.#link, text, { environment: this.#environment, ...options });
  }

  /**
   * Ends this client's tie to everything on the computer: idle sessions close, busy ones stay Disconnected.
   * The connection is closed afterwards, also when there was no answer in time or before `stop`.
   * @throws RemotingError ConnectionLost when the host could not be told
   */
  async goodbye(stop?: AbortSignal): Promise<ReplyOf<'connection.goodbye'>> {
    try {
      const timeout = AbortSignal.timeout(this.#link.settings.goodbyeTimeoutMs);
      const signal = stop === undefined ? timeout : AbortSignal.any([timeout, stop]);
      const links = [this.#link, ...(this.#others?.inUse ?? [])];
      const told = links.map((link) => link.request('connection.goodbye', {}, { signal }));
      // One that cannot be told is no reason to leave another untold.
      await Promise.allSettled(told);
      const replies = await Promise.all(told);
      return { closed: replies.flatMap(({ closed }) => closed), left: replies.flatMap(({ left }) => left) };
    } catch (cause) {
      if (!(cause instanceof RemotingError) || cause.id !== 'OperationStopped') throw cause;
      throw new RemotingError('ConnectionLost', 'There was no answer', { cause });
    } finally {
      this.close();
    }
  }

  /** Closes the connection without a word: sessions stay, Disconnected after a while. */
  close(): void {
    this.#link.close();
    this.#others?.close();
  }

  /** Says goodbye, as the end of a program's work: idle sessions close. Does not wait for a lost link. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.linkState === 'Connected') await this.goodbye().catch(ignoreLoss);
    this.close();
  }

  /** Does what concerns one session on the generation that has it: first tried is the one that new sessions go to. */
  async #whereItIs<T>(
    instanceId: string,
    work: (home: RemoteHome, place?: GenerationLink) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    try {
      return await work(this.#home);
    } catch (error) {
      if (!(error instanceof RemotingError) || error.id !== 'SessionNotFound') throw error;
      const place = await this.#others?.find(instanceId, signal);
      if (place === undefined) throw error;
      try {
        return await work(this.#homeOver(place.link, place.connection, place), place);
      } finally {
        place.release();
      }
    }
  }

  #homeOver(link: ResumableLink, connection: SessionConnection, place?: GenerationLink): RemoteHome {
    return {
      connection,
      link,
      onHeld: (session) => void this.#keep(session, place),
      onOver: (session) => {
        if (this.#sessions.get(session.info.instanceId) === session) this.#sessions.delete(session.info.instanceId);
      },
    };
  }

  #keep(session: RemoteSession, place?: GenerationLink): RemoteSession {
    if (session.state !== 'Opened') return session;
    this.#sessions.set(session.info.instanceId, session);
    if (place !== undefined) {
      place.retain();
      session.onState(() => place.release());
    }
    return session;
  }
}

/** The host keeps the sessions of a client that goes without a goodbye, so nothing is lost. */
function ignoreLoss(error: unknown): undefined {
  if (error instanceof RemotingError) return undefined;
  throw error;
}
