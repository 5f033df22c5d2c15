import type { Emulator } from './emulator.ts';

type Parameters = (number | number[])[];

/** Private modes that the emulator does not keep but a person's terminal does. All are off in a fresh terminal. */
const OTHER_MODES = [5, 2027, 2031, 2048];
/** How a mouse is reported: of several, xterm takes that which was set last. The emulator knows only two of them. */
const MOUSE_ENCODINGS = [1005, 1006, 1015, 1016];
/** The emulator does not bound titles and palettes; nobody needs more. */
const MAX_TEXT = 4096;
/** As deep as xterm's own stack. */
const MAX_TITLES = 10;
/** Deeper than any program pushes kitty's keyboard flags. */
const MAX_KITTY_STACK = 32;
/** What XTMODKEYS disables where nothing is named. */
const MODIFY_FUNCTION_KEYS = 2;
const NO_KITTY = `\x1b[<${MAX_KITTY_STACK}u\x1b[=0;1u`;
/** Answers to queries for colours while nobody is attached, by OSC number: the usual dark terminal. */
const DEFAULT_COLORS: Readonly<Record<number, string>> = {
  10: 'rgb:d0d0/d0d0/d0d0',
  11: 'rgb:0000/0000/0000',
  12: 'rgb:d0d0/d0d0/d0d0',
};

/**
 * The states of a terminal that the emulator does not keep: keyboard protocols (kitty's flags, XTMODKEYS), colours,
 * title, the mouse's encodings and some private modes; and the answers that it does not give.
 */
export class ModeTracker {
  readonly #emulator: Emulator;
  readonly #answer: (reply: string) => void;
  readonly #modes = new Set<number>();
  /** In the order in which they were set. */
  #mouseEncodings: number[] = [];
  readonly #colors = new Map<string, string>();
  /** XTMODKEYS: what brings each resource there. */
  readonly #modifyKeys = new Map<number, string>();
  #title = '';
  /** XTPUSHTITLE: what programs like vim set aside, the last one on top. */
  #titles: string[] = [];
  /** Kitty keeps flags and stack for each screen apart; the last entry is what holds. */
  #kitty = { normal: [0], alternate: [0] };

  /** @param answer takes replies to queries that the emulator leaves unanswered */
  constructor(emulator: Emulator, answer: (reply: string) => void) {
    this.#emulator = emulator;
    this.#answer = answer;
    this.#watchTitles();
    this.#watchModes();
    this.#watchKeyboard();
    this.#watchColors();
  }

  /** What brings a terminal of unknown state to the defaults of all that is tracked here, but for its title. */
  get reset(): string {
    const modes = [...OTHER_MODES, ...MOUSE_ENCODINGS].map((mode) => `\x1b[?${mode}l`).join('');
    return `${modes}${NO_KITTY}\x1b[>4m\x1b]104\x1b\\\x1b]110\x1b\\\x1b]111\x1b\\\x1b]112\x1b\\`;
  }

  /** What brings a terminal from its defaults to the tracked state, but for the keyboard flags. */
  get text(): string {
    const modes = [...this.#modes, ...this.#mouseEncodings].map((mode) => `\x1b[?${mode}h`);
    const colors = [...this.#colors].map(([key, color]) => `\x1b]${key};${color}\x1b\\`);
    const titles = this.#titles.map((title) => `${titled(title)}\x1b[22;2t`);
    return [...modes, ...colors, ...this.#modifyKeys.values(), ...titles, titled(this.#title)].join('');
  }

  /** The keyboard flags of one screen, to be sent while that screen is shown. */
  keyboard(screen: 'normal' | 'alternate'): string {
    const [base = 0, ...pushed] = this.#kitty[screen];
    return `${NO_KITTY}${base === 0 ? '' : `\x1b[=${base};1u`}` + pushed.map((flags) => `\x1b[>${flags}u`).join('');
  }

  /** XTWINOPS 22 and 23; their second parameter 1 means the icon's name alone, which nobody sees any more. */
  #watchTitles(): void {
    const { terminal } = this.#emulator;
    terminal.onTitleChange((title) => (this.#title = title.slice(0, MAX_TEXT)));
    terminal.parser.registerCsiHandler({ final: 't' }, ([action, which]) => {
      if (first(which) === 1) return true;
      if (first(action) === 22) this.#titles = [...this.#titles, this.#title].slice(-MAX_TITLES);
      if (first(action) === 23) this.#title = this.#titles.pop() ?? this.#title;
      return true;
    });
  }

  #watchModes(): void {
    const { parser } = this.#emulator.terminal;
    parser.registerCsiHandler({ prefix: '?', final: 'h' }, (parameters) => {
      for (const mode of parameters.map(first)) {
        if (OTHER_MODES.includes(mode)) this.#modes.add(mode);
        if (MOUSE_ENCODINGS.includes(mode)) this.#mouseEncodings = [...this.#otherEncodings(mode), mode];
      }
      return false;
    });
    parser.registerCsiHandler({ prefix: '?', final: 'l' }, (parameters) => {
      for (const mode of parameters.map(first)) {
        this.#modes.delete(mode);
        // Without the one that holds there is none.
        this.#mouseEncodings = mode === this.#mouseEncodings.at(-1) ? [] : this.#otherEncodings(mode);
      }
      return false;
    });
    parser.registerEscHandler({ final: 'c' }, () => {
      this.#modes.clear();
      this.#mouseEncodings = [];
      this.#colors.clear();
      this.#modifyKeys.clear();
      this.#kitty = { normal: [0], alternate: [0] };
      return false;
    });
  }

  #otherEncodings(mode: number): number[] {
    return this.#mouseEncodings.filter((other) => other !== mode);
  }

  #watchKeyboard(): void {
    const { parser } = this.#emulator.terminal;
    const on = (prefix: string, handler: (parameters: Parameters) => void): void => {
      parser.registerCsiHandler({ prefix, final: 'u' }, (parameters) => {
        handler(parameters);
        return true;
      });
    };
    on('>', ([flags]) => {
      this.#flags.push(first(flags));
      if (this.#flags.length > MAX_KITTY_STACK) this.#flags.splice(0, 1);
    });
    on('<', ([count]) => {
      this.#flags.splice(Math.max(this.#flags.length - (first(count) || 1), 0));
      if (this.#flags.length === 0) this.#flags.push(0);
    });
    on('=', ([flags, how]) => {
      const before = this.#flags.pop() ?? 0;
      this.#flags.push(changedFlags(before, first(flags), first(how)));
    });
    parser.registerCsiHandler({ prefix: '>', final: 'm' }, ([resource, value]) => {
      if (resource === undefined || first(resource) === 0) this.#modifyKeys.clear();
      else if (value === undefined) this.#modifyKeys.delete(first(resource));
      else this.#modifyKeys.set(first(resource), `\x1b[>${first(resource)};${first(value)}m`);
      return true;
    });
    parser.registerCsiHandler({ prefix: '>', final: 'n' }, ([resource]) => {
      const disabled = first(resource) || MODIFY_FUNCTION_KEYS;
      this.#modifyKeys.set(disabled, `\x1b[>${disabled}n`);
      return true;
    });
    parser.registerCsiHandler({ prefix: '>', final: 'q' }, () => {
      this.#answer('\x1bP>|Holdfast\x1b\\');
      return true;
    });
  }

  #watchColors(): void {
    const { parser } = this.#emulator.terminal;
    for (const code of [10, 11, 12]) {
      parser.registerOscHandler(code, (data) => {
        if (data.startsWith('?'))
          this.#answer(`\x1b]${code};${this.#colors.get(String(code)) ?? DEFAULT_COLORS[code]}\x1b\\`);
        else this.#setColor(String(code), data);
        return true;
      });
      parser.registerOscHandler(code + 100, () => this.#colors.delete(String(code)) || true);
    }
    parser.registerOscHandler(4, (data) => {
      const fields = data.split(';');
      for (let at = 0; at + 1 < fields.length; at += 2) {
        if (/^\d{1,3}$/.test(fields[at] ?? '')) this.#setColor(`4;${Number(fields[at])}`, fields[at + 1] ?? '');
      }
      return true;
    });
    parser.registerOscHandler(104, (data) => {
      const keys = data === '' ? [...this.#colors.keys()].filter((key) => key.startsWith('4;')) : [];
      for (const key of [...keys, ...data.split(';').map((index) => `4;${index}`)]) this.#colors.delete(key);
      return true;
    });
  }

  #setColor(key: string, color: string): void {
    if (color !== '?' && color.length <= 64) this.#colors.set(key, printable(color));
  }

  get #flags(): number[] {
    return this.#kitty[this.#emulator.isAlternate ? 'alternate' : 'normal'];
  }
}

/** The first of a parameter's colon-separated values; 0 where there is none. */
function first(parameter: number | number[] | undefined): number {
  return (typeof parameter === 'number' ? parameter : parameter?.[0]) ?? 0;
}

/** CSI = flags ; how u: 1 sets all, 2 adds, 3 removes. */
function changedFlags(before: number, flags: number, how: number): number {
  if (how === 2) return before | flags;
  return how === 3 ? before & ~flags : flags;
}

/** A title that nobody has set is the person's own. */
function titled(title: string): string {
  return title === '' ? '' : `\x1b]2;${printable(title)}\x1b\\`;
}

function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what must go
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '');
}
