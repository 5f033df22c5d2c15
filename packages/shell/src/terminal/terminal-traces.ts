const ST = '\x1b\\';
/** Palettes, hyperlink, progress, the pointer's shape. */
const UNDO: Readonly<Record<string, string>> = {
  4: `\x1b]104${ST}`,
  5: `\x1b]105${ST}`,
  8: `\x1b]8;;${ST}`,
  9: `\x1b]9;4;0${ST}`,
  22: `\x1b]22;${ST}`,
};
/** Deeper than any program sets titles aside. */
const MAX_TITLES = 32;

/**
 * What a program's output leaves at a terminal besides modes: colours, an open hyperlink, the pointer's shape, progress,
 * titles set aside, keyboard flags, tab stops. Each is told by its sequence, and undone by what resets it alone.
 */
export class TerminalTraces {
  readonly #undoBy = new Map<string, string>();
  /** Second parameters of XTPUSHTITLE; and whether the title was taken that was set aside before the program came. */
  #titles: number[] = [];
  #titleTaken = false;
  #titled = false;
  #tabs = false;
  readonly #keyboard = { normal: 0, alternate: 0 };

  /** The window's title was changed since `clear`. */
  get titled(): boolean {
    return this.#titled;
  }

  /** Something is left that a plain terminal would show or do otherwise. */
  get isEmpty(): boolean {
    const { normal, alternate } = this.#keyboard;
    return this.#undoBy.size + this.#titles.length + normal + alternate === 0 && !this.#tabs && !this.#titleTaken;
  }

  /** Keyboard flags of kitty's protocol that were pushed on a screen and not popped. */
  keyboardPushes(screen: 'normal' | 'alternate'): number {
    return this.#keyboard[screen];
  }

  /** CSI > u, CSI < u, CSI = u. */
  setKeyboard(parameters: string, screen: 'normal' | 'alternate'): void {
    const pushed = this.#keyboard[screen];
    if (parameters.startsWith('>')) this.#keyboard[screen] += 1;
    else if (parameters.startsWith('<'))
      this.#keyboard[screen] = Math.max(0, pushed - (Number.parseInt(parameters.slice(1), 10) || 1));
    else if (!/^=0?(?:;|$)/.test(parameters)) this.#keyboard[screen] = Math.max(1, pushed);
  }

  /** HTS, TBC. */
  setTabs(): void {
    this.#tabs = true;
  }

  /** XTWINOPS: titles set aside and taken again. */
  moveTitle(parameters: string): void {
    const [action, which = 0] = parameters.split(';').map(Number);
    if (action === 22 && this.#titles.length < MAX_TITLES) this.#titles.push(which);
    if (action !== 23) return;
    const at = this.#titles.findLastIndex((other) => (other === 1) === (which === 1));
    if (at >= 0) this.#titles.splice(at, 1);
    else if (which !== 1) this.#titleTaken = true;
  }

  /** The beginning of an OSC, as long as it is needed. */
  setByOsc(text: string): void {
    const [code = '', ...values] = text.split(';');
    const number = Number(code);
    if (code === '0' || code === '2') this.#titled = true;
    else if (number >= 10 && number <= 19) this.#setColors(number, values);
    else if (number >= 110 && number <= 119) this.#undoBy.delete(code.slice(1));
    else if (code === '104' || code === '105') this.#resetPalette(code.slice(2), values);
    else this.#setOther(code, values);
  }

  #setOther(code: string, values: readonly string[]): void {
    const [first = '', second] = values;
    const isSet: Record<string, boolean> = {
      4: second !== '?',
      5: second !== '?',
      8: values.slice(1).join('') !== '',
      9: first === '4' && second !== '0',
      22: first !== '',
    };
    const undo = UNDO[code];
    if (undo === undefined || (code === '9' && first !== '4')) return;
    if (isSet[code] === true) this.#undoBy.set(code, undo);
    else if (second !== '?') this.#undoBy.delete(code);
  }

  /** Single colours may leave others set. */
  #resetPalette(key: string, values: readonly string[]): void {
    if (values.length === 0) this.#undoBy.delete(key);
  }

  /** What undoes all that does not depend on the screen that is shown. */
  undo(columns: number): string {
    const titles = this.#titles
      .map((which) => `\x1b[23;${which}t`)
      .reverse()
      .join('');
    const taken = this.#titleTaken ? '\x1b[22;2t' : '';
    return [...this.#undoBy.values(), titles, taken, this.#tabs ? everyEighthTab(columns) : ''].join('');
  }

  /** All is undone. */
  clear(): void {
    this.reset();
    this.#titles = [];
    this.#titleTaken = false;
    this.#titled = false;
  }

  /** RIS, which leaves titles alone. */
  reset(): void {
    this.#undoBy.clear();
    this.#tabs = false;
    this.#keyboard.normal = 0;
    this.#keyboard.alternate = 0;
  }

  /** One after the other: those of the text, its background, the cursor and so on. */
  #setColors(first: number, values: readonly string[]): void {
    for (const [at, value] of values.entries()) {
      const number = first + at;
      if (value !== '?' && number <= 19) this.#undoBy.set(String(number), `\x1b]1${number}${ST}`);
    }
  }
}

/** As terminals begin, with the cursor staying in its place. */
function everyEighthTab(columns: number): string {
  const stops = Array.from({ length: Math.ceil(columns / 8) }, (_, at) => `\x1b[${at * 8 + 1}G\x1bH`);
  return `\x1b7\x1b[3g${stops.join('')}\x1b8`;
}
