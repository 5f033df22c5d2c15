import type { RunningCommand } from '@holdfast/protocol';

/** Commands whose ids are remembered, so that one that is sent again runs nothing. */
const KEPT_IDS = 1000;
/** Characters of a command's text that others are shown. */
const SHOWN_TEXT = 4096;

/** Which commands a session accepted, and the one that runs. */
export class CommandLedger {
  readonly #accepted = new Set<string>();
  #running: RunningCommand | undefined;
  #last: string | undefined;
  #startedAtMs = 0;

  /** The command that runs now; its text is cut for display. */
  get running(): RunningCommand | undefined {
    return this.#running;
  }

  /** Id of the command that was started last. */
  get last(): string | undefined {
    return this.#last;
  }

  /** Whether the command was accepted before. */
  has(commandId: string): boolean {
    return this.#accepted.has(commandId);
  }

  /** Notes that a command was accepted and runs. */
  start(commandId: string, text: string): RunningCommand {
    this.#accepted.add(commandId);
    if (this.#accepted.size > KEPT_IDS) {
      const [oldest = commandId] = this.#accepted;
      this.#accepted.delete(oldest);
    }
    this.#last = commandId;
    this.#startedAtMs = performance.now();
    this.#running = { commandId, text: text.slice(0, SHOWN_TEXT), startedAt: Date.now() };
    return this.#running;
  }

  /** Notes what the terminal says where the running command waits for somebody at it; undefined: no longer. */
  ask(text: string | undefined): string | undefined {
    if (this.#running === undefined) return undefined;
    this.#running = { ...this.#running, asks: text };
    return this.#running.commandId;
  }

  /** Notes that the running command ended, and returns how long it ran, in milliseconds. */
  end(): number {
    this.#running = undefined;
    return performance.now() - this.#startedAtMs;
  }
}
