import { isNewline } from './characters.ts';
import { readEscape } from './escapes.ts';
import type { Expectation } from './expectation.ts';
import { ParseError } from './parse-error.ts';
import type { Expression, Statement } from './syntax-tree.ts';
import type { Token, TokenKind } from './tokens.ts';

/** The rules that the rules below them come back to. */
export type Grammar = {
  readonly statement: (scanner: Scanner) => Statement;
  /** A pipeline, chain or assignment, and no keyword. */
  readonly pipeline: (scanner: Scanner) => Statement;
  /** Without `commas` a comma ends the expression: it parts the arguments of a call. */
  readonly expression: (scanner: Scanner, commas: boolean) => Expression;
};

/** Past this the tree would be deeper than what walks it can go. */
const DEEPEST = 200;

const BLANKS = /[^\S\r\n]+/uy;
const NEWLINES = /\s+/uy;
const JOINED_LINE = /`(?:\r\n|\r|\n)/uy;
const LINE_COMMENT = /#[^\r\n]*/uy;
const BLOCK_COMMENT = /<#[^]*?#>/uy;

/** Where the parser is in a text: reads characters, blanks and comments, and notes what it finds. Positions count from `offset`. */
export class Scanner {
  readonly errors: ParseError[] = [];
  readonly tokens: Token[] = [];
  at: number;
  /** The words here are of a command that may be native: a backslash escapes as in a shell. */
  inNativeWords = false;
  readonly #text: string;
  readonly #offset: number;
  readonly #grammar: Grammar;
  #expected: Expectation | undefined;
  #endsInComment = false;
  #depth = 0;
  /** Inside `( )` and `[ ]` a statement goes on over the ends of lines. */
  #joinsLines = false;

  constructor(text: string, grammar: Grammar, offset = 0) {
    this.#text = text;
    this.#offset = offset;
    this.#grammar = grammar;
    this.at = offset;
  }

  /** The character at hand; empty at the end of the text. */
  get char(): string {
    return this.peek(0);
  }

  get next(): string {
    return this.peek(1);
  }

  get end(): number {
    return this.#offset + this.#text.length;
  }

  get atEnd(): boolean {
    return this.at >= this.end;
  }

  get failed(): boolean {
    return this.errors.length > 0;
  }

  peek(distance: number): string {
    return this.#text.charAt(this.at - this.#offset + distance);
  }

  startsWith(mark: string): boolean {
    return this.#text.startsWith(mark, this.at - this.#offset);
  }

  slice(from: number, to = this.at): string {
    return this.#text.slice(from - this.#offset, to - this.#offset);
  }

  /** What a sticky pattern finds here; nothing is read. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at - this.#offset;
    return pattern.exec(this.#text) ?? undefined;
  }

  /** Reads what a sticky pattern finds here. */
  read(pattern: RegExp): string | undefined {
    const found = this.match(pattern)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  readChar(): string {
    const { char } = this;
    this.at += char.length;
    return char;
  }

  /** Reads `length` characters as one token. */
  take(kind: TokenKind, length: number): void {
    const from = this.at;
    this.at = Math.min(from + length, this.end);
    this.note(kind, from);
    if (kind === 'operator' || kind === 'block') this.expect(undefined);
  }

  note(kind: TokenKind, from: number): void {
    if (!this.failed && this.at > from) this.tokens.push({ kind, from, to: this.at });
  }

  /** What is being typed if the text ends here. */
  get expected(): Expectation | undefined {
    const [error] = this.errors;
    const from = this.#expected?.from ?? 0;
    return error === undefined || error.incomplete || from > error.span.from ? this.#expected : undefined;
  }

  /** Says what comes now, until blanks or operators are read; errors end all expectation. */
  expect(expected: Expectation | undefined): void {
    if (!this.failed) this.#expected = this.#endsInComment ? undefined : expected;
  }

  /** Notes the first error and goes to the end: what follows a misunderstanding would be guessed. */
  fail(message: string, from: number, options: { to?: number; incomplete?: boolean } = {}): void {
    const to = Math.min(options.to ?? from + 1, this.end);
    if (!this.failed) this.errors.push(new ParseError(message, { from, to }, options));
    this.at = this.end;
  }

  /** Fails because what must stand here does not; more text mends that if this is the end. */
  failMissing(what: string): void {
    const from = this.at;
    this.skipSpace();
    const { char } = this;
    if (char === '') this.fail(`${what} is missing`, from, { incomplete: true });
    else if (from < this.at) this.fail(`${what} is missing`, from);
    else this.fail(`${char} is not expected here`, from);
  }

  readEscape(): string {
    if (this.at + 1 >= this.end) this.fail('` goes on with the next line', this.at, { incomplete: true });
    const { value, to } = readEscape(this.#text, this.at - this.#offset);
    this.at = Math.min(to + this.#offset, this.end);
    return value;
  }

  /** Blanks, comments and continued lines. */
  skipBlanks(): void {
    while (this.#skipBlank());
  }

  /** Blanks and ends of lines. */
  skipSpace(): void {
    do this.skipBlanks();
    while (this.#readNewlines());
  }

  /** What may stand between statements. */
  skipSeparators(): void {
    this.skipSpace();
    while (this.char === ';') {
      this.at++;
      this.expect(undefined);
      this.skipSpace();
    }
  }

  /** Looks past the ends of lines; unless `found` is there, nothing was read. */
  lookPastLines(found: () => boolean): boolean {
    const { at } = this;
    const tokens = this.tokens.length;
    this.skipSpace();
    if (this.failed || found()) return true;
    this.at = at;
    this.tokens.length = tokens;
    return false;
  }

  /** True where a statement can go no further. */
  get atStatementEnd(): boolean {
    const { char } = this;
    return char === '' || ';)}'.includes(char) || isNewline(char);
  }

  /** Reads what stands in brackets; the opening one is here. */
  enclosed<T>(open: string, close: string, read: () => T): T {
    const from = this.at;
    const outside = this.#joinsLines;
    this.take('operator', open.length);
    this.#joinsLines = open === '(' || open === '[';
    const inside = this.deeper(read);
    this.skipSpace();
    if (this.char === close) this.take('operator', 1);
    else if (this.atEnd) this.fail(`${open} has no closing ${close}`, from, { incomplete: true });
    else this.failMissing(close);
    this.#joinsLines = outside;
    return inside;
  }

  statement(): Statement {
    return this.#grammar.statement(this);
  }

  pipeline(): Statement {
    return this.#grammar.pipeline(this);
  }

  expression(commas = true): Expression {
    return this.#grammar.expression(this, commas);
  }

  /** Nothing that holds statements or values is open. */
  get isOutermost(): boolean {
    return this.#depth === 0;
  }

  /** Whether reading fails here, though not for want of more text; nothing is read. */
  wouldFail(read: () => unknown): boolean {
    const { at } = this;
    const [tokens, expected, depth, joinsLines] = [this.tokens.length, this.#expected, this.#depth, this.#joinsLines];
    read();
    const [error] = this.errors.splice(0);
    this.tokens.length = tokens;
    [this.at, this.#expected, this.#depth, this.#joinsLines] = [at, expected, depth, joinsLines];
    return error !== undefined && !error.incomplete;
  }

  /** Reads what can hold more of its own kind. */
  deeper<T>(read: () => T): T {
    this.#depth++;
    if (this.#depth > DEEPEST) this.fail(`This is nested more than ${DEEPEST} deep`, this.at);
    const result = read();
    this.#depth--;
    return result;
  }

  #readNewlines(): boolean {
    if (this.read(NEWLINES) === undefined) return false;
    this.expect(undefined);
    return true;
  }

  #skipBlank(): boolean {
    const from = this.at;
    if (this.read(this.#joinsLines ? NEWLINES : BLANKS) ?? this.read(JOINED_LINE)) {
      this.expect(undefined);
      return true;
    }
    const isLine = this.read(LINE_COMMENT) !== undefined;
    if (isLine || this.read(BLOCK_COMMENT) !== undefined) {
      this.note('comment', from);
      this.#endsInComment = isLine && this.atEnd;
      this.expect(undefined);
      return true;
    }
    if (this.char === '`' && this.next === '') this.readEscape();
    if (!this.startsWith('<#')) return false;
    this.expect(undefined);
    this.at = this.end;
    this.note('comment', from);
    this.fail('The comment has no closing #>', from, { incomplete: true });
    return false;
  }
}
