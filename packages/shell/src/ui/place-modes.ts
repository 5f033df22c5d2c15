import { ModeTracker } from '../terminal/mode-tracker.ts';
import type { PassThrough } from '../terminal/pass-through.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { PromptScreen } from './prompt-screen.ts';
import { POP_TITLE, PUSH_TITLE, resetSequence } from '../terminal/terminal-reset.ts';

/**
 * What a session's output does to the terminal while its place is open, also between turns, where a snapshot may bring
 * the modes of a program; and how that is undone.
 */
export class PlaceModes {
  readonly tracker = new ModeTracker();
  #wasReset = false;
  #titled = false;

  /** A program goes on whose modes were undone: the bytes that follow would not be enough for its screen. */
  get wasReset(): boolean {
    return this.#wasReset;
  }

  /** A turn is over. */
  endTurn(pass: PassThrough, goesOn: boolean): void {
    pass.releaseOutput();
    this.#wasReset = goesOn && !this.tracker.isPlain;
    this.#titled ||= this.tracker.traces.titled;
    pass.end(goesOn);
  }

  /** Shows output while no turn has the terminal. */
  print(screen: PromptScreen, bytes: Buffer, done: () => void): void {
    this.tracker.feed(bytes);
    screen.printBytes(bytes, done);
  }

  /** Undoes what came while no turn had the terminal. */
  putBack(screen: PromptScreen): void {
    const text = resetSequence(this.tracker, screen.columns);
    if (text === '') return;
    this.#titled ||= this.tracker.traces.titled;
    this.tracker.clear();
    screen.printBytes(Buffer.from(text));
  }

  /** The window has the title again that it had before Holdfast. */
  restoreTitle(terminal: Terminal): void {
    if (this.#titled) terminal.write(POP_TITLE + PUSH_TITLE);
    this.#titled = false;
  }
}
