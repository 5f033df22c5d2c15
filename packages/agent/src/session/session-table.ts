import { userInfo } from 'node:os';
import { RemotingError, type RequestOf } from '@holdfast/protocol';
import type { Attachment } from './attachment.ts';
import { isSameClient, type ChannelPort, type ClientIdentity } from './channel-port.ts';
import type { FifoPool } from './fifo-pool.ts';
import type { Recordings } from './recordings.ts';
import type { HostSettings } from './host-settings.ts';
import { Session } from './session.ts';
import type { SessionConfiguration } from './session-configuration.ts';
import { startFolder, terminalEnvironment } from './session-environment.ts';
import type { HostFolders } from './session-folders.ts';
import type { SessionNumbers } from './session-numbers.ts';

/** Who makes a session, and through which channel. */
export type Opener = {
  client: ClientIdentity;
  /** On this machine, without a network: the client gives its whole environment. */
  local: boolean;
  port: ChannelPort;
  configuration: SessionConfiguration;
};

/** All sessions of a host. */
export class SessionTable {
  readonly #folders: HostFolders;
  readonly #pipes: FifoPool;
  readonly #recordings: Recordings;
  readonly #numbers: SessionNumbers;
  readonly #settings: HostSettings;
  readonly #log: (line: string) => void;
  readonly #onClock: (session: Session, clock: 'grace' | 'idle') => void;
  readonly #onGrantLapsed: (session: Session, user: string) => void;
  readonly #sessions = new Map<string, Session>();
  /** Which session an openId made, so that asking again makes no other. */
  readonly #opened = new Map<string, Session>();
  /** Sessions whose end somebody was told. */
  readonly #told = new WeakSet<Session>();

  constructor(options: {
    folders: HostFolders;
    pipes: FifoPool;
    recordings: Recordings;
    numbers: SessionNumbers;
    settings: HostSettings;
    log: (line: string) => void;
    /** A session's holder did not come back, or nobody came, in time: it is left, or ended, next. */
    onClock: (session: Session, clock: 'grace' | 'idle') => void;
    /** The time of a user's grant is over. */
    onGrantLapsed: (session: Session, user: string) => void;
  }) {
    this.#folders = options.folders;
    this.#pipes = options.pipes;
    this.#recordings = options.recordings;
    this.#numbers = options.numbers;
    this.#settings = options.settings;
    this.#log = options.log;
    this.#onClock = options.onClock;
    this.#onGrantLapsed = options.onGrantLapsed;
  }

  /** Sessions whose program runs. */
  get runningCount(): number {
    return [...this.#sessions.values()].filter(({ program }) => program.exit === undefined).length;
  }

  /** The same of one configuration. */
  runningIn(configurationName: string): number {
    const running = [...this.#sessions.values()].filter(({ program }) => program.exit === undefined);
    return running.filter(({ info }) => info.configurationName === configurationName).length;
  }

  /** The session that asking again with this openId gives, if it is there. */
  opened(openId: string): Session | undefined {
    return this.#opened.get(openId);
  }

  /** @throws RemotingError ProgramNotStarted, IdleTimeoutOutOfRange or OutOfResources */
  open(request: RequestOf<'session.open'>, opener: Opener): { session: Session; attachment: Attachment } {
    const { openId: tieId, attempt } = request;
    const tie = { tieId, attempt, force: false };
    const known = this.#opened.get(tieId);
    if (known !== undefined) return { session: known, attachment: known.connect(opener.client, opener.port, tie) };
    const sessionId = this.#numbers.take(request.sessionId);
    const env = terminalEnvironment(request.environment, opener.local);
    const session: Session = new Session({
      sessionId,
      name: request.name ?? `Session${sessionId}`,
      owner: userInfo().username,
      configuration: opener.configuration,
      env,
      cwd: startFolder(request.cwd, env),
      columns: request.columns,
      rows: request.rows,
      temporary: request.temporary,
      idleTimeoutMs: request.idleTimeoutMs,
      outputBufferingMode: request.outputBufferingMode,
      folders: this.#folders,
      pipes: this.#pipes,
      recordings: this.#recordings,
      settings: this.#settings,
      onClock: (clock) => this.#onClock(session, clock),
      onGrantLapsed: (user) => this.#onGrantLapsed(session, user),
      onExited: () => this.#onExited(session),
      onFailed: (error) => this.#onFailed(session, error),
    });
    this.#sessions.set(session.instanceId, session);
    this.#opened.set(tieId, session);
    return { session, attachment: session.connect(opener.client, opener.port, tie) };
  }

  /** The session `instanceId`, if it is there. */
  find(instanceId: string): Session | undefined {
    return this.#sessions.get(instanceId);
  }

  /** All sessions but those whose end was told. */
  list(): Session[] {
    return [...this.#sessions.values()].filter((session) => !this.#told.has(session));
  }

  /** Users whom a session lets in beside its owner. */
  get guests(): string[] {
    return [...this.#sessions.values()].flatMap(({ guests }) => guests.grants.map(({ user }) => user));
  }

  /** Those that a client holds. */
  heldBy(holder: ClientIdentity): Session[] {
    return this.list().filter(({ attachment }) => attachment !== undefined && isSameClient(attachment.client, holder));
  }

  /** Ends what a client watches. */
  unwatchAll(viewer: ClientIdentity): void {
    for (const { attendance } of this.#sessions.values()) {
      const own = attendance.all.filter(({ client, role }) => isSameClient(client, viewer) && role === 'watching');
      for (const watcher of own) attendance.unwatch(watcher);
    }
  }

  /**
   * The attachment `attachmentId` with its session.
   * @throws RemotingError AttachmentLost, or what ended it
   */
  findAttachment(attachmentId: string): { session: Session; attachment: Attachment } {
    for (const session of this.#sessions.values()) {
      const attachment = session.attendance.find(attachmentId);
      if (attachment !== undefined) return { session, attachment };
      const end = session.attendance.endOf(attachmentId);
      if (end !== undefined) throw end;
    }
    throw new RemotingError('AttachmentLost', 'The session is not held by this client any more');
  }

  /** Notes that somebody was told of the end of `session`. */
  markTold(session: Session): void {
    if (session.program.exit === undefined || session.attachment?.linked === true) return;
    this.#told.add(session);
    this.#forgetAfter(session, this.#settings.graceMs);
  }

  /** Ends all programs. */
  async stopAll(): Promise<void> {
    await Promise.allSettled([...this.#sessions.values()].map(({ program }) => program.stop()));
  }

  /** Frees everything; the programs must have ended. */
  dispose(): void {
    for (const session of this.#sessions.values()) this.#forget(session);
  }

  #onExited(session: Session): void {
    if (session.attachment?.linked === true) this.#told.add(session);
    this.#forgetAfter(session, this.#told.has(session) ? this.#settings.graceMs : this.#settings.exitedKeepMs);
  }

  #onFailed(session: Session, error: unknown): void {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#log(`session ${session.instanceId} (${session.name}) ended by an error: ${reason}`);
  }

  #forgetAfter(session: Session, milliseconds: number): void {
    const timer = setTimeout(() => {
      const { attachment } = session;
      const isRead = attachment?.shown !== true || attachment.acknowledged >= session.output.end;
      if (attachment?.linked === true && !isRead) this.#forgetAfter(session, milliseconds);
      else this.#forget(session);
    }, milliseconds);
    timer.unref();
  }

  #forget(session: Session): void {
    if (!this.#sessions.delete(session.instanceId)) return;
    for (const [openId, opened] of this.#opened) if (opened === session) this.#opened.delete(openId);
    session.dispose();
  }
}
