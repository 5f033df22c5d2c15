import xterm, { type IBuffer, type IBufferCell, type IUnicodeVersionProvider, type Terminal } from '@xterm/headless';
import { withWideEmoji } from './emoji-widths.ts';

/** What xterm.js knows of a cell or of the pen, more than its public type says. */
export type Attributes = Omit<
  IBufferCell,
  'getChars' | 'getWidth' | 'getCode' | 'isFgDefault' | 'isBgDefault' | 'isAttributeDefault'
> & {
  getUnderlineStyle(): number;
  isProtected(): number;
  /** Whether what `extended` says counts: DECRC brings back a pen without it, and leaves it there. */
  hasExtendedAttrs(): number;
  /** Colours and flags as numbers, to compare by. */
  readonly fg: number;
  readonly bg: number;
  readonly extended: { readonly ext: number; readonly urlId: number };
};

export type Cell = IBufferCell & Attributes;

/** The states of a buffer that the public API does not tell. */
export type BufferState = {
  readonly ybase: number;
  readonly savedX: number;
  /** Counted from the first line above the screen. */
  savedY: number;
  readonly savedCurAttrData: Attributes;
  readonly savedCharset: Charset | undefined;
  readonly scrollTop: number;
  readonly scrollBottom: number;
  readonly tabs: Readonly<Record<number, boolean>>;
};

/** Characters by which a character set differs from ASCII. */
export type Charset = Readonly<Record<string, string>>;

type Core = {
  readonly coreService: {
    isCursorHidden: boolean;
    readonly decPrivateModes: {
      readonly cursorStyle: 'block' | 'underline' | 'bar' | undefined;
      readonly cursorBlink: boolean | undefined;
      readonly synchronizedOutput: boolean;
    };
  };
  readonly unicodeService: { readonly _providers: { readonly 6: IUnicodeVersionProvider } };
  readonly coreMouseService: { readonly activeEncoding: string };
  readonly _charsetService: {
    readonly glevel: number;
    readonly charset: Charset | undefined;
    readonly _charsets: readonly (Charset | undefined)[];
  };
  readonly _bufferService: { readonly buffers: { readonly normal: BufferState; readonly alt: BufferState } };
  readonly _oscLinkService: { getLinkData(id: number): { id?: string; uri: string } | undefined };
  readonly _inputHandler: {
    readonly _curAttrData: Attributes;
    readonly _parser: { readonly precedingJoinState: number };
  };
};

/** xterm.js without a screen, and those of its internals that a snapshot needs (checked for 6.0.0 when it is made). */
export class Emulator {
  readonly terminal: Terminal;
  readonly #core: Core;

  /** @param scrollback lines kept above the screen */
  constructor(columns: number, rows: number, scrollback: number) {
    this.terminal = new xterm.Terminal({
      cols: columns,
      rows,
      scrollback,
      allowProposedApi: true,
      logLevel: 'off',
      windowOptions: { pushTitle: true, popTitle: true },
    });
    const core: unknown = '_core' in this.terminal ? this.terminal._core : undefined;
    if (!isCore(core)) throw new Error('This version of @xterm/headless has other internals than 6.0.0');
    this.#core = core;
    this.terminal.unicode.register(withWideEmoji(core.unicodeService._providers[6]));
    this.terminal.unicode.activeVersion = 'emoji';
    // Two modes that live among the options, and the hidden cursor: RIS forgets to reset them.
    this.terminal.parser.registerEscHandler({ final: 'c' }, () => {
      this.terminal.options = { convertEol: false, cursorBlink: false };
      core.coreService.isCursorHidden = false;
      return false;
    });
    // ED 3 takes the lines above the screen away, and xterm.js forgets that a saved cursor is counted from them.
    this.terminal.parser.registerCsiHandler({ final: 'J' }, ([what]) => {
      const { normal } = core._bufferService.buffers;
      if (what === 3 && this.terminal.buffer.active.type === 'normal') {
        normal.savedY = Math.max(normal.savedY - normal.ybase, 0);
      }
      return false;
    });
  }

  get isAlternate(): boolean {
    return this.terminal.buffer.active.type === 'alternate';
  }

  /** State of a buffer; the active one by default. */
  state(buffer: IBuffer = this.terminal.buffer.active): BufferState {
    const { normal, alt } = this.#core._bufferService.buffers;
    return buffer.type === 'normal' ? normal : alt;
  }

  get pen(): Attributes {
    return this.#core._inputHandler._curAttrData;
  }

  /** Columns of the character that came last, if nothing came behind it: REP and combining characters go back to it. */
  get lastPrinted(): number | undefined {
    const state = this.#core._inputHandler._parser.precedingJoinState;
    return state === 0 ? undefined : (state >> 1) & 3;
  }

  /** G0 to G3; the one that is printed as DECRC left it, which xterm.js keeps apart. */
  get charsets(): readonly (Charset | undefined)[] {
    const { _charsets: sets, charset, glevel } = this.#core._charsetService;
    return [0, 1, 2, 3].map((at) => (at === glevel ? charset : sets[at]));
  }

  /** Which of G0 to G3 is printed. */
  get charsetLevel(): number {
    return this.#core._charsetService.glevel;
  }

  get cursorHidden(): boolean {
    return this.#core.coreService.isCursorHidden;
  }

  get cursorStyle(): { shape: 'block' | 'underline' | 'bar' | undefined; blinks: boolean | undefined } {
    const { cursorStyle, cursorBlink } = this.#core.coreService.decPrivateModes;
    return { shape: cursorStyle, blinks: cursorBlink };
  }

  get synchronizesOutput(): boolean {
    return this.#core.coreService.decPrivateModes.synchronizedOutput;
  }

  /** DEFAULT, SGR or SGR_PIXELS. */
  get mouseEncoding(): string {
    return this.#core.coreMouseService.activeEncoding;
  }

  /** The hyperlink (OSC 8) of a cell or of the pen. */
  link(attributes: Attributes): { id?: string; uri: string } | undefined {
    const { urlId } = attributes.extended;
    return urlId === 0 || attributes.hasExtendedAttrs() === 0
      ? undefined
      : this.#core._oscLinkService.getLinkData(urlId);
  }
}

/** True for a cell as this version makes them. */
export function isCell(cell: IBufferCell): cell is Cell {
  return 'extended' in cell && 'isProtected' in cell && 'getUnderlineStyle' in cell;
}

function isCore(value: unknown): value is Core {
  return (
    has(value, 'coreService', 'decPrivateModes') &&
    has(value, 'unicodeService', '_providers', '6') &&
    has(value, 'coreMouseService', 'activeEncoding') &&
    has(value, '_charsetService', '_charsets') &&
    has(value, '_bufferService', 'buffers') &&
    has(value, '_oscLinkService', 'getLinkData') &&
    has(value, '_inputHandler', '_curAttrData') &&
    has(value, '_inputHandler', '_parser', 'precedingJoinState')
  );
}

function has(value: unknown, ...path: string[]): boolean {
  let at: unknown = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !(name in at)) return false;
    at = Reflect.get(at, name);
  }
  return at !== undefined;
}
