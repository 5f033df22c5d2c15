import {
  CloseCode,
  RemotingError,
  type AnyEvent,
  type CloseReason,
  type FrameSource,
  type ReplyOf,
  type RequestOf,
  type RequestType,
} from '@holdfast/protocol';
import { ActiveLink, isLinkLost } from './active-link.ts';
import { ChannelTable, type ChannelResume } from './channel-table.ts';
import type { ClientSettings } from './client-settings.ts';
import type { LinkChannel, ResumedEntry } from './link-channel.ts';
import { RetryLoop, isRefusal, type Dial, type DialedLink } from './link-keeper.ts';
import { LinkStatus, type LinkState, type LinkStateListener } from './link-status.ts';
import { WaitingRoom } from './waiting-room.ts';

/** So many links in a row that end by a protocol error, each while it is young, are no accident. */
const PROTOCOL_ERRORS = 3;

/** The link to one computer: lost ones are replaced, and channels and unanswered requests go on over the next. */
export class ResumableLink {
  readonly settings: ClientSettings;
  /** Whom the host took this client for. */
  readonly user: string;
  readonly #dial: Dial;
  readonly #channels = new ChannelTable();
  readonly #status = new LinkStatus();
  readonly #waiting = new WaitingRoom();
  readonly #closed = new AbortController();
  #closeError = new RemotingError('OperationStopped', 'The connection was closed here');
  #active: ActiveLink | undefined;
  #retry: { loop: RetryLoop; abandon: AbortController } | undefined;
  #relinking = false;
  #requests = 0;
  #isRetired = false;
  #attempt = 0;
  #protocolErrors = 0;
  /** What the host said before it closed the link. */
  #goaway = { reason: '', retryAfterMs: 0 };

  private constructor(dial: Dial, settings: ClientSettings, user: string) {
    [this.#dial, this.settings, this.user] = [dial, settings, user];
  }

  /** Makes the first link; nothing is retried. @throws what dial throws */
  static async open(dial: Dial, settings: ClientSettings, signal: AbortSignal): Promise<ResumableLink> {
    const dialed = await dial(signal);
    const made = new ResumableLink(dial, settings, dialed.user);
    made.#use(made.#makeActive(dialed), () => undefined);
    return made;
  }

  get state(): LinkState {
    return this.#status.state;
  }

  onState(listener: LinkStateListener): () => void {
    return this.#status.listen(listener);
  }

  /** A channel number that was not used before. */
  takeNumber(): number {
    return this.#channels.takeNumber();
  }

  add(channel: LinkChannel): void {
    this.#channels.add(channel);
  }

  remove(channel: LinkChannel): void {
    this.#channels.remove(channel);
    this.#active?.forget(channel);
  }

  /** Puts a frame on the link; without one it is dropped, since a resume says the same again. */
  readonly send = (frame: Buffer): void => {
    this.#active?.send(frame);
  };

  /** Says that a channel has something to send; it leaves in this turn if there is a link. */
  wake(source: FrameSource): void {
    this.#active?.wake(source);
  }

  /**
   * Asks the host, on the next link again if this one breaks before the answer; sent in this turn if there is a link.
   * `onSend` runs before each time it is sent.
   * @throws RemotingError as the host answers, ConnectionLost when the connection is closed, OperationStopped on abort
   */
  async request<T extends RequestType>(
    type: T,
    body: RequestOf<T>,
    options: { signal?: AbortSignal | undefined; onSend?: () => void } = {},
  ): Promise<ReplyOf<T>> {
    this.#requests += 1;
    try {
      return await this.#requestUntilAnswered(type, body, options);
    } finally {
      this.#requests -= 1;
      if (this.#isRetired) this.retire();
    }
  }

  /** Asks on the link that is there now, once. @throws as `request`, and ConnectionLost when that link breaks */
  async requestOnce<T extends RequestType>(type: T, body: RequestOf<T>, signal?: AbortSignal): Promise<ReplyOf<T>> {
    if (this.#active === undefined) throw new RemotingError('ConnectionLost', 'There is no link');
    return this.#active.request(type, body, signal);
  }

  /** Tries at once instead of at the next step; asks a link that seems to work whether it does. */
  retryNow(): void {
    this.#retry?.loop.retryNow();
    this.#active?.probe();
  }

  /** Ends the connection; the host is not asked to end anything. */
  close(error: RemotingError = this.#closeError): void {
    if (this.state === 'Closed') return;
    this.#closeError = error;
    this.#closed.abort();
    const active = this.#active;
    this.#active = undefined;
    active?.close();
    for (const channel of this.#channels.clear()) channel.onConnectionClosed(error);
    this.#setState('Closed', error.message);
    this.#waiting.failAll(error);
  }

  /** Ends the connection as `close`, as soon as every request has its answer. */
  retire(): void {
    this.#isRetired = true;
    if (this.#requests === 0) this.close();
  }

  async #requestUntilAnswered<T extends RequestType>(
    type: T,
    body: RequestOf<T>,
    options: { signal?: AbortSignal | undefined; onSend?: () => void },
  ): Promise<ReplyOf<T>> {
    for (;;) {
      const active = this.#active ?? (await this.#nextActive(options.signal));
      options.onSend?.();
      try {
        return await active.request(type, body, options.signal);
      } catch (error) {
        if (!active.closed || !isLinkLost(error)) throw error;
        if (this.state === 'Closed') throw this.#closeError;
      }
    }
  }

  async #nextActive(signal: AbortSignal | undefined): Promise<ActiveLink> {
    while (this.#active === undefined) {
      if (this.state === 'Closed') throw this.#closeError;
      await this.#waiting.wait(signal);
    }
    return this.#active;
  }

  #makeActive(dialed: DialedLink): ActiveLink {
    return new ActiveLink({ ...dialed, attempt: this.#attempt }, this.settings, {
      onEvent: (channel, event) => this.#onEvent(channel, event),
      onChannelFrame: (frame) => this.#channels.find(frame.channel)?.onFrame(frame),
      onSuspect: (link, reason) => this.#onSuspect(link, reason),
      onRecovered: (link) => this.#onRecovered(link),
      onClosed: (link, reason) => this.#onClosed(link, reason),
      isWaiting: () => this.#channels.some((channel) => channel.waiting),
    });
  }

  /** `onUsed` restarts the channels before anybody can send on the new link. */
  #use(active: ActiveLink, onUsed: () => void): void {
    const old = this.#active;
    this.#active = active;
    old?.terminate();
    onUsed();
    active.begin();
    this.#setState('Connected', 'The link works');
    this.#waiting.releaseAll();
  }

  #onEvent(number: number, event: AnyEvent): void {
    if (event.type === 'journal.grew') return;
    if (event.type === 'connection.goaway') this.#goaway = { reason: event.reason, retryAfterMs: event.retryAfterMs };
    else if (event.type !== 'client.heard' && event.type !== 'input.refused')
      this.#channels.find(number)?.onEvent(event);
  }

  #onSuspect(link: ActiveLink, reason: string): void {
    if (link !== this.#active) return;
    this.#setState('Suspect', reason, link.heardAt);
    void this.#relink();
  }

  #onRecovered(link: ActiveLink): void {
    if (link !== this.#active || this.state !== 'Suspect') return;
    this.#retry?.abandon.abort();
    this.#setState('Connected', 'The link answers again');
  }

  #onClosed(link: ActiveLink, reason: CloseReason): void {
    if (link !== this.#active) return;
    this.#active = undefined;
    const final = this.#judgeClose(link, reason);
    if (final !== undefined) {
      this.close(final);
      return;
    }
    this.#setState('Reconnecting', this.#goaway.reason || reason.reason || 'The link was lost');
    void this.#relink();
  }

  /** The error that ends the connection, when the way the link closed says that another would do no better. */
  #judgeClose(link: ActiveLink, { code, reason }: CloseReason): RemotingError | undefined {
    if (code === CloseCode.denied) return new RemotingError('AccessDenied', reason);
    if (code === CloseCode.taken) return new RemotingError('SessionTaken', reason);
    const early = code === CloseCode.protocol && link.ageMs < this.settings.youngLinkMs;
    this.#protocolErrors = early ? this.#protocolErrors + 1 : 0;
    return this.#protocolErrors >= PROTOCOL_ERRORS ? new RemotingError('ProtocolViolation', reason) : undefined;
  }

  /** Replaces the link: finds a new one, asks the host to go on over it, and gives it to everybody. */
  async #relink(): Promise<void> {
    if (this.#relinking) return;
    this.#relinking = true;
    try {
      while (this.state !== 'Closed' && this.state !== 'Connected') {
        const dialed = await this.#findLink();
        if (dialed !== undefined) await this.#resumeOn(dialed);
      }
    } catch (error) {
      this.close(
        error instanceof RemotingError ? error : new RemotingError('ConnectionLost', String(error), { cause: error }),
      );
    } finally {
      this.#relinking = false;
    }
  }

  /** @returns undefined when the old link answers again, or the connection was closed */
  async #findLink(): Promise<DialedLink | undefined> {
    const abandon = new AbortController();
    const loop = new RetryLoop({
      dial: this.#dial,
      settings: this.settings,
      isWatched: () => this.#isWatched(),
      notBeforeMs: this.#goaway.retryAfterMs,
      onAttemptFailed: (error) => this.#setState(this.state, error.message),
      signal: AbortSignal.any([abandon.signal, this.#closed.signal]),
    });
    this.#goaway = { reason: '', retryAfterMs: 0 };
    this.#retry = { loop, abandon };
    try {
      return await loop.run();
    } catch (error) {
      if (isRefusal(error)) throw error;
      return undefined;
    } finally {
      this.#retry = undefined;
    }
  }

  async #resumeOn(dialed: DialedLink): Promise<void> {
    this.#attempt += 1;
    const active = this.#makeActive(dialed);
    const resumes: ChannelResume[] = [];
    const answers: ResumedEntry[] = [];
    try {
      // While the host is asked, a link that is only suspect may still bring the answer that begins another channel.
      for (let more = this.#channels.resumes(); more.length > 0; more = this.#channels.resumes(resumes)) {
        resumes.push(...more);
        answers.push(...(await this.#askToResume(active, more)));
      }
      if (this.#closed.signal.aborted) throw this.#closeError;
      this.#use(active, () => this.#channels.deliver(resumes, answers));
    } catch (error) {
      active.terminate();
      // The host may have moved the channels to the link that just failed.
      if (resumes.length > 0) this.#active?.terminate();
      if (this.state !== 'Closed') this.#setState(this.state, error instanceof Error ? error.message : String(error));
    }
  }

  async #askToResume(active: ActiveLink, resumes: readonly ChannelResume[]): Promise<readonly ResumedEntry[]> {
    const channels = resumes.flatMap(({ asked }) => asked);
    const signal = AbortSignal.timeout(this.settings.attemptTimeoutMs);
    return (await active.request('connection.resume', { channels }, signal)).channels;
  }

  #isWatched(): boolean {
    const isWaiting = this.#waiting.size + (this.#active?.pending ?? 0) > 0;
    return isWaiting || this.#channels.some((channel) => channel.watched);
  }

  #setState(state: LinkState, reason: string, heardAt?: number): void {
    this.#status.set(state, reason, { rttMs: this.#active?.roundTripMs, heardAt });
  }
}
