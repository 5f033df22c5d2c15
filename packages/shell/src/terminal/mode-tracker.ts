import { TerminalTraces } from './terminal-traces.ts';

const ESC = 0x1b;
const BEL = 0x07;
const CAN = 0x18;
const SHIFT_OUT = 0x0e;
/** A parameter list longer than this is no mode change. */
const MAX_PARAMETER_BYTES = 64;

/** What is needed of an OSC comes first: its number, and whether a value follows. */
const MAX_OSC_BYTES = 256;

const ALTERNATE_SCREENS: readonly number[] = [47, 1047, 1049];
/** CSI that may bring the cursor up or text down: CUU CPL CUP HVP VPA VPB IL SD DECSTBM SCORC. */
const LEAVES_TEXT_BELOW = 'AFHfdkLTru';

/** True when the bytes end with a UTF-8 character that lacks some of its bytes. */
function endsInsideCharacter(bytes: Uint8Array): boolean {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return false;
    if (byte >= 0xc0) return back < (byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4);
  }
  return bytes.length < 4;
}

type State = 'ground' | 'escape' | 'charset' | 'csi' | 'string' | 'string-escape';

/**
 * Follows what a program's output does to the terminal's modes, so that they can be put back when it ends or is left.
 * Text is passed over at memchr's speed. Modes as in xterm's ctlseqs and kitty's keyboard protocol.
 */
export class ModeTracker {
  #state: State = 'ground';
  #parameters = '';
  #lastByte = 0x0a;
  #sawControls = false;
  #insideCharacter = false;
  readonly #on = new Set<number>();
  readonly #off = new Set<number>();
  /** What else the output leaves. */
  readonly traces = new TerminalTraces();
  #osc: string | undefined;
  /** RIS leaves the alternate screen in some terminals only. */
  #mayBeAlternate = false;
  #otherKeys = false;
  #textBelow: boolean;
  #margins = false;

  /** @param textBelow text may stand below the cursor at the beginning */
  constructor(textBelow = false) {
    this.#textBelow = textBelow;
  }

  /** Private modes (DECSET) that are on. */
  get modesOn(): ReadonlySet<number> {
    return this.#on;
  }

  /** Private modes that were switched off. */
  get modesOff(): ReadonlySet<number> {
    return this.#off;
  }

  /** xterm's modifyOtherKeys is on. */
  get otherKeys(): boolean {
    return this.#otherKeys;
  }

  get alternateScreen(): boolean {
    return ALTERNATE_SCREENS.some((mode) => this.#on.has(mode));
  }

  /** The program draws its screen in place, on the alternate one or, as top does, with its cursor hidden or its keys set. */
  get drawsScreen(): boolean {
    return this.alternateScreen || this.#on.has(1) || this.#off.has(25);
  }

  /** The terminal may show its alternate screen. */
  get mayBeAlternate(): boolean {
    return this.#mayBeAlternate || this.alternateScreen;
  }

  /** Text came, and what colours it, but nothing that changes what the terminal does with what comes next. */
  get isPlain(): boolean {
    return this.#on.size + this.#off.size === 0 && !this.#otherKeys && !this.#margins && this.traces.isEmpty;
  }

  /** Some control sequence came: colours, margins or character sets may be set. */
  get sawControls(): boolean {
    return this.#sawControls;
  }

  /** The output ended with a newline, or there was none. */
  get atLineStart(): boolean {
    return this.#lastByte === 0x0a;
  }

  /** Text may stand below the cursor; else the bottom row is empty, or the cursor stands in it. */
  get textBelow(): boolean {
    return this.#textBelow;
  }

  /** Margins may be set (DECSTBM): what is outside of them does not scroll. */
  get margins(): boolean {
    return this.#margins;
  }

  /** Text may stand below the cursor from now on. */
  textMayBeBelow(): void {
    this.#textBelow = true;
  }

  /** Everything was put back. */
  clear(): void {
    this.#reset();
    // RIS leaves the cursor hidden in xterm.js.
    this.#off.clear();
    this.traces.clear();
    this.#mayBeAlternate = false;
    this.#sawControls = false;
    this.#lastByte = 0x0a;
    this.#state = 'ground';
    this.#insideCharacter = false;
  }

  /** The bottom row was made free. */
  roomMade(): void {
    this.#textBelow = false;
  }

  /** Nothing is half sent: no sequence, no character. Other text may be written between. */
  get between(): boolean {
    return this.#state === 'ground' && !this.#insideCharacter;
  }

  /** The program's output, in order. */
  feed(bytes: Uint8Array): void {
    const last = bytes.at(-1);
    if (last === undefined) return;
    this.#lastByte = last;
    this.#insideCharacter = last >= 0x80 && endsInsideCharacter(bytes);
    if (bytes.includes(SHIFT_OUT)) this.#sawControls = true;
    let at = 0;
    while (at < bytes.length) at = this.#state === 'ground' ? this.#skipText(bytes, at) : this.#step(bytes, at);
  }

  /** Output was left out: a sequence that had begun is over. */
  cut(): void {
    this.#state = 'ground';
    this.#lastByte = 0;
    this.#insideCharacter = false;
  }

  #skipText(bytes: Uint8Array, from: number): number {
    const escape = bytes.indexOf(ESC, from);
    if (escape === -1) return bytes.length;
    this.#state = 'escape';
    this.#sawControls = true;
    return escape + 1;
  }

  #step(bytes: Uint8Array, at: number): number {
    const byte = bytes[at] ?? 0;
    if (this.#state === 'string') return this.#skipString(bytes, at);
    if (byte === ESC) this.#state = 'escape';
    else if (byte === CAN) this.#state = 'ground';
    else if (this.#state === 'csi') this.#readCsi(byte);
    else if (this.#state === 'charset') this.#state = 'ground';
    else this.#readEscape(byte);
    return at + 1;
  }

  #readEscape(byte: number): void {
    const wasString = this.#state === 'string-escape';
    this.#state = 'ground';
    // ESC \ ends a string; ESC and anything else ended it as well, and begins something.
    if (wasString && byte === 0x5c) return;
    if (byte === 0x5b) {
      this.#state = 'csi';
      this.#parameters = '';
    } else if (byte === 0x5d || byte === 0x50 || byte === 0x5f || byte === 0x5e || byte === 0x58) {
      this.#state = 'string';
      this.#osc = byte === 0x5d ? '' : undefined;
    } else if (byte >= 0x20 && byte <= 0x2f) {
      this.#state = 'charset';
    } else {
      this.#carryOut(byte);
    }
  }

  /** RIS; HTS; DECRC and RI, which may bring the cursor up. */
  #carryOut(byte: number): void {
    if (byte === 0x48) this.traces.setTabs();
    if (byte === 0x63) {
      this.#mayBeAlternate = this.mayBeAlternate;
      this.#reset();
      this.#textBelow = false;
    } else if (byte === 0x38 || byte === 0x4d) {
      this.#textBelow = true;
    }
  }

  #skipString(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte !== BEL && byte !== ESC && byte !== CAN) continue;
      this.#state = byte === ESC ? 'string-escape' : 'ground';
      this.#keepOsc(bytes.subarray(from, at));
      if (byte !== CAN && this.#osc !== undefined) this.traces.setByOsc(this.#osc);
      this.#osc = undefined;
      return at + 1;
    }
    this.#keepOsc(bytes.subarray(from));
    return bytes.length;
  }

  #keepOsc(bytes: Uint8Array): void {
    if (this.#osc === undefined || this.#osc.length >= MAX_OSC_BYTES) return;
    this.#osc += Buffer.from(bytes.subarray(0, MAX_OSC_BYTES)).toString('latin1');
  }

  #readCsi(byte: number): void {
    if (byte < 0x40) {
      // C0 controls inside a sequence are carried out and are no part of it.
      if (byte >= 0x20 && this.#parameters.length < MAX_PARAMETER_BYTES) this.#parameters += String.fromCharCode(byte);
      return;
    }
    this.#state = 'ground';
    const final = String.fromCharCode(byte);
    if (final === 'h' || final === 'l') this.#setModes(final === 'h');
    else if (final === 'u' && /^[<=>]/.test(this.#parameters)) this.traces.setKeyboard(this.#parameters, this.#screen);
    else if (final === 'm' && this.#parameters.startsWith('>4'))
      this.#otherKeys = !/^>4(?:;0?)?$/.test(this.#parameters);
    else if (final === 't') this.traces.moveTitle(this.#parameters);
    else if (final === 'g') this.traces.setTabs();
    // DECSTR leaves most modes on in most terminals, so all of them are put back all the same.
    else this.#followCursor(final);
  }

  get #screen(): 'normal' | 'alternate' {
    return this.alternateScreen ? 'alternate' : 'normal';
  }

  #followCursor(final: string): void {
    // ED to the end or of everything; the alternate screen's says nothing about the other.
    if (final === 'J') this.#textBelow &&= !/^[02]?$/.test(this.#parameters) || this.alternateScreen;
    // With a private prefix these are something else.
    if (!LEAVES_TEXT_BELOW.includes(final) || /^[<-?]/.test(this.#parameters)) return;
    this.#textBelow = true;
    if (final === 'r') this.#margins = this.#parameters !== '';
  }

  #setModes(on: boolean): void {
    if (!this.#parameters.startsWith('?')) return;
    for (const text of this.#parameters.slice(1).split(';')) {
      const mode = Number.parseInt(text, 10);
      (on ? this.#on : this.#off).add(mode);
      (on ? this.#off : this.#on).delete(mode);
      // Each of them leaves the alternate screen, however it was entered.
      if (!on && ALTERNATE_SCREENS.includes(mode)) for (const other of ALTERNATE_SCREENS) this.#on.delete(other);
    }
  }

  #reset(): void {
    this.#on.clear();
    this.traces.reset();
    this.#otherKeys = false;
    this.#margins = false;
  }
}
