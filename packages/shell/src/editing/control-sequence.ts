/** An escape sequence at the start of some bytes: how long it is, and the key it stands for, if any. */
export type ControlSequence = { length: number; name: string | undefined };

const ESC = 0x1b;
const BEL = 0x07;

/** Final letters of CSI and SS3 that are keys (xterm, ctlseqs "PC-Style Function Keys"). */
const LETTER_KEYS: Record<string, string> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  E: 'begin',
  F: 'end',
  H: 'home',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
};

/** Numbers of `CSI n ~` (VT220, xterm, rxvt). */
const TILDE_KEYS: Record<number, string> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'page-up',
  6: 'page-down',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
};

/** Keys that have a code point of their own (kitty, "Functional key definitions"). */
const CODE_POINT_KEYS: Record<number, string> = {
  8: 'backspace',
  9: 'tab',
  13: 'enter',
  27: 'escape',
  127: 'backspace',
  32: 'space',
};

/** rxvt's arrows with Ctrl: `ESC O a` … `ESC O d`. */
const RXVT_CTRL_ARROWS: Record<string, string> = { a: 'C-up', b: 'C-down', c: 'C-right', d: 'C-left' };

/** Prefixes a key's name by xterm's modifier parameter (1 + a bit set of 1 Shift, 2 Alt, 4 Ctrl). */
function withModifiers(name: string, modifier: number): string {
  const bits = Math.max(0, modifier - 1);
  return `${bits & 4 ? 'C-' : ''}${bits & 2 ? 'M-' : ''}${bits & 1 ? 'S-' : ''}${name}`;
}

/** A key given by its code point (CSI u, modifyOtherKeys); plain characters are rare here but legal. */
function codePointKey(codePoint: number, modifier: number): string | undefined {
  const named = CODE_POINT_KEYS[codePoint];
  if (named !== undefined) return withModifiers(named, modifier);
  if (codePoint < 0x20 || codePoint > 0x10_ffff) return undefined;
  return withModifiers(String.fromCodePoint(codePoint).toLowerCase(), ((modifier - 1) & ~1) + 1);
}

function tildeKey(numbers: readonly number[]): string | undefined {
  const [first = 0, modifier = 1, codePoint = 0] = numbers;
  if (first === 200) return 'paste-start';
  if (first === 27) return codePointKey(codePoint, modifier);
  const name = TILDE_KEYS[first];
  return name === undefined ? undefined : withModifiers(name, modifier);
}

function csiKey(parameters: string, final: string): string | undefined {
  // A private marker (?, <, >) makes it an answer or a mouse report, never a key.
  if (/[^0-9;:]/.test(parameters)) return undefined;
  const numbers = parameters.split(';').map((part) => Number.parseInt(part, 10) || 0);
  const modifier = numbers[1] ?? 1;
  if (final === '~') return tildeKey(numbers);
  if (final === 'u') return codePointKey(numbers[0] ?? 0, modifier);
  if (final === 'Z') return 'S-tab';
  // `CSI row ; column R` answers a cursor question; F3 is `CSI 1 ; modifier R` or `SS3 R`.
  if (final === 'R' && numbers[0] !== 1) return undefined;
  const name = LETTER_KEYS[final];
  return name === undefined ? undefined : withModifiers(name, modifier);
}

function readCsi(bytes: Buffer, start: number): ControlSequence | undefined {
  // The Linux console's F1 to F5: ESC [ [ A.
  if (bytes[start] === 0x5b) return bytes.length > start + 1 ? { length: start + 2, name: undefined } : undefined;
  const isParameter = (byte: number): boolean => byte >= 0x20 && byte <= 0x3f;
  const at = bytes.findIndex((byte, index) => index >= start && !isParameter(byte));
  const final = bytes[at];
  if (final === undefined) return undefined;
  // A byte that cannot be here ends the sequence as nothing; it is read again by itself.
  if (final < 0x40 || final > 0x7e) return { length: at, name: undefined };
  const parameters = bytes.toString('latin1', start, at);
  // X10 mouse: three more bytes.
  if (final === 0x4d && parameters === '')
    return bytes.length < at + 4 ? undefined : { length: at + 4, name: undefined };
  return { length: at + 1, name: csiKey(parameters, String.fromCharCode(final)) };
}

function readSs3(bytes: Buffer, start: number): ControlSequence | undefined {
  const byte = bytes[start];
  if (byte === undefined) return undefined;
  const letter = String.fromCharCode(byte);
  return { length: start + 1, name: letter === 'M' ? 'enter' : (LETTER_KEYS[letter] ?? RXVT_CTRL_ARROWS[letter]) };
}

/** OSC, DCS, APC, PM, SOS: up to BEL or ST. */
function readString(bytes: Buffer, start: number): ControlSequence | undefined {
  for (let at = start; at < bytes.length; at++) {
    if (bytes[at] === BEL) return { length: at + 1, name: undefined };
    if (bytes[at] !== ESC) continue;
    if (at + 1 === bytes.length) return undefined;
    return bytes[at + 1] === 0x5c ? { length: at + 2, name: undefined } : { length: at, name: undefined };
  }
  return undefined;
}

function readAlt(bytes: Buffer): ControlSequence | undefined {
  const byte = bytes[1] ?? 0;
  if (byte === 0x7f || byte === 0x08) return { length: 2, name: 'M-backspace' };
  if (byte === 0x0d || byte === 0x0a) return { length: 2, name: 'M-enter' };
  if (byte < 0x20) return { length: 2, name: `C-M-${String.fromCharCode(byte + 0x40).toLowerCase()}` };
  if (byte < 0x80) return { length: 2, name: `M-${String.fromCharCode(byte)}` };
  // Alt with a character beyond ASCII is bound to nothing: the character alone is read next.
  return { length: 1, name: undefined };
}

/** Alt with an arrow on rxvt is ESC in front of the arrow's sequence. */
function readDoubleEscape(bytes: Buffer): ControlSequence | undefined {
  const inner = parseControlSequence(bytes.subarray(1));
  if (inner === undefined) return undefined;
  return { length: inner.length + 1, name: inner.name === undefined ? undefined : `M-${inner.name}` };
}

/** What begins OSC, DCS, APC, PM and SOS behind ESC. */
const STRING_OPENERS: ReadonlySet<number> = new Set([0x5d, 0x50, 0x5f, 0x5e, 0x58]);

/** @returns the escape sequence that `bytes`, whose first is ESC, begin with; undefined when it is not complete */
export function parseControlSequence(bytes: Buffer): ControlSequence | undefined {
  const second = bytes[1];
  if (second === undefined) return undefined;
  if (second === 0x5b) return readCsi(bytes, 2);
  if (second === 0x4f) return readSs3(bytes, 2);
  if (second === ESC) return readDoubleEscape(bytes);
  return STRING_OPENERS.has(second) ? readString(bytes, 2) : readAlt(bytes);
}
