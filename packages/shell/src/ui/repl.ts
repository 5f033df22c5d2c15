import { History } from '../editing/history.ts';
import { promptText } from '../client/prompt-text.ts';
import type { Remoting } from '../client/remoting.ts';
import { Runspace } from '../runtime/runspace.ts';
import { EscapeKey } from '../terminal/escape-key.ts';
import type { RawTerminal } from '../terminal/raw-terminal.ts';
import { Completer } from '../completion/completer.ts';
import { BusyWork } from './busy-work.ts';
import { DoorWait } from './door-wait.ts';
import { changesPrompt, EnteredInput } from './entered-input.ts';
import { exitOf } from './exit-line.ts';
import { openLocalPlace } from './open-local-place.ts';
import { sayGoodbye } from './goodbye.ts';
import { InkHost } from './ink-host.ts';
import { type InputPart, TypedText } from './input-part.ts';
import { KeyInput } from './key-input.ts';
import { LineReader, type LineResult } from './line-reader.ts';
import { LocalShell } from './local-shell.ts';
import { LocalMenu } from './local-menu.ts';
import { PlaceStack } from './place-stack.ts';
import { PromptScreen } from './prompt-screen.ts';
import type { ReplOptions } from './repl-options.ts';
import type { SessionPlace } from './session-place.ts';
import { ShellNames } from './shell-names.ts';
import type { TurnEnd } from './turn-end.ts';
import { completeLine } from './complete-line.ts';
import { untilKilled } from './until-killed.ts';
import { Watching } from './watching.ts';

/** Status of what Ctrl-C ended: 128 + SIGINT. */
const STOPPED = 130;

/** The loop of the prompt. */
export class Repl {
  readonly #options: ReplOptions;
  readonly #terminal: RawTerminal;
  readonly #screen: PromptScreen;
  readonly #reader: LineReader;
  readonly #history: History;
  readonly #host: InkHost;
  readonly #remoting: Remoting;
  readonly #places: PlaceStack;
  readonly #menu: LocalMenu;
  readonly #shell: LocalShell;
  readonly #runspace: Runspace;
  readonly #busy: BusyWork;
  readonly #entered: EnteredInput;
  readonly #names: ShellNames;
  readonly #end = new AbortController();
  /** Ctrl-C ended the wait for the host of the session that was left last. */
  #gaveUp = false;
  #status: number | undefined;
  /** Prompts within questions. */
  #depth = 0;

  constructor(options: ReplOptions, terminal: RawTerminal, renderer: ConstructorParameters<typeof PromptScreen>[1]) {
    this.#options = options;
    this.#terminal = terminal;
    const escapeKey = new EscapeKey(options.settings.escapeKey);
    const screen = new PromptScreen(terminal, renderer);
    const keys = new KeyInput(terminal);
    this.#screen = screen;
    const { historyFile: file } = options.settings;
    this.#history = new History({
      file,
      onError: ({ message }) => screen.print(`The history is not kept: ${message}\n`),
    });
    this.#reader = new LineReader({ screen, keys, history: this.#history, menuKey: escapeKey.keyName });
    this.#busy = new BusyWork(terminal, this.#end.signal);
    const parts = { screen, keys, terminal, escapeKey };
    this.#host = new InkHost({
      ...parts,
      sessionPrompt: options.settings.sessionPrompt,
      history: this.#history,
      entered: () => this.#places.entered,
      enter: (session, { temporary }) => this.#places.enter(session, temporary),
      leave: () => this.#places.leaveEntered(this.#busy.signal),
      watch: (session, watched) => this.#busy.paused(() => this.#places.watch(session, watched)),
      beforeLoan: () => this.#busy.keys.end(),
      afterQuestion: this.#busy.goOn,
      interrupt: this.#busy.stop,
      suspend: () => this.#suspend(),
    });
    this.#remoting = options.createRemoting(this.#host);
    this.#menu = new LocalMenu({ ...parts, renderer });
    const watching = new Watching({ ...parts, renderer });
    this.#places = new PlaceStack({ ...parts, watching, menu: this.#menu, remoting: this.#remoting });
    this.#shell = new LocalShell({ place: () => this.#places.local, busy: this.#busy });
    this.#runspace = new Runspace({ remoting: this.#remoting, host: this.#host, nativeShell: this.#shell });
    this.#names = new ShellNames({ shell: this.#shell, commands: this.#runspace.commands });
    this.#entered = new EnteredInput(this.#runspace, this.#names);
  }

  async run(): Promise<number> {
    const stopListening = this.#terminal.onResize((columns, rows) => this.#resized(columns, rows));
    const killed = untilKilled(this.#terminal);
    try {
      return await Promise.race([this.#talk(), killed.status]);
    } finally {
      killed.dispose();
      stopListening();
      this.#end.abort();
      this.#places.release();
      this.#screen.hide();
      this.#shell[Symbol.dispose]();
    }
  }

  async #talk(): Promise<number> {
    await this.#begin();
    while (this.#status === undefined) {
      const place = this.#places.top;
      if (place === undefined) break;
      await this.#turn(place);
      // Ended from outside: no line is read any more, and no goodbye said.
      if (this.#end.signal.aborted) return this.#places.lastStatus;
    }
    this.#screen.hide();
    this.#dropEntered();
    await this.#busy.run((signal) =>
      sayGoodbye({
        remoting: this.#remoting,
        places: this.#places,
        print: (text) => this.#screen.print(text),
        // Who did not wait for the host of the only session does not wait for it again.
        signal: this.#gaveUp && this.#places.local === undefined ? AbortSignal.abort() : signal,
      }),
    );
    return this.#status ?? this.#places.lastStatus;
  }

  async #begin(): Promise<void> {
    const { enter, version } = this.#options;
    if (enter === undefined) return openLocalPlace(this.#places, this.#screen, version);
    await this.#busy.run(async (signal) => {
      const entered = await enter(this.#remoting, this.#host, signal);
      if (entered !== undefined) await this.#places.enter(entered.session, entered.temporary);
    });
  }

  /** Within a question that was answered with Suspend: lines run while the pipeline waits, until `exit`. */
  async #suspend(): Promise<void> {
    const entered = this.#entered.take();
    const depth = ++this.#depth;
    await this.#busy.paused(async () => {
      const goesOn = (): boolean => this.#depth === depth && this.#status === undefined && !this.#end.signal.aborted;
      for (let place = this.#places.top; place !== undefined && goesOn(); place = this.#places.top)
        await this.#turn(place);
    });
    this.#depth = depth - 1;
    this.#entered.put(entered);
  }

  /** One command's turn or one statement. */
  async #turn(place: SessionPlace): Promise<void> {
    if (!place.isOpen && !(await this.#show(place))) return this.#dropEntered();
    if (place.signal.aborted) {
      await this.#places.lost(place, this.#entered.take());
      return place.local ? this.#names.forget() : undefined;
    }
    if (!place.ready) {
      const { startKeysMs } = place.remote.connection.settings;
      return this.#afterTurn(place, await place.follow({ keysAfterMs: place.local ? startKeysMs : undefined }));
    }
    const next = await this.#entered.next(place);
    if (next !== undefined) return this.#statement(place, next);
    const typed = new TypedText(this.#runspace);
    let result = await this.#read(place, typed);
    while (result.kind === 'menu') {
      const how = await this.#menu.atPrompt(place);
      if (how !== undefined) return this.#leaveRunning(place, how);
      result = await this.#read(place, typed, true);
    }
    if (result.kind === 'line') return this.#enter(place, result.text, typed);
    if (result.kind === 'end') return this.#leave(place, 'exit');
    this.#screen.hide(result.shown);
  }

  #read(place: SessionPlace, typed: TypedText, goOn = false): Promise<LineResult> {
    const completer = new Completer(this.#runspace, place.remote);
    const line = this.#reader.read({
      prompt: this.#prompt(place),
      isIncomplete: (text) => typed.isIncomplete(text),
      tokens: (text) => typed.tokens(text),
      complete: (editor) => completeLine(editor, { completer, screen: this.#screen, typed, signal: place.signal }),
      goOn,
      signal: AbortSignal.any([place.signal, this.#end.signal]),
    });
    if (place.local) this.#names.ask(place.lastStatus);
    return line;
  }

  /** Ctrl-C gives up an entered session that does not come; what is typed to one that is not there goes to nobody. */
  async #show(place: SessionPlace): Promise<boolean> {
    if (place.local) return this.#places.show(place);
    const { connection } = place.remote;
    return this.#busy.run(async (signal) => {
      using wait = new DoorWait(connection, (text) => this.#screen.print(text), 'goes back');
      const shown = await this.#places.show(place, signal);
      const isBlind = !signal.aborted && (wait.told || !shown);
      if (isBlind && this.#busy.keys.forget() && shown)
        place.say(`What was typed while ${connection.computerName} did not answer was not sent`);
      return shown;
    });
  }

  #prompt(place: SessionPlace): string {
    const { sessionPrompt, localPrompt } = this.#options.settings;
    const { ComputerName, info } = place.session;
    return promptText(place.local ? localPrompt : sessionPrompt, ComputerName, info, this.#depth);
  }

  /** Runs the first statement of an input; the others have the turns that follow. */
  async #enter(place: SessionPlace, input: string, typed: TypedText): Promise<void> {
    const first = ((await this.#names.settled()) ? new TypedText(this.#runspace) : typed).first(input);
    this.#entered.put(input.slice(first.to));
    return this.#statement(place, first, () => this.#history.add(input));
  }

  async #statement(place: SessionPlace, { text, isOurs }: InputPart, remember = (): void => {}): Promise<void> {
    const exit = exitOf(text.trim(), place.local);
    const isNothing = text.trim() === '';
    if (!isNothing && exit === undefined && !isOurs) return this.#runShells(place, text, remember);
    const tokens = isOurs ? this.#runspace.tokens(text) : [];
    this.#screen.hide(LineReader.committed(this.#prompt(place), text, tokens));
    remember();
    if (exit !== undefined) await this.#leave(place, undefined, exit.status);
    else if (!isNothing) await this.#runOurs(text);
    // What was meant for another prompt is not run at this one.
    const isMeantToGo = exit !== undefined || changesPrompt(text, this.#runspace);
    const isOver = this.#runspace.lastStatus === STOPPED || isMeantToGo;
    if (isOver && this.#places.top === place) this.#dropEntered();
  }

  async #runOurs(text: string): Promise<void> {
    await this.#busy.run((signal) => this.#runspace.run(text, signal));
    this.#names.ran(text);
    this.#status = this.#runspace.exitStatus;
  }

  async #runShells(place: SessionPlace, text: string, remember: () => void): Promise<void> {
    // Sent first, drawn and kept after: the shell works meanwhile.
    const prompt = this.#prompt(place);
    const { turn } = place.run(text, prompt);
    this.#screen.hide(LineReader.committed(prompt, text));
    const end = turn();
    remember();
    await this.#afterTurn(place, await end);
    this.#runspace.exitCode = place.lastStatus;
    this.#shell.changed();
    if (place.local) this.#names.ran(text);
    if (place.lastStatus === STOPPED) this.#dropEntered();
  }

  async #afterTurn(place: SessionPlace, end: TurnEnd): Promise<void> {
    if (end.kind !== 'left') return;
    await this.#leaveRunning(place, end.how);
    this.#dropEntered();
  }

  /** What is left of an input does not run, and that is said. */
  #dropEntered(): void {
    this.#screen.print(this.#entered.drop());
  }

  /** @param echo what to leave on the screen for a key that has no text */
  async #leave(place: SessionPlace, echo?: string, status?: string): Promise<void> {
    if (echo !== undefined) this.#screen.hide(LineReader.committed(this.#prompt(place), echo));
    if (this.#depth > 0) {
      this.#depth -= 1;
      return;
    }
    if (status !== undefined) place.lastStatus = Number(status) & 0xff;
    if (!place.local) return this.#goOut(place, (signal) => this.#places.leave(place, signal));
    this.#status = place.lastStatus;
  }

  #leaveRunning(place: SessionPlace, how: 'leave' | 'disconnect'): Promise<void> {
    return this.#goOut(place, (signal) => this.#places.leaveRunning(place, how, signal));
  }

  /** A host that does not answer keeps nobody: Ctrl-C ends the wait for it. */
  async #goOut({ remote }: SessionPlace, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    using _ = new DoorWait(remote.connection, (text) => this.#screen.print(text), 'ends the wait');
    await this.#busy.run(async (signal) => {
      await work(signal);
      this.#gaveUp = signal.aborted;
    });
  }

  #resized(columns: number, rows: number): void {
    this.#screen.resized();
    this.#reader.draw();
    this.#places.resized(columns, rows);
  }
}
