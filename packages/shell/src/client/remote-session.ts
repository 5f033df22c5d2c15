import { randomUUID } from 'node:crypto';
import {
  RemotingError,
  viewSession,
  type CommandStreams,
  type ReplyOf,
  type RequestOf,
  type SessionAvailability,
  type SessionEvent,
  type SessionInfo,
  type SessionState,
} from '@holdfast/protocol';
import { CommandTable, type Command } from './command-table.ts';
import { CurrentInfo } from './current-info.ts';
import type { EchoKnowledge } from './echo-knowledge.ts';
import { listedSession } from './listed-session.ts';
import { sendCommand } from './send-command.ts';
import { SessionChannel, type ChannelTie, type ShowFrom, type Shown } from './session-channel.ts';
import {
  errorAfter,
  explainLoss,
  notOpen,
  stateAfter,
  type DetachOptions,
  type EndState,
  type SessionConnection,
  type SessionStateListener,
} from './session-end.ts';
import type { SessionHome } from './session-home.ts';
import type { SessionView } from './session-view.ts';
import { SizeReporter } from './size-reporter.ts';

/** Where a session lives. */
export type RemoteHome = SessionHome<RemoteSession>;
type OpenRequest = Omit<RequestOf<'session.open'>, 'channel' | 'openId'>;
type ConnectRequest = Pick<RequestOf<'session.connect'>, 'instanceId' | 'force'>;

/** A session on a host that this client holds. */
export class RemoteSession {
  readonly connection: SessionConnection;
  readonly #home: RemoteHome;
  readonly #channel: SessionChannel;
  readonly #commands = new CommandTable();
  readonly #eventListeners = new Set<(event: SessionEvent) => void>();
  readonly #stateListeners = new Set<SessionStateListener>();
  readonly #info = new CurrentInfo();
  #over: EndState | undefined;
  #pristine: boolean;
  readonly size: SizeReporter;
  /** Whether what is typed may be shown. */
  readonly echo: EchoKnowledge;
  #watchTie: ChannelTie | undefined;

  private constructor(home: RemoteHome, pristine: boolean, tie?: ChannelTie) {
    this.#home = home;
    this.#pristine = pristine;
    this.connection = home.connection;
    const listeners = {
      onEvent: (event: SessionEvent) => this.#onEvent(event),
      onInfo: (info: SessionInfo) => this.learn(info),
      onLost: (error: RemotingError) => this.#onLost(error),
      isOwnCommand: (commandId: string) => this.#commands.has(commandId),
    };
    this.#channel = new SessionChannel(home.link, listeners, tie);
    this.echo = this.#channel.echo;
    this.size = new SizeReporter((columns, rows) =>
      home.link.request('session.resize', { channel: this.#channel.number, columns, rows }),
    );
  }

  /** Creates a session on the host; Connection.openSession is the public way. @throws RemotingError */
  static open(home: RemoteHome, request: OpenRequest, signal?: AbortSignal): Promise<RemoteSession> {
    const session = new RemoteSession(home, true);
    const body = { ...request, channel: session.#channel.number, openId: randomUUID() };
    return session.#begin(home.link.request('session.open', body, { signal }));
  }

  /** Takes the keyboard of a session; Connection.connectSession is the public way. @throws RemotingError */
  static connect(home: RemoteHome, request: ConnectRequest, signal?: AbortSignal): Promise<RemoteSession> {
    const session = new RemoteSession(home, false);
    const body = { ...request, channel: session.#channel.number, connectId: randomUUID() };
    session.#info.expect(request.instanceId);
    return session.#begin(home.link.request('session.connect', body, { signal }));
  }

  /** Goes on with an attachment that has the keyboard by now; WatchedSession.take is the way. */
  static goOn(home: RemoteHome, tie: ChannelTie, info: SessionInfo): RemoteSession {
    const session = new RemoteSession(home, false, tie);
    session.learn(info);
    home.onHeld(session);
    return session;
  }

  /** What the host said last, kept current by its events. */
  get info(): SessionInfo {
    if (this.#info.value === undefined) throw new TypeError('The session is not there yet');
    return this.#info.value;
  }

  /** As this client sees it; Opened also while the link is being restored. */
  get state(): SessionState {
    if (this.#over !== undefined) return this.#over;
    return this.info.state === 'Exited' ? 'Closed' : 'Opened';
  }

  get availability(): SessionAvailability {
    const { state } = this;
    if (state === 'Opened') return this.info.command === undefined ? 'Available' : 'Busy';
    return state === 'Disconnected' ? viewSession(this.info, this.connection.clientId).availability : 'None';
  }

  /** Output below it was delivered, here or elsewhere. */
  get delivered(): number {
    return Math.max(this.info.delivered, this.#channel.consumed);
  }

  /** What was typed and is not confirmed, while the link is down or after the session was lost; else nothing. */
  get unsentInput(): Uint8Array {
    return this.#channel.unsentInput;
  }

  /** Command lines that were entered at a prompt and that the shell has not taken; never, once the session is lost. */
  get unsentLines(): readonly string[] {
    return this.#commands.unconfirmed;
  }

  /** What is left to look on with when another client has taken the keyboard; once, for WatchedSession. */
  takeWatch(): { home: RemoteHome; tie: ChannelTie } | undefined {
    const tie = this.#watchTie;
    this.#watchTie = undefined;
    return tie && { home: this.#home, tie };
  }

  /**
   * Delivers the session's output to the view until hide(). A session that this client opened and has not used yet
   * is shown from its first byte, any other as its screen is now.
   * @returns where it begins, and how many bytes a snapshot stands for that nobody was shown
   * @throws RemotingError as the host answers, OperationStopped on abort
   */
  async show(view: SessionView, from?: ShowFrom, signal?: AbortSignal): Promise<Shown> {
    this.#mustBeOpened();
    const begin = from ?? (this.#pristine ? 'start' : 'snapshot');
    this.#pristine = false;
    const { session, ...shown } = await this.#channel.show(view, begin, signal);
    this.learn(session);
    return shown;
  }

  /** Stops delivering output; the session stays this client's. Nothing is handed to the view from the call on. */
  async hide(): Promise<void> {
    const info = await this.#channel.hide();
    if (info !== undefined) this.learn(info);
  }

  /** Resolves when the host has all keys sent so far, and those that nobody read came back; undefined if that is so. */
  inputSettled(): Promise<void> | undefined {
    return this.#channel.inputSettled();
  }

  /**
   * Undefined while input may be written; with settings.inputQueueBytes waiting for the host a source of more should pause
   * until this resolves, and look again: to `taken` when the host has some of it, `stalled` when it took none for long.
   */
  inputFull(): Promise<'taken' | 'stalled'> | undefined {
    return this.#channel.inputFull();
  }

  /** Sends keys, in this turn if there is a link: each byte once, kept until the host has it. Nothing when the session is over. */
  write(bytes: Uint8Array): void {
    if (this.state === 'Opened') this.#channel.write(bytes);
  }

  /**
   * Runs a command line in the session's shell; it is sent before this returns, if there is a link, else with the
   * next one. `accepted` and `ended` reject with a RemotingError when it was refused or its session is lost.
   * @param prompt what stands before it where it was typed, for who is shown the screen later; `shown` in its place
   * @param streams it runs apart from the terminal; what it writes comes as CommandLog reads it
   */
  run(text: string, prompt?: string, shown?: string, streams?: CommandStreams): Command {
    this.#pristine = false;
    const command = this.#commands.add(text, prompt !== undefined && shown === undefined);
    if (this.state !== 'Opened') this.#commands.lose(command, notOpen(this));
    if (command.answered) return command;
    // Before the shell's first prompt, and between a command's end and the next prompt, it waits for the prompt.
    const held = !this.info.ready && this.info.command === undefined;
    const by = { link: this.#home.link, channel: this.#channel, held, isReady: () => this.info.ready };
    sendCommand(command, by, { prompt, shown, streams });
    return command;
  }

  /** Says how large the terminal is now; while a change is on its way only the last one counts. */
  resize(columns: number, rows: number): void {
    if (this.state === 'Opened') this.size.report(columns, rows);
  }

  /** Stops the foreground program, as Ctrl-C does, without waiting behind typed input; output before its end is not shown. */
  async interrupt(): Promise<void> {
    this.#mustBeOpened();
    await this.#channel.interrupt();
  }

  /** Candidates of the shell's own completion at byte `point` of `line`. @throws RemotingError SessionBusy, ConnectionLost */
  async complete(line: string, point: number, signal?: AbortSignal): Promise<string[]> {
    const body = { channel: this.#channel.number, line, point };
    return (await this.#home.link.requestOnce('command.complete', body, signal)).candidates;
  }

  /** Leaves the session running on the host, held by nobody. @throws RemotingError IdleTimeoutOutOfRange, OperationStopped */
  async detach({ signal, ...limits }: DetachOptions = {}): Promise<SessionInfo> {
    const body = { ...this.#channel.asHeld(this.info.instanceId), ...limits };
    const reply = this.#home.link.request('session.detach', body, { signal });
    // Stopped here, it may have reached the host all the same.
    reply.catch(() => (signal?.aborted === true ? this.#findOut() : undefined));
    const { session } = await reply;
    this.#finish('Disconnected', session);
    return session;
  }

  /** Ends the session and everything that runs in it. */
  async stop(signal?: AbortSignal): Promise<void> {
    const reply = this.#home.link.request('session.stop', this.#channel.asHeld(this.info.instanceId), { signal });
    this.#finish('Closed', (await reply).session);
  }

  /** Turns a temporary session into an ordinary one, under a name if one is given. */
  async keep(name?: string, signal?: AbortSignal): Promise<void> {
    const body = { ...this.#channel.asHeld(this.info.instanceId), temporary: false, name };
    this.learn((await this.#home.link.request('session.update', body, { signal })).session);
  }

  /** Every event of the session, once and in order with the shown output. @returns a function that ends the listening */
  onEvent(listener: (event: SessionEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  /** Tells when the session is not Opened any more, and why. @returns a function that ends the listening */
  onState(listener: SessionStateListener): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  async #begin(reply: Promise<ReplyOf<'session.open'>>): Promise<RemoteSession> {
    try {
      const { session, attachment } = await reply;
      this.#info.update(session);
      this.#channel.attach(attachment);
      return this;
    } catch (error) {
      this.#channel.end();
      throw error;
    }
  }

  #mustBeOpened(): void {
    if (this.state !== 'Opened') throw notOpen(this);
  }

  /** The host said something anew. */
  learn(info: SessionInfo): void {
    if (this.#over === undefined) this.#info.update(info);
  }

  #onEvent(event: SessionEvent): void {
    this.#info.apply(event);
    if (event.type === 'session.ready' || event.type === 'command.ready') this.#channel.release();
    this.#commands.onEvent(event);
    for (const listener of this.#eventListeners) listener(event);
    const error = errorAfter(event, this.#channel.attachmentNumber);
    if (error !== undefined)
      this.#finish(event.type === 'session.exited' ? 'Closed' : 'Disconnected', undefined, error);
  }

  #onLost(error: RemotingError): void {
    if (error.id === 'AttachmentLost' && this.connection.linkState !== 'Closed') void this.#findOut(error);
    else this.#finish(stateAfter(error), undefined, error);
  }

  /** The host forgot the attachment, since the link was down for long, or let it go; the session itself may be alive. */
  async #findOut(error?: RemotingError): Promise<void> {
    const info = await listedSession(this.#home.link, this.info.instanceId);
    const isHeld = info !== undefined && viewSession(info, this.connection.clientId).state === 'Opened';
    if (error === undefined && (info === undefined || isHeld)) return;
    this.#finish(info === undefined ? 'Broken' : 'Disconnected', info, explainLoss(error, info));
  }

  #finish(over: EndState, info?: SessionInfo, error?: RemotingError): void {
    if (this.#over !== undefined) return;
    if (info !== undefined) this.#info.update(info);
    this.#over = over;
    if (error?.id === 'KeyboardNotHeld') this.#watchTie = this.#channel.handOver();
    else this.#channel.end();
    this.#commands.failAll(error ?? new RemotingError('SessionExited', `The session was ${over.toLowerCase()} here`));
    this.#home.onOver(this);
    const detail = { reason: error?.message ?? over, unsentInput: this.unsentInput, ...(error && { error }) };
    for (const listener of this.#stateListeners) listener(over, detail);
  }
}
