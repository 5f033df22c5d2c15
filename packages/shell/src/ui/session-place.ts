import { setTimeout as delay } from 'node:timers/promises';
import type { SessionEvent } from '@holdfast/protocol';
import type { Command } from '../client/command-table.ts';
import type { PSSession } from '../client/ps-session.ts';
import type { RemoteSession } from '../client/remote-session.ts';
import { PassThrough } from '../terminal/pass-through.ts';
import { LinkNotice } from './link-notice.ts';
import { PassingNotice } from './passing-notice.ts';
import { PlaceModes } from './place-modes.ts';
import { outputNotice } from './output-notice.ts';
import type { PlaceOptions } from './place-options.ts';
import { Readiness } from './readiness.ts';
import { SessionKeys } from './session-keys.ts';
import type { TurnEnd } from './turn-end.ts';

/**
 * Keys that were typed ahead reach a command after so many milliseconds: most have ended by then, and the keys are the
 * editor's without having been echoed again.
 */
const TYPED_AHEAD_MS = 100;

/** A session whose prompt is open here: its output on the screen, its commands' turns at the terminal. */
export class SessionPlace {
  readonly session: PSSession;
  readonly remote: RemoteSession;
  readonly local: boolean;
  temporary: boolean;
  /** Jobs that run or are stopped in the shell, as of the last command's end. */
  jobs = 0;
  warnedOfJobs = false;
  lastStatus = 0;
  overReason = 'The session is over';
  /** Called before output that comes while no turn has the terminal; it may begin one. */
  onBareOutput: (() => void) | undefined;
  readonly #options: PlaceOptions<SessionPlace>;
  readonly #over = new AbortController();
  readonly #unsubscribe: (() => void)[] = [];
  #pass: PassThrough | undefined;
  readonly #modes = new PlaceModes();
  #menuOpen = false;
  #linkNotice: LinkNotice | undefined;
  readonly #notice: PassingNotice;
  /** A snapshot erases the screen; what stands there now goes into the scrollback first. */
  #keepScreen = true;
  #endTurn: ((end: TurnEnd) => void) | undefined;
  readonly readiness = new Readiness();
  /** Keys that nobody read, until all of them are back. */
  #typeahead: Buffer[] = [];
  #isOpen = false;
  #wasOpen = false;

  constructor(options: PlaceOptions<SessionPlace>) {
    this.#options = options;
    this.session = options.session;
    this.remote = options.remote;
    this.local = options.local;
    this.temporary = options.temporary;
    const { noticeMs } = this.remote.connection.settings;
    this.#notice = new PassingNotice(noticeMs, (text, before) => this.#showNotice(text, before));
  }

  /** Aborted when the session is not open here any more. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Its output goes to this screen. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The shell is at its prompt and takes a line. */
  get ready(): boolean {
    return this.readiness.is;
  }

  /** Shows the session here: its screen first, if it has one. @throws RemotingError as the host answers, OperationStopped */
  async open(signal?: AbortSignal): Promise<{ notShown: number }> {
    const { info } = this.remote;
    const from = this.#wasOpen && !this.#modes.wasReset ? 'here' : undefined;
    this.#isOpen = true;
    this.#wasOpen = true;
    this.readiness.set(info.ready && info.command === undefined && info.driver === 'bash');
    this.#listen();
    const shown = await this.#show(from, signal);
    if (this.ready) this.#modes.putBack(this.#options.screen);
    return shown;
  }

  #show(from: 'here' | 'snapshot' | undefined, signal?: AbortSignal): Promise<{ notShown: number }> {
    const { columns, rows } = this.#options.screen;
    const view = {
      columns,
      rows,
      skipEcho: true,
      isTerminal: true,
      stays: !this.local,
      onOutput: (bytes: Buffer, done: () => void) => this.#output(bytes, done),
      onSnapshot: (bytes: Buffer) => this.#restoreScreen(bytes),
      onEvent: () => {},
      onSkipped: () => this.#pass?.outputSkipped(),
    };
    return this.remote.show(view, from, signal);
  }

  /** Nothing of the session is shown any more; it goes on. */
  close(): void {
    this.#notice.hush();
    this.#isOpen = false;
    this.#modes.putBack(this.#options.screen);
    if (!this.local) this.#modes.restoreTitle(this.#options.terminal);
    for (const stop of this.#unsubscribe.splice(0)) stop();
    this.#options.screen.setStatus(undefined);
    // A hung link must not keep anybody here; the host hears of it when it is back.
    if (this.remote.state === 'Opened') this.remote.hide().catch(() => undefined);
  }

  /** Sends a line before it returns, which others see as `shown`. `turn` gives the terminal to it, once the prompt is away. */
  run(text: string, prompt: string, shown?: string): { ended: Command['ended']; turn: () => Promise<TurnEnd> } {
    this.readiness.set(false);
    this.warnedOfJobs = false;
    const { accepted, ended } = this.remote.run(text, prompt, shown);
    accepted.catch(() => this.readiness.set(this.remote.info.ready));
    const turn = (): Promise<TurnEnd> => {
      accepted.catch((error: unknown) => this.#refused(error));
      return this.follow({ textBelow: false });
    };
    return { ended, turn };
  }

  /** Gives the terminal to what runs in the session, until the shell is ready again or the place is left. */
  async follow(options: { keysAfterMs?: number | undefined; textBelow?: boolean } = {}): Promise<TurnEnd> {
    const { terminal, escapeKey, onMenu } = this.#options;
    const { ComputerName } = this.session;
    const turnOver = new AbortController();
    const pass = new PassThrough({
      terminal,
      escapeKey,
      textBelow: options.textBelow ?? true,
      program: new SessionKeys(this, (isPending) => (isPending ? this.#linkNotice?.pending() : this.#notice.seen())),
      modes: this.#modes.tracker,
      onRefusing: (refusing) =>
        this.#notice.toggle(
          `${ComputerName} takes no input: what is typed now is lost, but for Ctrl-C and ${escapeKey.label}`,
          refusing,
        ),
      onEscape: () => {
        this.#menuOpen = true;
        onMenu(this, pass, turnOver.signal);
      },
    });
    this.#pass = pass;
    const turn = Promise.withResolvers<TurnEnd>();
    this.#endTurn = turn.resolve;
    if (this.signal.aborted) turn.resolve({ kind: 'over', reason: this.overReason });
    if (this.ready) turn.resolve({ kind: 'ready' });
    // A shell that is starting reads nothing yet; if it takes long, something in it may be asking.
    const keysAfterMs = options.keysAfterMs ?? (terminal.waiting ? TYPED_AHEAD_MS : 0);
    const timer = keysAfterMs > 0 ? setTimeout(() => pass.begin(), keysAfterMs) : undefined;
    if (timer === undefined) pass.begin();
    if (this.#notice.text !== undefined) pass.status(this.#notice.text);
    const end = await turn.promise;
    clearTimeout(timer);
    // Without a reason an error with a stack would be made for it.
    turnOver.abort('The turn is over');
    this.#menuOpen = false;
    this.#pass = undefined;
    this.#endTurn = undefined;
    this.#notice.hush();
    this.#modes.endTurn(pass, end.kind === 'left');
    return end;
  }

  /** Ends the turn from outside: the person leaves. */
  leave(how: 'leave' | 'disconnect'): void {
    this.#endTurn?.({ kind: 'left', how });
  }

  /** Takes the terminal from the program at once: this process ends. */
  release(): void {
    if (this.#pass !== undefined) this.#modes.endTurn(this.#pass, true);
    this.#pass = undefined;
    this.#modes.putBack(this.#options.screen);
  }

  /** Says something for a moment, without a place in the output; at a prompt `lasting` stands above it instead, for good. */
  say(text: string, lasting = ''): void {
    return lasting !== '' && this.#pass === undefined ? this.#options.screen.print(lasting) : this.#notice.say(text);
  }

  /** The local menu is closed and the program goes on. */
  menuClosed(pass: PassThrough): void {
    this.#menuOpen = false;
    if (this.#pass !== pass) return;
    pass.status(this.#notice.text, true);
    pass.releaseOutput();
    pass.begin();
  }

  interrupt(): void {
    // Without a link it waits for one; a session that is over has its own notice.
    this.remote.interrupt().catch(() => undefined);
  }

  resized(columns: number, rows: number): void {
    if (this.remote.state === 'Opened') this.remote.resize(columns, rows);
  }

  #listen(): void {
    const { remote } = this;
    const columns = (): number => this.#options.screen.columns;
    const notice = new LinkNotice(remote, columns, (text) => this.#notice.set(text));
    this.#linkNotice = notice;
    this.#unsubscribe.push(() => notice.dispose());
    // Not from the view, which may have to wait for the hide before it and misses what comes meanwhile.
    this.#unsubscribe.push(remote.onEvent((event) => this.#onEvent(event)));
    this.#unsubscribe.push(remote.onState((_state, { reason }) => this.#finish(reason)));
    if (remote.state !== 'Opened') this.#finish('The session is over');
  }

  /** A program's own screen is asked for anew when the line that covered a part of it goes. */
  #showNotice(text: string | undefined, before: string | undefined): void {
    const pass = this.#pass;
    this.#options.screen.setStatus(text);
    if (pass === undefined || this.#menuOpen) return;
    const uncovered = before !== undefined && text === undefined && pass.hasStatus && pass.drawsScreen;
    pass.status(text);
    if (uncovered && this.remote.state === 'Opened') this.#show('snapshot').catch(() => undefined);
  }

  #restoreScreen(bytes: Buffer): void {
    const { rows } = this.#options.screen;
    // From the line that the cursor stands on, which is the last: below it there is nothing to be kept.
    if (this.#keepScreen) this.#output(Buffer.from('\n'.repeat(rows - 1)), () => {});
    this.#keepScreen = false;
    this.#output(bytes, () => {});
  }

  #output(bytes: Buffer, done: () => void): void {
    if (!this.local) this.remote.echo.noteActivity();
    if (this.#pass === undefined) this.onBareOutput?.();
    if (this.#pass === undefined) this.#modes.print(this.#options.screen, bytes, done);
    else this.#pass.output(bytes, done);
  }

  /** A line between the output; a program's own screen is not written into. */
  #print(text: string | undefined): void {
    if (text !== undefined && this.#pass?.fullScreen === true) this.say(text);
    else if (text !== undefined) this.#output(Buffer.from(`${text.replaceAll('\n', '\r\n')}\r\n`), () => {});
  }

  #onEvent(event: SessionEvent): void {
    switch (event.type) {
      case 'command.ended':
      case 'session.exited':
        this.lastStatus = event.status;
        if (event.type === 'command.ended') this.jobs = event.jobs;
        return;
      case 'command.ready':
        this.#typeahead.push(Buffer.from(event.typeahead));
        return this.#becomeReady();
      case 'session.ready':
        if (event.driver === 'bash') this.#becomeReady();
        return;
      default:
        return this.#print(outputNotice(event, this.remote));
    }
  }

  /** Keys that are on their way to a shell that takes none come back, and belong before those that are typed next. */
  #becomeReady(): void {
    const settled = this.remote.inputSettled();
    if (settled === undefined) return this.#settle();
    this.#pass?.holdKeys();
    void Promise.race([settled, delay(this.remote.connection.settings.keysSettleMs)]).then(() => this.#settle());
  }

  #settle(): void {
    const typeahead = Buffer.concat(this.#typeahead.splice(0));
    if (typeahead.length > 0) this.#options.onTypeahead(typeahead);
    if (this.signal.aborted || this.remote.info.command !== undefined) return;
    this.readiness.set(true);
    this.#endTurn?.({ kind: 'ready' });
  }

  #refused(error: unknown): void {
    if (this.remote.state !== 'Opened') return;
    this.#print(error instanceof Error ? error.message : String(error));
    this.#endTurn?.({ kind: 'ready' });
  }

  #finish(reason: string): void {
    if (this.signal.aborted) return;
    this.overReason = reason;
    this.readiness.end();
    this.#over.abort();
    this.#endTurn?.({ kind: 'over', reason });
  }
}
