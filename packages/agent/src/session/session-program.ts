import { RemotingError, type CommandStreams, type RunningCommand, type SessionInfo } from '@holdfast/protocol';
import type { Driver, DriverListeners } from '../drivers/driver.ts';
import type { PtyExit } from '../terminal/pty.ts';
import { Screen } from '../terminal/screen.ts';
import { ApartCommands } from './apart-commands.ts';
import { AskWatch } from './ask-watch.ts';
import { commandEcho, commandEndMark } from './command-echo.ts';
import { CommandLedger } from './command-ledger.ts';
import { guard } from './guard.ts';
import type { HostSettings } from './host-settings.ts';
import type { OutputLog } from './output-log.ts';
import type { ProgramListeners, ProgramOptions, RunOptions } from './program-options.ts';
import { Questions } from './questions.ts';
import { SessionEvents, type SessionEventBody } from './session-events.ts';
import { SessionOutput } from './session-output.ts';
import { startDriver } from './start-driver.ts';
import { terminate } from './terminate.ts';

/** A command's echo waits so long for its first output, and its end for the prompt: one write, out of the output's way. */
const COMMAND_NEWS_MS = 2;

/** The program of a session on its terminal: its output log, its screen, its events and the commands that run in it. */
export class SessionProgram {
  readonly events = new SessionEvents();
  /** Its terminal, for who asks how it is set. */
  readonly slavePath: string;
  /** Who answers what is asked of the terminal. */
  readonly questions: Questions;
  readonly #settings: HostSettings;
  readonly #listeners: ProgramListeners;
  readonly screen: Screen;
  readonly #driver: Driver;
  readonly #output: SessionOutput;
  readonly #apart: ApartCommands;
  readonly #commands = new CommandLedger();
  readonly #exited = Promise.withResolvers<void>();
  /** An error in what is done with this program ends this program only. */
  readonly #guarded = guard((error) => this.fail(error));
  #cwd: string;
  #size: { columns: number; rows: number };
  #isReady = false;
  #jobs = 0;
  #exit: PtyExit | undefined;

  /** @throws RemotingError ProgramNotStarted */
  constructor(options: ProgramOptions, listeners: ProgramListeners) {
    this.#settings = options.settings;
    this.#listeners = listeners;
    this.#cwd = options.cwd;
    this.#size = { columns: options.columns, rows: options.rows };
    this.#output = new SessionOutput(options, {
      events: this.events,
      onNews: () => listeners.onNews(),
      backlogBytes: listeners.backlogBytes,
      sources: () => (this.#exit === undefined ? [this.#driver.pty, this.#apart] : []),
      onUnrecorded: () => void this.stop(),
    });
    this.screen = new Screen(options.columns, options.rows, { onChanged: listeners.onScreen });
    this.#apart = new ApartCommands({
      pipes: options.pipes,
      folder: options.folders.drivers,
      append: this.#guarded((bytes) => this.#append(bytes)),
      asks: new AskWatch({
        pty: () => this.#driver.pty,
        settings: options.settings,
        onAsked: this.#guarded((text) => {
          const commandId = this.#commands.ask(text);
          if (commandId !== undefined) this.emit({ type: 'command.asked', at: this.output.end, commandId, text });
        }),
      }),
    });
    this.#driver = startDriver(options.configuration, {
      ...options,
      ...options.settings,
      folder: options.folders.drivers,
      listeners: this.#driverListeners(),
      onWritten: this.#guarded(() => this.#settleInput()),
    });
    this.slavePath = this.#driver.pty.slavePath;
    this.questions = new Questions(this.screen, (reply) => {
      if (this.#exit === undefined && !this.isReady) this.#driver.write(reply);
    });
  }

  get output(): OutputLog {
    return this.#output.log;
  }

  /** What its output is kept in. */
  get kept(): Pick<SessionInfo, 'diskProblem' | 'recording'> {
    return this.#output.info;
  }

  get driver(): 'bash' | 'raw' {
    return this.#driver.name;
  }

  get cwd(): string {
    return this.#cwd;
  }

  get size(): { columns: number; rows: number } {
    return this.#size;
  }

  get exit(): PtyExit | undefined {
    return this.#exit;
  }

  get command(): RunningCommand | undefined {
    return this.#commands.running;
  }

  /** It takes a command now. */
  get isReady(): boolean {
    return this.#exit === undefined && this.#isReady && this.#driver.idle;
  }

  /** Whether nothing is lost when the session closes: a shell without a command and without jobs. */
  get isIdle(): boolean {
    return this.#driver.name === 'bash' && this.#commands.running === undefined && this.#jobs === 0;
  }

  get mode(): 'Drop' | 'Block' {
    return this.#output.mode;
  }

  set mode(mode: 'Drop' | 'Block') {
    this.#output.mode = mode;
  }

  /** Tells every attachment, or `only` that one. */
  emit(body: SessionEventBody, only?: string): void {
    this.events.add(body, only);
    this.#listeners.onNews();
  }

  /** Whether a command was accepted under this id. */
  hasAccepted(commandId: string): boolean {
    return this.#commands.has(commandId);
  }

  /**
   * Runs a command line; one that was accepted before is not run again. The log shows it, or `on.shown`, behind `on.prompt`.
   * @throws RemotingError SessionBusy, CommandNotText, CommandTooLong, ProgramNotStarted or SessionExited
   */
  run(commandId: string, text: string, on: RunOptions = {}): void {
    if (this.#commands.has(commandId)) return;
    this.#assertRunning();
    this.#give(commandId, text, on.streams);
    const { text: shownText } = this.#commands.start(commandId, on.shown ?? text);
    const echo = commandEcho(this.#cwd, on.shown ?? text, on.prompt);
    const at = this.output.end;
    this.events.add({ type: 'command.started', at, commandId, text: shownText, echoTo: at + echo.length });
    if (echo.length > 0) this.#output.recording?.mark(shownText);
    this.#append(Buffer.concat([echo, this.#apart.begin()]), COMMAND_NEWS_MS);
  }

  /** @throws RemotingError SessionBusy or SessionExited */
  complete(line: string, point: number, signal?: AbortSignal): Promise<string[]> {
    this.#assertRunning();
    return this.#driver.complete(line, point, signal);
  }

  /** Gives keys to the program; at the shell's prompt nobody reads them, and they come back by command.ready. */
  type(bytes: Buffer, by?: string): void {
    const typed = this.screen.typed(bytes);
    if (this.#takesInput && typed.length > 0) this.#driver.write(typed, by);
    if (this.#commands.ask(undefined) !== undefined) this.#apart.typed();
    this.#settleInput();
  }

  /** Forgets what `by` typed and was not written yet, and says how many bytes that was. */
  readonly dropTyped = (by: string): number => this.#driver.pty.dropQueued(by);

  /** What Ctrl-C means, past all queues: input not yet written is dropped, and output up to `skipTo` need not be shown. */
  interrupt(): { skipTo: number; inputDropped: number } {
    const { pty } = this.#driver;
    const inputDropped = pty.dropQueued();
    this.questions.interrupted();
    if (!this.isReady && this.#exit === undefined) pty.interrupt();
    this.#output.readOn();
    this.#settleInput();
    return { skipTo: this.output.end, inputDropped };
  }

  resize(columns: number, rows: number): void {
    if (this.#exit !== undefined || (columns === this.#size.columns && rows === this.#size.rows)) return;
    this.#size = { columns, rows };
    this.#driver.pty.resize(columns, rows);
    this.screen.resize(columns, rows);
    this.#output.recording?.resize(columns, rows);
    this.emit({ type: 'session.resized', at: this.output.end, columns, rows });
  }

  /** Reads the terminal or not, as the pace of who looks and the output policy say. */
  pace(): void {
    this.#output.pace();
  }

  /** Ends the program and waits for its end. */
  async stop(): Promise<void> {
    if (this.#exit !== undefined) return;
    const kill = (signal: NodeJS.Signals): void => {
      this.#driver.pty.kill(signal);
      // The end of a program shows behind its last output only; orphans that it leaves may add to that.
      this.#output.readOn(signal === 'SIGKILL' ? Infinity : undefined);
    };
    await terminate(kill, this.#exited.promise, this.#settings);
  }

  /** Ends the program on the spot after an error of ours. */
  fail(error: unknown): void {
    if (this.#exit !== undefined) return;
    this.#listeners.onFailed(error);
    this.#driver.pty.kill('SIGKILL');
    this.#driver.dispose();
    this.#onExit({ status: 128 + 9, signal: 9 });
  }

  dispose(): void {
    this.#driver.dispose();
    this.screen.dispose();
    this.output.dispose();
  }

  #driverListeners(): DriverListeners {
    return {
      onOutput: this.#guarded((bytes) => this.#append(this.#apart.fromTerminal(bytes))),
      onStarted: this.#guarded(() => this.#apart.started()),
      onReady: this.#guarded((at) => this.#onReady(at)),
      onEnded: this.#guarded((end) => this.#onEnded(end)),
      onExit: this.#guarded((exit) => this.#onExit(exit)),
    };
  }

  #give(commandId: string, text: string, streams: CommandStreams | undefined): void {
    // Whoever refuses it is the driver; a command that runs keeps its streams.
    const redirection = streams && this.#driver.idle ? this.#apart.prepare(commandId, streams) : undefined;
    try {
      this.#driver.run(commandId, text, redirection);
    } catch (error) {
      if (redirection !== undefined) this.#apart.end();
      throw error;
    }
  }

  #append(bytes: Buffer, withinMs?: number): void {
    if (!this.#output.append(bytes)) return;
    this.#listeners.onNews(withinMs);
    this.screen.write(bytes, this.output.end);
    this.pace();
  }

  #onReady(at: Parameters<DriverListeners['onReady']>[0]): void {
    const isFirst = !this.#isReady;
    this.#isReady = at.driver === 'bash';
    this.#cwd = at.cwd;
    this.#jobs = at.jobs;
    if (isFirst) this.emit({ type: 'session.ready', at: this.output.end, driver: at.driver, cwd: at.cwd });
    if (isFirst && at.typeahead.length === 0) return;
    const typeahead = at.typeahead.toString('utf8');
    this.emit({ type: 'command.ready', at: this.output.end, commandId: this.#commands.last, typeahead });
  }

  #onEnded(end: Parameters<DriverListeners['onEnded']>[0]): void {
    this.#cwd = end.cwd;
    this.#jobs = end.jobs;
    this.#apart.end();
    const durationMs = this.#commands.end();
    this.events.add({ type: 'command.ended', at: this.output.end, ...end, durationMs });
    this.#append(commandEndMark(end.status), COMMAND_NEWS_MS);
  }

  #onExit(exit: PtyExit): void {
    if (this.#exit !== undefined) return;
    this.#apart.close();
    this.#exit = exit;
    if (this.#commands.running !== undefined) this.#commands.end();
    this.#output.recording?.end();
    this.emit({ type: 'session.exited', at: this.output.end, ...exit, reason: this.#output.stopReason });
    this.#exited.resolve();
    this.#settleInput();
    this.#listeners.onExited();
  }

  #settleInput(): void {
    this.#listeners.onInputWritten(this.#exit === undefined ? this.#driver.pty.queuedBytes : 0);
  }

  /** A session that is being stopped for want of a recording does nothing more unseen. */
  get #takesInput(): boolean {
    return this.#exit === undefined && this.#output.stopReason === undefined;
  }

  #assertRunning(): void {
    if (!this.#takesInput) throw new RemotingError('SessionExited', this.#output.endLine);
  }
}
