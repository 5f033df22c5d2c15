import { ErrorRecord } from './error-record.ts';
import { toText } from './value-conversion.ts';

/** A regular expression of .NET's, as JavaScript runs it. */
export type Pattern = {
  readonly regex: RegExp;
  /** The groups from 1 on in .NET's order, in which those with a name come last; `index` is where JavaScript has them. */
  readonly groups: readonly Group[];
};

type Group = { readonly name: string | undefined; readonly index: number };
type Item = { readonly text: string; readonly isSet: boolean };
/** What stands between two brackets: its options, and the brackets that `(?i)` opened in it. */
type Scope = { readonly options: ReadonlySet<string>; wraps: string[] };

const WORD = String.raw`\p{L}\p{Mn}\p{Nd}\p{Pc}`;
const BLANK = String.raw`\f\n\r\t\v\x85\p{Z}`;
const SETS: Readonly<Record<string, string>> = {
  w: `[${WORD}]`,
  W: `[^${WORD}]`,
  d: String.raw`\p{Nd}`,
  D: String.raw`\P{Nd}`,
  s: `[${BLANK}]`,
  S: `[^${BLANK}]`,
};
/** A boundary knows two joiners besides. */
const NEAR_WORD = String.raw`[${WORD}\u200c\u200d]`;
const ANCHORS: Readonly<Record<string, string>> = {
  A: '^',
  z: '$',
  Z: String.raw`(?=\n?$)`,
  b: `(?:(?<=${NEAR_WORD})(?!${NEAR_WORD})|(?<!${NEAR_WORD})(?=${NEAR_WORD}))`,
  B: `(?:(?<=${NEAR_WORD})(?=${NEAR_WORD})|(?<!${NEAR_WORD})(?!${NEAR_WORD}))`,
};
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7, e: 27 };
const CATEGORY = /[pP]\{(?:C[cfnos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)\}/uy;
const GROUP_NAME = String.raw`[\p{L}_][\p{L}\p{N}_]*`;
const NAMED_GROUP = new RegExp(String.raw`\(\?(?:<(${GROUP_NAME})>|'(${GROUP_NAME})')`, 'uy');
const NAMED_REFERENCE = new RegExp(String.raw`k(?:<(${GROUP_NAME})>|'(${GROUP_NAME})')`, 'uy');

/** A regular expression of the user's, for all matches in a text. @throws ErrorRecord InvalidRegularExpression */
export function pattern(text: unknown, caseSensitive: boolean): Pattern {
  const source = toText(text);
  try {
    const { translated, groups } = new Translation(source).translate();
    return { regex: new RegExp(translated, caseSensitive ? 'gv' : 'giv'), groups };
  } catch (cause) {
    // The engine shows its own spelling of the pattern first.
    const reason = cause instanceof Error ? cause.message.replace(/^.*\/\w*: /su, '') : String(cause);
    const message = `Invalid pattern '${source}': ${reason}`;
    throw new ErrorRecord('InvalidRegularExpression', 'InvalidArgument', message, { cause });
  }
}

/** `[regex]::Escape`. */
export function escapedPattern(text: string): string {
  const names: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\f': '\\f' };
  return text.replaceAll(/[\\*+?|{[()^$.# \n\r\t\f]/gu, (char) => names[char] ?? `\\${char}`);
}

/** One pass over a pattern; what JavaScript cannot do is refused. */
class Translation {
  readonly #source: string;
  #at = 0;
  /** Numbers are references to groups, which can be told only when all groups are known. */
  readonly #pieces: (string | number)[] = [];
  readonly #names: (string | undefined)[] = [];
  readonly #outer: Scope[] = [];
  #scope: Scope = { options: new Set(), wraps: [] };

  constructor(source: string) {
    this.#source = source;
  }

  /** @throws SyntaxError */
  translate(): { translated: string; groups: readonly Group[] } {
    while (this.#at < this.#source.length) this.#pieces.push(...this.#next());
    if (this.#outer.length > 0) throw new SyntaxError("Not enough )'s.");
    const all = this.#names.map((name, index): Group => ({ name, index: index + 1 }));
    const groups = [...all.filter(({ name }) => name === undefined), ...all.filter(({ name }) => name !== undefined)];
    const text = this.#pieces.map((piece) => (typeof piece === 'string' ? piece : reference(piece, groups)));
    return { translated: text.join('') + this.#closed(), groups };
  }

  #next(): (string | number)[] {
    const { options } = this.#scope;
    const skipped = options.has('x') ? this.#take(/\s+|#[^\n]*/uy) : undefined;
    if (skipped !== undefined) return [];
    const quantifier = this.#take(/(?:[*+?]|\{\d+(?:,\d*)?\})\??/uy);
    if (quantifier !== undefined) return quantifier.slice(0, 1);
    const sign = this.#take(/[)|^$.]/uy)?.[0];
    if (sign !== undefined) return [this.#sign(sign)];
    switch (this.#source[this.#at]) {
      case '\\':
        return [this.#escapeOrReference()];
      case '[':
        return [this.#set()];
      case '(':
        return [this.#open()];
      default:
        return [this.#literal()];
    }
  }

  #sign(sign: string): string {
    const { options, wraps } = this.#scope;
    switch (sign) {
      case ')':
        return this.#close();
      case '|':
        return `${this.#closed()}|${wraps.join('')}`;
      case '^':
        return options.has('m') ? String.raw`(?<![^\n])` : '^';
      case '$':
        return options.has('m') ? String.raw`(?![^\n])` : String.raw`(?=\n?$)`;
      default:
        return options.has('s') ? '[^]' : String.raw`[^\n]`;
    }
  }

  #closed(): string {
    return ')'.repeat(this.#scope.wraps.length);
  }

  #close(): string {
    const text = `${this.#closed()})`;
    const outer = this.#outer.pop();
    if (outer === undefined) throw new SyntaxError("Too many )'s.");
    this.#scope = outer;
    return text;
  }

  #open(): string {
    if (this.#take(/\(\?#[^)]*\)/uy) !== undefined) return '';
    const plain = this.#take(/\(\?(?:[:=!]|<[=!])/uy);
    if (plain !== undefined) return this.#enter(plain[0]);
    const options = this.#take(/\(\?([imnsx]*)(?:-([imnsx]*))?([:)])/uy);
    if (options !== undefined) return this.#changeOptions(options);
    const named = this.#take(NAMED_GROUP);
    if (named !== undefined) return this.#capture(named[1] ?? named[2]);
    const refused = this.#take(/\(\?(?:<.?|.)?/uy);
    if (refused !== undefined) throw new SyntaxError(`the group ${refused[0]} is not in this version.`);
    this.#at++;
    return this.#scope.options.has('n') ? this.#enter('(?:') : this.#capture(undefined);
  }

  #enter(text: string, options = this.#scope.options): string {
    this.#outer.push(this.#scope);
    this.#scope = { options, wraps: [] };
    return text;
  }

  #capture(name: string | undefined): string {
    this.#names.push(name);
    return this.#enter(name === undefined ? '(' : `(?<${name}>`);
  }

  /** `(?i)` to the end of the group it is in, `(?i:…)` for its own. Letter case alone is the engine's. */
  #changeOptions([, on = '', off = '', end]: RegExpExecArray): string {
    const options = new Set([...this.#scope.options, ...Array.from(on)].filter((option) => !off.includes(option)));
    const isCased = off.includes('i');
    const wrap = isCased ? '(?-i:' : on.includes('i') ? '(?i:' : '(?:';
    if (end === ':') return this.#enter(wrap, options);
    this.#scope = { options, wraps: [...this.#scope.wraps, wrap] };
    return wrap;
  }

  #escapeOrReference(): string | number {
    const letter = this.#source[this.#at + 1] ?? '';
    const anchor = Object.hasOwn(ANCHORS, letter) ? ANCHORS[letter] : undefined;
    if (anchor === undefined) return this.#reference() ?? this.#escape().text;
    this.#at += 2;
    return anchor;
  }

  #reference(): string | number | undefined {
    this.#at++;
    const number = this.#take(/[1-9]\d*|k<(\d+)>|k'(\d+)'/uy);
    if (number !== undefined) return Number(number[1] ?? number[2] ?? number[0]);
    const named = this.#take(NAMED_REFERENCE);
    if (named !== undefined) return String.raw`\k<${named[1] ?? named[2] ?? ''}>`;
    this.#at--;
    return undefined;
  }

  /** An escape that stands for a character or a set of them. */
  #escape(): Item {
    this.#at++;
    const category = this.#take(CATEGORY);
    if (category !== undefined) return { text: `\\${category[0]}`, isSet: true };
    const code = this.#code();
    if (code !== undefined) return codePoint(code);
    const letter = this.#source[this.#at] ?? '';
    if (letter === '') throw new SyntaxError('Illegal \\ at end of pattern.');
    if (!/[\p{L}\p{N}_]/u.test(letter)) return { text: this.#literal(), isSet: false };
    this.#at++;
    const set = SETS[letter];
    if (set !== undefined) return { text: set, isSet: true };
    const known = CONTROLS[letter];
    if (known !== undefined) return codePoint(known);
    throw new SyntaxError(`the escape \\${letter} is not in this version.`);
  }

  /** `x41`, `u0041`, `012`, `cA` */
  #code(): number | undefined {
    const hexadecimal = this.#take(/x([\da-f]{2})|u([\da-f]{4})/iuy);
    if (hexadecimal !== undefined) return Number.parseInt(hexadecimal[1] ?? hexadecimal[2] ?? '', 16);
    const octal = this.#take(/0[0-7]{0,2}/uy);
    if (octal !== undefined) return Number.parseInt(octal[0], 8);
    const control = this.#take(/c([@-_a-z])/uy)?.[1];
    return control === undefined ? undefined : control.toUpperCase().charCodeAt(0) - 64;
  }

  /** `[a-z-[aeiou]]` */
  #set(): string {
    this.#at++;
    const start = this.#take(/\^/uy) === undefined ? '[' : '[^';
    let text = '';
    for (let isFirst = true; ; isFirst = false) {
      if (this.#at >= this.#source.length) throw new SyntaxError('Unterminated [] set.');
      if (!isFirst && this.#take(/\]/uy) !== undefined) return `${start}${text}]`;
      if (!isFirst && this.#take(/-(?=\[)/uy) !== undefined) {
        const without = this.#set();
        if (this.#take(/\]/uy) === undefined) throw new SyntaxError('A subtraction must be the last of a [] set.');
        return `[${start}${text}]--${without}]`;
      }
      text += this.#range();
    }
  }

  #range(): string {
    const from = this.#setItem();
    if (from.isSet || this.#take(/-(?![[\]])/uy) === undefined) return from.text;
    const to = this.#setItem();
    if (to.isSet) throw new SyntaxError('Cannot include a class in a character range.');
    return `${from.text}-${to.text}`;
  }

  #setItem(): Item {
    if (this.#take(/\\b/uy) !== undefined) return codePoint(8);
    return this.#source[this.#at] === '\\' ? this.#escape() : { text: this.#literal(), isSet: false };
  }

  #literal(): string {
    const code = this.#source.codePointAt(this.#at) ?? 0;
    this.#at += code > 0xffff ? 2 : 1;
    return codePoint(code).text;
  }

  #take(what: RegExp): RegExpExecArray | undefined {
    what.lastIndex = this.#at;
    const match = what.exec(this.#source);
    if (match === null) return undefined;
    this.#at = what.lastIndex;
    return match;
  }
}

/** Spelled so that no place gives it another meaning. */
function codePoint(code: number): Item {
  const char = String.fromCodePoint(code);
  return { text: /[a-z\d]/iu.test(char) && code < 128 ? char : `\\u{${code.toString(16)}}`, isSet: false };
}

function reference(number: number, groups: readonly Group[]): string {
  const group = groups[number - 1];
  if (group === undefined) throw new SyntaxError(`Reference to undefined group number ${number}.`);
  return group.name === undefined ? `(?:\\${group.index})` : `\\k<${group.name}>`;
}
