import { randomUUID } from 'node:crypto';
import {
  RemotingError,
  type AttachedClient,
  type ReplyOf,
  type SessionEvent,
  type SessionInfo,
} from '@holdfast/protocol';
import { CurrentInfo } from './current-info.ts';
import { RemoteSession, type RemoteHome } from './remote-session.ts';
import { SessionChannel, type ChannelTie } from './session-channel.ts';
import { errorAfter, type SessionConnection } from './session-end.ts';
import type { SessionView } from './session-view.ts';
import { SizeReporter } from './size-reporter.ts';

/** A session on a host that this client looks on at, without its keyboard. It lives through any loss of the link. */
export class WatchedSession {
  readonly connection: SessionConnection;
  readonly #home: RemoteHome;
  readonly #channel: SessionChannel;
  readonly #size: SizeReporter;
  readonly #info = new CurrentInfo();
  readonly #eventListeners = new Set<(event: SessionEvent) => void>();
  readonly #overListeners = new Set<(reason: string) => void>();
  #isOver = false;

  private constructor(home: RemoteHome, tie?: ChannelTie) {
    this.connection = home.connection;
    this.#home = home;
    const listeners = {
      onEvent: (event: SessionEvent) => this.#onEvent(event),
      onInfo: (info: SessionInfo) => this.#info.update(info),
      onLost: (error: RemotingError) => this.#end(error.message),
      isOwnCommand: () => false,
    };
    this.#channel = new SessionChannel(home.link, listeners, tie);
    this.#size = new SizeReporter((columns, rows) =>
      home.link.request('session.resize', { channel: this.#channel.number, columns, rows }),
    );
  }

  /** Connection.watchSession is the public way. @throws RemotingError */
  static async watch(
    home: RemoteHome,
    request: { instanceId: string; sizing: boolean },
    signal?: AbortSignal,
  ): Promise<WatchedSession> {
    const watched = new WatchedSession(home);
    watched.#info.expect(request.instanceId);
    const body = { ...request, channel: watched.#channel.number, watchId: randomUUID() };
    try {
      const { session, attachment } = await home.link.request('session.watch', body, { signal });
      watched.#info.update(session);
      watched.#channel.attach(attachment);
      return watched;
    } catch (error) {
      watched.#channel.end();
      throw error;
    }
  }

  /** Looks on at a session that was held here until another client took its keyboard; undefined when it was lost otherwise. */
  static after(session: RemoteSession): WatchedSession | undefined {
    const left = session.takeWatch();
    if (left === undefined) return undefined;
    const watched = new WatchedSession(left.home, left.tie);
    watched.#info.update(session.info);
    return watched;
  }

  /** What the host said last, kept current by its events. */
  get info(): SessionInfo {
    if (this.#info.value === undefined) throw new TypeError('The session is not there yet');
    return this.#info.value;
  }

  /** Whoever has the keyboard; undefined when nobody has. */
  get typist(): AttachedClient | undefined {
    return this.info.attachments?.find(({ role }) => role === 'keyboard');
  }

  /** Which one of the session's attachments is this client's. */
  get number(): number | undefined {
    return this.#channel.attachmentNumber;
  }

  /** Shows the screen on the view's terminal, and what changes on it, each by onSnapshot. @throws RemotingError as the host answers */
  async show(view: Pick<SessionView, 'columns' | 'rows' | 'onSnapshot'>, signal?: AbortSignal): Promise<void> {
    const whole = {
      ...view,
      skipEcho: false,
      onOutput: (_bytes: Buffer, done: () => void) => done(),
      onEvent: () => {},
    };
    const { session } = await this.#channel.show(whole, 'snapshot', signal);
    this.#info.update(session);
    if (session.state === 'Exited') this.#end('The session has ended');
  }

  /** Says how large the terminal is now. */
  resize(columns: number, rows: number): void {
    if (!this.#isOver) this.#size.report(columns, rows);
  }

  /**
   * Takes the keyboard: this object is over, and the session is held here. Who had it looks on from now on, if a person is
   * there to see it.
   * @throws RemotingError SessionExited, AccessDenied
   */
  async take(signal?: AbortSignal): Promise<RemoteSession> {
    const body = { channel: this.#channel.number, act: 'take' as const, keyboardId: randomUUID() };
    const { session, attachment } = await this.#home.link.request('session.keyboard', body, { signal });
    const tie = this.#channel.handOver();
    if (tie === undefined) throw new RemotingError('AttachmentLost', 'The session is not watched here any more');
    // Events that nobody was told here are of the time before it.
    const eventsTo = Math.max(tie.eventsTo, session.eventsTo);
    const held = RemoteSession.goOn(this.#home, { ...tie, attachment, eventsTo }, session);
    this.#end('The keyboard is here');
    return held;
  }

  /** Looks on no more. The host hears of it when it can. */
  async leave(): Promise<void> {
    if (this.#isOver) return;
    const told: Promise<ReplyOf<'session.unwatch'>> = this.#home.link.request('session.unwatch', {
      channel: this.#channel.number,
    });
    this.#end('It was left here');
    // One that is gone is left too.
    await told.catch(() => undefined);
  }

  /** Every event of the session, once, in order with what is shown. @returns a function that ends the listening */
  onEvent(listener: (event: SessionEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  /** Tells why there is nothing to be seen here any more. @returns a function that ends the listening */
  onOver(listener: (reason: string) => void): () => void {
    this.#overListeners.add(listener);
    return () => this.#overListeners.delete(listener);
  }

  #onEvent(event: SessionEvent): void {
    this.#info.apply(event);
    for (const listener of this.#eventListeners) listener(event);
    if (event.type === 'session.exited') this.#end(errorAfter(event, undefined)?.message ?? 'The session has ended');
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#channel.end();
    for (const listener of this.#overListeners) listener(reason);
  }
}
