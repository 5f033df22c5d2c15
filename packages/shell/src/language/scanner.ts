import { endsWord, isBlank, isDoubleQuote, isNewline, isSingleQuote, isVariableStart } from './characters.ts';
import { readEscape } from './escapes.ts';
import { parseNumber } from './number-literal.ts';
import { ParseError } from './parse-error.ts';
import type { Expression, StringExpression, VariableExpression } from './syntax-tree.ts';

const VARIABLE = /\$(?:\{([^}]*)\}|((?:[A-Za-z_]\w*:)?\w+|[?$^]))/uy;
const CONSTANTS = new Set(['true', 'false', 'null']);

/** What PowerShell's grammar has at a character and this version refuses. */
const REFUSED = new Map([
  ['|', 'Pipelines'],
  ['&', 'Chains and background commands'],
  ['(', 'Expressions'],
  ['{', 'Script blocks'],
  ['<', 'Redirections'],
  ['>', 'Redirections'],
  ['@', 'Splatting, @( ), @{ } and here-strings'],
]);

/** Reads single values, blanks and comments of a text, from `at` on. */
export class Scanner {
  readonly text: string;
  readonly errors: ParseError[] = [];
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The character at hand; empty at the end of the text. */
  get char(): string {
    return this.text.charAt(this.at);
  }

  get next(): string {
    return this.text.charAt(this.at + 1);
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** Notes an error and goes to the end: what follows a misunderstanding would be guessed. */
  fail(message: string, from: number, options: { to?: number; incomplete?: boolean } = {}): void {
    this.errors.push(new ParseError(message, { from, to: options.to ?? from + 1 }, options));
    this.at = this.text.length;
  }

  /** A value without commas: a word, a number, a string or a constant. */
  value(): Expression {
    const { char } = this;
    if (isSingleQuote(char)) return this.#quoted('single');
    if (isDoubleQuote(char)) return this.#quoted('double');
    if (char === '$' && isVariableStart(this.next)) return this.#variable();
    if (char === '@' && !endsWord(this.next)) this.#refuse(char);
    if (endsWord(char)) this.#missing(char);
    return this.#word();
  }

  /** Blanks, comments and continued lines. */
  skipBlanks(): void {
    for (;;) {
      if (isBlank(this.char)) this.at++;
      else if (this.char === '`' && isNewline(this.next)) this.at += this.text.startsWith('\r\n', this.at + 1) ? 3 : 2;
      else if (this.char === '#') this.#skipTo('\n', 0);
      else if (this.char === '<' && this.next === '#') this.#skipTo('#>', 2);
      else return;
    }
  }

  /** Blanks and ends of lines. */
  skipSpace(): void {
    this.skipBlanks();
    while (isNewline(this.char)) {
      this.at++;
      this.skipBlanks();
    }
  }

  /** What may stand between statements. */
  skipSeparators(): void {
    this.skipSpace();
    while (this.char === ';') {
      this.at++;
      this.skipSpace();
    }
  }

  #missing(char: string): void {
    if (char === '' || isNewline(char)) this.fail('A value is missing', this.at, { incomplete: true });
    else if (REFUSED.has(char)) this.#refuse(char);
    else this.fail(`${char} is not expected here`, this.at);
  }

  #refuse(char: string): void {
    this.fail(`${REFUSED.get(char)} are not in this version`, this.at);
  }

  #quoted(quote: 'single' | 'double'): StringExpression {
    const from = this.at;
    const value = this.#quotedText(quote);
    return { kind: 'string', value, quote, from, to: this.at };
  }

  /** Reads a quoted piece; its own quote twice stands for the quote, and `"` knows backtick escapes. */
  #quotedText(quote: 'single' | 'double'): string {
    const isEnd = quote === 'single' ? isSingleQuote : isDoubleQuote;
    const from = this.at++;
    let value = '';
    while (!this.atEnd) {
      const { char } = this;
      if (isEnd(char)) {
        this.at++;
        if (!isEnd(this.char)) return value;
      }
      if (quote === 'double' && char === '$' && /[\w({?]/u.test(this.next)) {
        this.fail('Variables in strings are not in this version: use single quotes, or `$', this.at);
      } else if (quote === 'double' && char === '`') {
        value += this.#escape();
      } else {
        value += char;
        this.at++;
      }
    }
    const mark = quote === 'single' ? "'" : '"';
    if (this.errors.length === 0) this.fail(`The string has no closing ${mark}`, from, { incomplete: true });
    return value;
  }

  #escape(): string {
    const { value, to } = readEscape(this.text, this.at);
    this.at = to;
    return value;
  }

  #variable(): Expression {
    const from = this.at;
    VARIABLE.lastIndex = from;
    const match = VARIABLE.exec(this.text);
    const name = match?.[1] ?? match?.[2] ?? '';
    const to = from + (match?.[0].length ?? 1);
    const variable: VariableExpression = { kind: 'variable', name, from, to };
    this.at = to;
    if (!CONSTANTS.has(name.toLowerCase()) || !endsWord(this.char)) {
      this.fail('Variables are not in this version, but for $true, $false and $null', from, { to });
    }
    return variable;
  }

  /** A bare word, in which quoted pieces and escapes may stand. */
  #word(): Expression {
    const from = this.at;
    let value = '';
    while (!endsWord(this.char)) {
      const { char } = this;
      if (char === '`') value += this.#escape();
      else if (isSingleQuote(char)) value += this.#quotedText('single');
      else if (isDoubleQuote(char)) value += this.#quotedText('double');
      else if (char === '$' && isVariableStart(this.next)) this.#variable();
      else {
        value += char;
        this.at++;
      }
    }
    const text = this.text.slice(from, this.at);
    const number = parseNumber(text);
    if (number !== undefined) return { kind: 'number', value: number, text, from, to: this.at };
    return { kind: 'string', value, quote: 'none', from, to: this.at };
  }

  #skipTo(mark: string, length: number): void {
    const end = this.text.indexOf(mark, this.at + length);
    if (end >= 0) this.at = end + length;
    else if (mark === '\n') this.at = this.text.length;
    else this.fail('The comment has no closing #>', this.at, { incomplete: true });
  }
}
