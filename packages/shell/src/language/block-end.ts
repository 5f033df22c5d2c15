import { skipBackticks, skipHereDocument, skipHereString, skipSingleQuoted } from './block-quotes.ts';

/** Substitutions in strings in substitutions …: past this nobody wrote the text. */
const DEEPEST = 200;

const PLAIN = /[^\s\\'"`$#<(){}]+|[^\S\n]+/y;
const PLAIN_IN_DOUBLE = /[^\\"`$]+/y;
const PLAIN_IN_BRACES = /[^\\'"`$}]+/y;
const COMMENT = /#[^\n]*/y;
/** `<<` moves bits where there are numbers. */
const ARITHMETIC = /\(\((?:[^()\n'"`{}]|\$\{[^{}\n]*\}|\([^()\n'"`{}]*\))*\)\)/y;
const HERE_DOCUMENT = /<<(-?)[ \t]*(\\?[A-Za-z_][\w.-]*|'[^'\n]+'|"[^"\n]+")/y;
const HERE_TEXT = /<<<+/y;
const CASE = /case(?=\s[^\n;]{1,200}?\sin\s)/y;
const ESAC = /esac(?![\w-])/y;

/** Commands between brackets; `cases`: at how many open parentheses each open `case` began. */
type Level = {
  readonly close: '}' | ')';
  open: number;
  readonly cases: number[];
  readonly documents: { readonly mark: string; readonly indented: boolean }[];
};

/**
 * Finds the end of the script block that a text begins with. The block may be of this language or of a Unix shell's, so
 * what either of them takes for quoted is skipped; outside of that every brace counts.
 * @returns the block's length with both braces; undefined if the text ends inside it
 */
export function findBlockEnd(text: string): number | undefined {
  return new BlockScanner(text).findEnd();
}

class BlockScanner {
  readonly #text: string;
  /** Where the last comment ends; looked for when one begins, since each of many blocks would look through all the text. */
  #lastComment: number | undefined;
  #at = 1;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  findEnd(): number | undefined {
    return this.#skipCommands('}') ? this.#at : undefined;
  }

  get #char(): string {
    return this.#text.charAt(this.#at);
  }

  #read(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text) ?? undefined;
    if (match !== undefined) this.#at += match[0].length;
    return match;
  }

  /** Goes to the index behind what was skipped: the end, if it is not closed. */
  #goTo(end: number | undefined): void {
    this.#at = end ?? this.#text.length;
  }

  /** Goes behind the bracket that closes the commands here; false if none does. */
  #skipCommands(close: Level['close']): boolean {
    const level: Level = { close, open: 0, cases: [], documents: [] };
    this.#depth++;
    while (this.#at < this.#text.length && this.#depth <= DEEPEST) {
      if (this.#skipBracket(level)) {
        this.#depth--;
        return true;
      }
    }
    return false;
  }

  /** Skips what stands here; true if that was the bracket that closes the commands. */
  #skipBracket(level: Level): boolean {
    const { close } = level;
    const open = close === ')' ? '(' : '{';
    if (this.#read(ARITHMETIC) !== undefined) return false;
    const char = this.#char;
    if (char === close && !(close === ')' && level.cases.at(-1) === level.open)) {
      this.#at++;
      return level.open-- === 0;
    }
    if (char === open) level.open++;
    if ('(){}'.includes(char)) this.#at++;
    else this.#skipPart(level);
    return false;
  }

  #skipPart(level: Level): void {
    const char = this.#char;
    if (char === '\n') this.#skipLineEnd(level);
    else if (char === '<') this.#skipLess(level);
    else if (!this.#atWordStart()) this.#skipQuoted(PLAIN);
    else if (char === '#') this.#read(COMMENT);
    else if (this.#read(CASE) !== undefined) level.cases.push(level.open);
    else if (this.#read(ESAC) !== undefined) level.cases.pop();
    else this.#skipQuoted(PLAIN);
  }

  #atWordStart(): boolean {
    return /[\s;|&(){]/.test(this.#text.charAt(this.#at - 1));
  }

  #skipLineEnd({ documents }: Level): void {
    this.#at++;
    for (const { mark, indented } of documents.splice(0))
      this.#goTo(skipHereDocument(this.#text, this.#at, mark, indented));
  }

  #skipLess({ documents }: Level): void {
    if (this.#read(HERE_TEXT) !== undefined) return;
    const match = this.#read(HERE_DOCUMENT);
    const [, dash, mark] = match ?? [];
    if (mark !== undefined) documents.push({ mark: mark.replace(/^\\|['"]/g, ''), indented: dash === '-' });
    if (match !== undefined) return;
    const isComment = this.#text.startsWith('<#', this.#at) && this.#at < this.#endOfComments();
    this.#at = isComment ? this.#text.indexOf('#>', this.#at) + 2 : this.#at + 1;
  }

  #endOfComments(): number {
    this.#lastComment ??= this.#text.lastIndexOf('#>');
    return this.#lastComment;
  }

  /** Skips a quotation, an escape, a substitution, or else a run of `plain` characters. */
  #skipQuoted(plain: RegExp, inString = false): void {
    switch (this.#char) {
      case '\\':
        this.#at += 2;
        break;
      case "'":
        this.#goTo(skipHereString(this.#text, this.#at) ?? skipSingleQuoted(this.#text, this.#at, ''));
        break;
      case '"':
        this.#skipDoubleQuoted();
        break;
      case '`':
        this.#goTo(skipBackticks(this.#text, this.#at));
        break;
      case '$':
        this.#skipDollar(inString);
        break;
      default:
        if (this.#read(plain) === undefined) this.#at++;
    }
  }

  #skipDoubleQuoted(): void {
    const here = skipHereString(this.#text, this.#at);
    this.#at = here ?? this.#at + 1;
    if (here === undefined) this.#skipUntil('"');
  }

  #skipDollar(inString: boolean): void {
    this.#at++;
    if (this.#char === "'" && !inString) {
      this.#goTo(skipSingleQuoted(this.#text, this.#at, '\\'));
    } else if (this.#read(ARITHMETIC) !== undefined) {
      return;
    } else if (this.#char === '(') {
      this.#at++;
      this.#skipCommands(')');
    } else if (this.#char === '{') {
      this.#at++;
      this.#skipUntil('}');
    }
  }

  /** Skips the rest of a string or of `${ }`, with what is quoted or substituted inside. */
  #skipUntil(close: '"' | '}'): void {
    const inString = close === '"';
    this.#depth++;
    while (this.#at < this.#text.length && this.#depth <= DEEPEST) {
      const char = this.#char;
      if (char === close) {
        this.#at++;
        this.#depth--;
        return;
      }
      // In a string a single quote is a character like any other.
      if (char === "'" && inString) this.#at++;
      else this.#skipQuoted(inString ? PLAIN_IN_DOUBLE : PLAIN_IN_BRACES, inString);
    }
  }
}
