import { closeSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Gives sessions their numbers: 1, 2, 3…, never one twice for the hosts that share a state folder, whoever asks them. The
 * last number that was given is the highest name in a folder there. A host that dies at any moment leaves no lock behind,
 * since there is none: whoever makes a file first has its number, and the highest one is never removed.
 */
export class SessionNumbers {
  readonly #folder: string;
  #last = 0;

  constructor(stateFolder: string) {
    this.#folder = join(stateFolder, 'session-numbers');
  }

  /**
   * The next number; `proposed` if that is higher, since a gateway counts over hosts of other folders too.
   * @throws Error of node:fs when the folder cannot be written to
   */
  take(proposed = 0): number {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    for (let last = this.#highest(); ; last = this.#highest()) {
      const number = Math.max(last + 1, proposed);
      // Another host may have had it, removed its file and gone on to a higher one: then this is none.
      const isOurs = makeFile(join(this.#folder, String(number))) && this.#highest() === number;
      if (!isOurs) continue;
      this.#last = number;
      this.#removeBelow(number);
      return number;
    }
  }

  #highest(): number {
    return Math.max(this.#last, ...this.#names());
  }

  #names(): number[] {
    return readdirSync(this.#folder).flatMap((name) => (/^[1-9]\d*$/.test(name) ? [Number(name)] : []));
  }

  #removeBelow(number: number): void {
    for (const name of this.#names()) if (name < number) rmSync(join(this.#folder, String(name)), { force: true });
  }
}

/** @returns false when it is there already */
function makeFile(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
