import { parseControlSequence } from './control-sequence.ts';

/**
 * What a person did: typed text, pasted text, or pressed a key that has a name. Names are readline's: `C-a`, `M-b`,
 * `up`, `C-left`, `enter`, `escape`; `C-` comes before `M-` before `S-`.
 */
export type Key = { type: 'text' | 'paste'; text: string } | { type: 'key'; name: string };

const ESC = 0x1b;
const PASTE_END = Buffer.from('\x1b[201~');
/** An unfinished string sequence (an OSC answer) longer than this is no answer of a terminal; it is let go. */
const MAX_SEQUENCE_BYTES = 64 * 1024;

const NAMED_CONTROLS: Record<number, string> = {
  0x08: 'C-h',
  0x09: 'tab',
  0x0a: 'enter',
  0x0d: 'enter',
  0x7f: 'backspace',
};

/** The name of a control byte: `C-a` … `C-z`, `C-_` and the few that have a key of their own. */
function controlName(byte: number): string {
  return NAMED_CONTROLS[byte] ?? (byte === 0 ? 'C-space' : `C-${String.fromCharCode(byte + 0x40).toLowerCase()}`);
}

/** Length of a UTF-8 character by its first byte; 1 for a byte that begins none. */
function utf8Length(byte: number): number {
  if (byte < 0xc2 || byte > 0xf4) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

/** Where the last, unfinished UTF-8 character of `bytes` begins; its length when it is finished. */
function completeTextEnd(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) return utf8Length(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** Pasted text as a line editor takes it: newlines alone, no control characters (a paste presses no keys). */
function cleanPaste(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/\r\n?/g, '\n').replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '');
}

/**
 * Turns terminal bytes into keys, one at a time, so that what follows an Enter can be given to another reader.
 * Sequences and characters may be split across chunks. Answers of the terminal to a program's questions (DA, CPR,
 * OSC colours), mouse and focus reports are swallowed: at a prompt nobody asked.
 */
export class KeyDecoder {
  #pending: Buffer = Buffer.alloc(0);
  /** What `#pending` is a part of, once it was put together. */
  #store: Buffer | undefined;
  #pasting = false;
  #pasteSearched = 0;

  /** Adds bytes from the terminal. */
  push(bytes: Buffer): void {
    if (this.#pending.length === 0) {
      this.#pending = bytes;
      this.#store = undefined;
      return;
    }
    const length = this.#pending.length + bytes.length;
    let start = this.#store === undefined ? 0 : this.#pending.byteOffset - this.#store.byteOffset;
    // Room for as much again: a long paste comes in many small pieces.
    if (this.#store === undefined || start + length > this.#store.length) {
      this.#store = Buffer.allocUnsafe(2 * length);
      this.#pending.copy(this.#store);
      start = 0;
    }
    bytes.copy(this.#store, start + this.#pending.length);
    this.#pending = this.#store.subarray(start, start + length);
  }

  /** True when bytes wait for the rest of their sequence; call flush() when it does not come. */
  get waiting(): boolean {
    return this.#pending.length > 0 && !this.#pasting;
  }

  /** The next key, or undefined when more bytes are needed. */
  next(): Key | undefined {
    while (this.#pending.length > 0) {
      const before = this.#pending.length;
      const key = this.#pasting ? this.#readPaste() : this.#readKey();
      if (key !== undefined) return key;
      // Nothing taken: the rest is not there yet. Something taken: a report that is no key; go on behind it.
      if (this.#pending.length === before) return undefined;
    }
    return undefined;
  }

  /** The sequence will not be finished: a lone ESC was the Escape key, ESC and a character was Alt. */
  flush(): Key | undefined {
    const pending = this.#pending;
    if (pending.length === 0 || this.#pasting) return undefined;
    this.#pending = Buffer.alloc(0);
    if (pending[0] !== ESC) return { type: 'text', text: pending.toString('utf8') };
    if (pending.length === 1) return { type: 'key', name: 'escape' };
    if (pending.length === 2) return { type: 'key', name: `M-${String.fromCharCode(pending[1] ?? 0)}` };
    return undefined;
  }

  /** Takes the bytes that have not been decoded; they belong to whoever reads next. */
  takeRest(): Buffer {
    const rest = this.#pending;
    this.#pending = Buffer.alloc(0);
    return rest;
  }

  #take(bytes: number): Buffer {
    const taken = this.#pending.subarray(0, bytes);
    this.#pending = this.#pending.subarray(bytes);
    return taken;
  }

  #readKey(): Key | undefined {
    const first = this.#pending[0] ?? 0;
    if (first === ESC) return this.#readEscape();
    if (first < 0x20 || first === 0x7f) {
      this.#take(1);
      return { type: 'key', name: controlName(first) };
    }
    return this.#readText();
  }

  #readText(): Key | undefined {
    let end = this.#pending.findIndex((byte) => byte < 0x20 || byte === 0x7f);
    if (end === -1) end = completeTextEnd(this.#pending);
    if (end === 0) return undefined;
    return { type: 'text', text: this.#take(end).toString('utf8') };
  }

  #readEscape(): Key | undefined {
    const sequence = parseControlSequence(this.#pending);
    if (sequence === undefined) {
      if (this.#pending.length > MAX_SEQUENCE_BYTES) this.#pending = Buffer.alloc(0);
      return undefined;
    }
    this.#take(sequence.length);
    if (sequence.name !== 'paste-start')
      return sequence.name === undefined ? undefined : { type: 'key', name: sequence.name };
    this.#pasting = true;
    this.#pasteSearched = 0;
    return this.#readPaste();
  }

  #readPaste(): Key | undefined {
    const end = this.#pending.indexOf(PASTE_END, this.#pasteSearched);
    if (end === -1) {
      this.#pasteSearched = Math.max(0, this.#pending.length - PASTE_END.length + 1);
      return undefined;
    }
    this.#pasting = false;
    const text = this.#take(end).toString('utf8');
    this.#take(PASTE_END.length);
    return { type: 'paste', text: cleanPaste(text) };
  }
}
