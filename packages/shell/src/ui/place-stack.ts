import { diskLine } from '../client/disk-line.ts';
import { recordingLine } from '../client/recording-line.ts';
import { WatchedSession } from '../client/watched-session.ts';
import { PSSession } from '../client/ps-session.ts';
import type { RemoteSession } from '../client/remote-session.ts';
import type { Remoting } from '../client/remoting.ts';
import { messageLine } from '../client/session-message.ts';
import { quoteWord } from '../client/shell-words.ts';
import { discardKeys } from '../terminal/discard-keys.ts';
import type { EscapeKey } from '../terminal/escape-key.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { KeyInput } from './key-input.ts';
import type { LocalMenu } from './local-menu.ts';
import type { PromptScreen } from './prompt-screen.ts';
import { formatDuration } from './duration.ts';
import { lostLines, pendingLine } from './pending-line.ts';
import { AttendanceLines, typistOf } from './attendance-lines.ts';
import { SessionPlace } from './session-place.ts';
import type { Watching } from './watching.ts';

export type PlaceStackParts = {
  terminal: Terminal;
  screen: PromptScreen;
  keys: KeyInput;
  escapeKey: EscapeKey;
  menu: LocalMenu;
  watching: Watching;
  remoting: Remoting;
};

/** Status of a prompt that Ctrl-C gave up before it was there. */
const STOPPED = 130;

/** Status of a prompt whose session was taken or lost, as ssh's of a lost connection. */
const SESSION_LOST = 255;

/** The sessions whose prompts are open, the innermost last: the local one, and the one that was entered. */
export class PlaceStack {
  readonly #parts: PlaceStackParts;
  #places: SessionPlace[] = [];
  /** Status of the last command in a place that was left. */
  lastStatus = 0;

  constructor(parts: PlaceStackParts) {
    this.#parts = parts;
    // Wherever the person is: what is to be known of any session of this client is for them.
    parts.remoting.onNotice(({ line, lost }) => {
      if (lost === undefined) return this.#say(line);
      const saysItself = this.#places.some(({ remote }) => remote === lost);
      if (!saysItself) this.#sayLost(line, lost);
    });
  }

  get top(): SessionPlace | undefined {
    return this.#places.at(-1);
  }

  get local(): SessionPlace | undefined {
    return this.#places.find((place) => place.local);
  }

  get entered(): PSSession | undefined {
    const { top } = this;
    return top?.local === false ? top.session : undefined;
  }

  /** Opens this shell's own session, with its whole environment and folder. @throws RemotingError */
  async openLocal(): Promise<void> {
    const { remoting, screen } = this.#parts;
    const { columns, rows } = screen;
    const connection = await remoting.connection('localhost');
    const remote = await connection.openSession({
      name: 'local',
      columns,
      rows,
      temporary: true,
      cwd: process.cwd(),
      environment: wholeEnvironment(),
    });
    // It is nobody's business but this shell's, so it takes no number.
    const origin = { computerName: connection.computerName, clientId: remoting.clientId, nextId: () => 0 };
    const session = new PSSession(origin, remote.info);
    session.attach(remote);
    remote.onEvent((event) => (event.type === 'session.message' ? this.#say(messageLine(event)) : undefined));
    this.#push(session, { local: true, temporary: true });
    await this.top?.open();
  }

  /** Opens the prompt of a session on top of the others. */
  async enter(session: PSSession, temporary: boolean): Promise<void> {
    this.top?.close();
    this.#push(session, { local: false, temporary });
  }

  /** Looks on at a session until that is left or over, or its keyboard is taken: then its prompt opens. */
  async watch(session: PSSession, watched: WatchedSession, temporary = false): Promise<void> {
    const { watching, remoting, screen } = this.#parts;
    this.top?.close();
    const end = await watching.run(session, watched);
    if (end.kind !== 'taken') return screen.print(`${session.Name} on ${session.ComputerName}: ${end.reason}\n`);
    // It is held here by now: nothing is asked.
    await this.enter(await remoting.connect(session), temporary);
  }

  /** This process ends: the terminal is given back at once. */
  release(): void {
    this.#parts.watching.release();
    this.top?.release();
  }

  /** Shows a place that is not on the screen yet. @returns false when that failed, or `stop` ended it, and the place is gone */
  async show(place: SessionPlace, stop?: AbortSignal): Promise<boolean> {
    const { screen } = this.#parts;
    const { command } = place.remote.info;
    try {
      const { notShown } = await place.open(stop);
      if (command !== undefined) {
        const since = formatDuration(Date.now() - command.startedAt);
        place.say(`${place.session.ComputerName}: ${command.text.split('\n', 1)[0]}   · running ${since}`);
      }
      if (notShown > 0 && place.ready)
        screen.print(`· ${notShown} bytes came meanwhile: scroll up for the last of them\n`);
      const recorded = recordingLine(place.session.ComputerName, place.remote.info);
      if (recorded !== undefined) screen.print(`· ${recorded}\n`);
      const { diskProblem } = place.remote.info;
      if (diskProblem !== undefined)
        screen.print(`· ${diskLine(place.session.ComputerName, diskProblem, place.remote.info)}\n`);
      return true;
    } catch (error) {
      const stopped = stop?.aborted === true;
      if (stopped) place.lastStatus = STOPPED;
      else screen.print(`${error instanceof Error ? error.message : String(error)}\n`);
      this.#pop(place);
      // Nobody is kept by a hung link: the host hears of it when it is back, else from the goodbye.
      if (stopped && place.temporary) void this.#parts.remoting.remove(place.session).catch(() => undefined);
      return false;
    }
  }

  /**
   * `exit` at an entered prompt: a temporary session closes, unless it has jobs and this is the first try. `signal` ends
   * the wait for its host.
   */
  async leave(place: SessionPlace, signal: AbortSignal): Promise<void> {
    const { screen } = this.#parts;
    if (place.temporary && place.jobs > 0 && !place.warnedOfJobs) {
      place.warnedOfJobs = true;
      const jobs = place.jobs === 1 ? 'There is a job' : `There are ${place.jobs} jobs`;
      screen.print(
        `${jobs} in this session, which closes with its prompt: exit once more, or leave it with the menu\n`,
      );
      return;
    }
    // With nothing to go back to the client ends, and its goodbye would close an ordinary session that is idle.
    if (!place.temporary && this.#places.length === 1) return this.leaveRunning(place, 'disconnect', signal);
    this.#pop(place);
    if (!place.temporary || place.remote.state !== 'Opened') return;
    await this.#tell(() => this.#parts.remoting.remove(place.session, signal), `${place.session.Name} is not closed`);
  }

  /** Exit-PSSession. */
  async leaveEntered(signal: AbortSignal): Promise<void> {
    const { top } = this;
    if (top !== undefined && !top.local) await this.leave(top, signal);
  }

  /** Goes back and leaves the session as it is; a temporary one becomes ordinary. `signal` ends the wait for its host. */
  async leaveRunning(place: SessionPlace, how: 'leave' | 'disconnect', signal: AbortSignal): Promise<void> {
    const { remoting, screen } = this.#parts;
    const { Name, ComputerName } = place.session;
    const done = async (): Promise<void> => {
      if (place.temporary) await place.remote.keep(undefined, signal);
      if (how === 'disconnect' || this.local === undefined) await remoting.disconnect(place.session, { signal });
    };
    this.#pop(place);
    const isHere = how === 'leave' && this.local !== undefined;
    screen.print(`${Name} on ${ComputerName} goes on: ${wayBack(place, isHere)}\n`);
    const told = this.#tell(done, `${ComputerName} has not been told of it`);
    // A hung link must not keep anybody here; but a prompt that ends takes its connection with it.
    if (place.remote.connection.linkState === 'Connected' || this.top === undefined) await told;
  }

  /**
   * A session that is not open here any more: it is said, and its prompt is gone. What is typed on for it goes to nobody.
   * @param entered lines that were entered behind what ran there
   */
  async lost(place: SessionPlace, entered: string): Promise<void> {
    const { screen } = this.#parts;
    const { Name, ComputerName } = place.session;
    if (place.remote.state !== 'Closed') place.lastStatus = SESSION_LOST;
    this.#pop(place);
    if (place.local) {
      screen.print(`The local session is over: ${place.overReason}; a new one begins\n`);
      await this.#discard(place, entered);
      return this.openLocal();
    }
    // This client lists no temporary session.
    const back = wayBack(place, this.local !== undefined && !place.temporary);
    const way = place.remote.state === 'Disconnected' ? `  ·  ${back}` : '';
    screen.print(`${Name} on ${ComputerName}: ${place.overReason}${way}\n`);
    await this.#discard(place, entered);
    const watched = WatchedSession.after(place.remote);
    if (watched !== undefined) await this.watch(place.session, watched, place.temporary);
  }

  resized(columns: number, rows: number): void {
    for (const place of this.#places) place.resized(columns, rows);
  }

  #push(session: PSSession, kind: { local: boolean; temporary: boolean }): void {
    const { remote } = session;
    if (remote === undefined) throw new TypeError('The session is not connected here');
    const { terminal, screen, keys, escapeKey, menu } = this.#parts;
    const lines = new AttendanceLines(remote.info, () => typistOf(remote.info.attachments)?.number);
    remote.onEvent((event) => {
      const line = event.type === 'session.attachments' ? lines.next(event.attachments) : undefined;
      if (line !== undefined && this.top?.remote === remote) this.#say(line);
    });
    this.#places.push(
      new SessionPlace({
        session,
        remote,
        ...kind,
        terminal,
        screen,
        escapeKey,
        onMenu: (place, pass, signal) => void menu.overProgram({ place, pass, signal }),
        onTypeahead: (bytes) => keys.typeAgain(bytes),
      }),
    );
  }

  /** What was typed for a session that is lost is said, and sent to nobody; so is what is still being typed. */
  async #discard({ remote, session, readiness }: SessionPlace, entered: string): Promise<void> {
    const { terminal, screen } = this.#parts;
    const { columns } = screen;
    screen.print(lostLines(`Not confirmed by ${session.ComputerName}, and sent to nobody else`, remote, columns));
    const notRun = { unsentLines: [entered], unsentInput: Buffer.alloc(0), echo: remote.echo };
    screen.print(lostLines('Not run, there or here', notRun, columns));
    // A shell that ended by itself was told to: what was typed behind that is meant for the next prompt.
    if (remote.state === 'Closed' && remote.info.exitSignal === undefined) return;
    // The line editor would have shown it.
    const echo = { echoes: readiness.wasAtEnd || remote.echo.echoes };
    const typed = await discardKeys(terminal);
    screen.print(
      lostLines(
        'What was typed since was not sent to anything',
        { unsentLines: [], unsentInput: typed, echo },
        columns,
      ),
    );
  }

  /** A session whose prompt is not open; in one line where a program has the screen. */
  #sayLost(line: string, lost: RemoteSession): void {
    const { columns } = this.#parts.screen;
    const title = 'Not sent: ';
    const pending = pendingLine(lost, columns - title.length);
    const named = lostLines('Not confirmed, and sent to nobody else', lost, columns);
    this.#say(pending === '' ? line : `${title}${pending}  ·  ${line}`, `${line}\n${named}`);
  }

  /** Says a line wherever the person is; above a prompt, `lasting` for it. */
  #say(line: string, lasting = `${line}\n`): void {
    if (this.top === undefined) this.#parts.screen.print(lasting);
    else this.top.say(line, lasting);
  }

  #pop(place: SessionPlace): void {
    place.close();
    this.lastStatus = place.lastStatus;
    this.#places = this.#places.filter((other) => other !== place);
  }

  async #tell(action: () => Promise<unknown>, failure: string): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#parts.screen.print(`${failure}: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}

/**
 * What enters a session that was left or lost again, to be copied; from another client it has to be taken.
 * @param isHere the prompt of this client is there to type it
 */
function wayBack({ session, remote }: SessionPlace, isHere: boolean): string {
  const { Id, Name, target } = session;
  const isTaken = remote.state === 'Disconnected' && remote.availability === 'Busy';
  if (isHere) return `Enter-PSSession -Id ${Id}${isTaken ? ' -Force' : ''}`;
  return `holdfast enter ${quoteWord(target)} --name=${quoteWord(Name)}${isTaken ? ' --take' : ''}`;
}

function wholeEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
