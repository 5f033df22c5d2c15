import { setTimeout as delay } from 'node:timers/promises';
import type { KeyPart } from './escape-key.ts';
import type { Terminal } from './terminal.ts';

/** The program that typed bytes go to. */
export type Program = {
  /** Typed bytes, as they are. */
  write(bytes: Uint8Array): void;
  /** Ctrl-C, which overtakes what was typed before it. */
  interrupt(): void;
  /**
   * Undefined while typed bytes are kept for the program; else resolves to `taken` as soon as it has taken some of those
   * that wait, or to `stalled` when it has taken none for long. Absent: all are kept.
   */
  full?: () => Promise<'taken' | 'stalled'> | undefined;
};

export type ProgramKeysOptions = {
  terminal: Terminal;
  program: Program;
  /** Finds among typed bytes what is not the program's. */
  split: (bytes: Buffer) => KeyPart[];
  /** The key of the local menu was pressed; the terminal holds what was typed after it. */
  onEscape?: () => void;
  /** From now on typed bytes are refused, or taken again. */
  onRefusing?: (refusing: boolean) => void;
  /** Bytes were refused; once for those that come together. */
  onRefused?: () => void;
  /** So long nothing must have been typed before bytes are taken again: else a paste would lose its middle alone. */
  quietMs?: number;
};

const QUIET_MS = 1000;

/**
 * Keys on their way to a program. While no more of them are kept for it they wait in the terminal, as under ssh, so that a
 * paste of any length arrives whole; but Ctrl-C and the key of the menu would wait behind them. So when the program has
 * taken nothing for long the terminal is read on for these two, and everything else is refused.
 */
export class ProgramKeys {
  readonly #options: ProgramKeysOptions;
  readonly #quietMs: number;
  /** Whose turn it is: what was begun for an earlier one counts no more. */
  #turn = 0;
  #refusing = false;
  #refusedAt = -Infinity;

  constructor(options: ProgramKeysOptions) {
    this.#options = options;
    this.#quietMs = options.quietMs ?? QUIET_MS;
  }

  /** Keys go to the program from now on. */
  begin(): void {
    this.#turn += 1;
    this.#go();
  }

  /** Keys wait in the terminal from now on, for the program or for who reads next. */
  hold(): void {
    this.#turn += 1;
    this.#setRefusing(false);
    this.#options.terminal.read(undefined);
  }

  #go(): void {
    const full = this.#options.program.full?.();
    const quietInMs = this.#refusing ? this.#refusedAt + this.#quietMs - performance.now() : 0;
    if (full !== undefined) this.#wait(full);
    else if (quietInMs > 0) this.#inTurn(delay(quietInMs), () => this.#go());
    else {
      this.#setRefusing(false);
      this.#options.terminal.read(this.#onKeys);
    }
  }

  #wait(full: Promise<'taken' | 'stalled'>): void {
    const { terminal } = this.#options;
    if (!this.#refusing) terminal.read(undefined);
    this.#inTurn(full, (what) => {
      if (what === 'stalled') {
        this.#setRefusing(true);
        terminal.read(this.#onKeys);
      }
      this.#go();
    });
  }

  #inTurn<T>(promise: Promise<T>, action: (value: T) => void): void {
    const turn = this.#turn;
    void promise.then((value) => (turn === this.#turn ? action(value) : undefined));
  }

  readonly #onKeys = (bytes: Buffer): void => {
    const { program, split, onEscape, terminal } = this.#options;
    for (const part of split(bytes)) {
      if (part.kind === 'escape') {
        this.hold();
        terminal.unread(part.rest);
        onEscape?.();
        return;
      }
      if (part.kind === 'interrupt') this.#interrupt();
      else if (this.#refusing) this.#refuse();
      else program.write(part.bytes);
    }
    const full = this.#refusing ? undefined : program.full?.();
    if (full !== undefined) this.#wait(full);
  };

  /** What was typed before it is forgotten, so what follows has no hole. */
  #interrupt(): void {
    this.#options.program.interrupt();
    if (this.#refusing) this.#turn += 1;
    this.#setRefusing(false);
  }

  #refuse(): void {
    const now = performance.now();
    if (now - this.#refusedAt >= this.#quietMs) this.#options.onRefused?.();
    this.#refusedAt = now;
  }

  #setRefusing(refusing: boolean): void {
    if (this.#refusing === refusing) return;
    this.#refusing = refusing;
    this.#refusedAt = -Infinity;
    this.#options.onRefusing?.(refusing);
  }
}
