/** What a chunk of typed bytes is made of while a program has the terminal. */
export type KeyPart = { kind: 'bytes'; bytes: Buffer } | { kind: 'interrupt' } | { kind: 'escape'; rest: Buffer };

/** Ctrl-]: hardly ever used by programs, and telnet's old escape. */
const DEFAULT_ESCAPE_KEY = 0x1d;

const INTERRUPT = 0x03;
const ESC = 0x1b;

/** Finds the key that opens the local menu, and Ctrl-C, among the keys that go to a program. */
export class EscapeKey {
  readonly #byte: number;
  /** As terminals send it when a program asked for unambiguous keys: kitty's protocol, xterm's modifyOtherKeys. */
  readonly #sequences: readonly Buffer[];

  /** @param byte the control byte of the key, 0x1d for Ctrl-] @throws RangeError for one that is no control byte or is Ctrl-C */
  constructor(byte: number = DEFAULT_ESCAPE_KEY) {
    if (!Number.isInteger(byte) || byte < 1 || byte > 0x1f || byte === INTERRUPT) {
      throw new RangeError(`The escape key must be a control byte from 1 to 31 and not Ctrl-C, not ${byte}`);
    }
    this.#byte = byte;
    const codePoint = byte + (byte < 0x1b ? 0x60 : 0x40);
    this.#sequences = [Buffer.from(`\x1b[${codePoint};5u`), Buffer.from(`\x1b[27;5;${codePoint}~`)];
  }

  /** The byte itself, for the menu's "send it". */
  get bytes(): Buffer {
    return Buffer.from([this.#byte]);
  }

  /** The key as the line editor names it: `C-]`. */
  get keyName(): string {
    return `C-${String.fromCharCode(this.#byte + 0x40).toLowerCase()}`;
  }

  /** The key as people write it: `Ctrl-]`. */
  get label(): string {
    return `Ctrl-${String.fromCharCode(this.#byte + 0x40)}`;
  }

  /** @returns the parts in order; nothing follows an escape, what was typed behind it is its `rest` */
  split(bytes: Buffer): KeyPart[] {
    if (!this.#mayBeSpecial(bytes)) return [{ kind: 'bytes', bytes }];
    const parts: KeyPart[] = [];
    const { at, length } = this.#find(bytes);
    let from = 0;
    for (let interrupt = bytes.indexOf(INTERRUPT); interrupt !== -1 && interrupt < at;) {
      if (interrupt > from) parts.push({ kind: 'bytes', bytes: bytes.subarray(from, interrupt) });
      parts.push({ kind: 'interrupt' });
      from = interrupt + 1;
      interrupt = bytes.indexOf(INTERRUPT, from);
    }
    if (from < at) parts.push({ kind: 'bytes', bytes: bytes.subarray(from, at) });
    if (at < bytes.length) parts.push({ kind: 'escape', rest: bytes.subarray(at + length) });
    return parts;
  }

  /** Most keys are plain text, and searching for three patterns would take longer than all else that is done with one. */
  #mayBeSpecial(bytes: Buffer): boolean {
    for (const byte of bytes) if (byte === INTERRUPT || byte === ESC || byte === this.#byte) return true;
    return bytes.length === 0;
  }

  #find(bytes: Buffer): { at: number; length: number } {
    let found = { at: bytes.length, length: 0 };
    for (const pattern of [this.bytes, ...this.#sequences]) {
      const at = bytes.indexOf(pattern);
      if (at !== -1 && at < found.at) found = { at, length: pattern.length };
    }
    return found;
  }
}
