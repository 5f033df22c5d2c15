import { endsWord, isBlank, isDash, isDoubleQuote, isNewline, isSingleQuote, isVariableStart } from './characters.ts';
import { readEscape } from './escapes.ts';
import { parseNumber } from './number-literal.ts';
import { ParseError } from './parse-error.ts';
import type {
  Command,
  CommandElement,
  Expression,
  ExitStatement,
  ParameterElement,
  Script,
  Statement,
  StringExpression,
  VariableExpression,
} from './syntax-tree.ts';

/** What was read; with errors the script holds what stood before the first of them. */
export type Parsed = { readonly script: Script; readonly errors: readonly ParseError[] };

const PARAMETER = /[A-Za-z_?][\w?-]*/uy;
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

/** Parses command lines; never throws, and reads each character at most a few times. */
export function parse(text: string): Parsed {
  return new Parser(text).parse();
}

class Parser {
  readonly #text: string;
  readonly #errors: ParseError[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Parsed {
    const statements: Statement[] = [];
    for (;;) {
      this.#skipSeparators();
      if (this.#at >= this.#text.length) break;
      const statement = this.#statement();
      if (this.#errors.length > 0) break;
      statements.push(statement);
    }
    return { script: { kind: 'script', statements, from: 0, to: this.#text.length }, errors: this.#errors };
  }

  get #char(): string {
    return this.#text.charAt(this.#at);
  }

  get #next(): string {
    return this.#text.charAt(this.#at + 1);
  }

  /** Notes an error and ends the parse: what follows a misunderstanding would be guessed. */
  #fail(message: string, from: number, options: { to?: number; incomplete?: boolean } = {}): void {
    this.#errors.push(new ParseError(message, { from, to: options.to ?? from + 1 }, options));
    this.#at = this.#text.length;
  }

  #statement(): Statement {
    const command = this.#command();
    const { value, quote } = command.name;
    if (quote === 'none' && value.toLowerCase() === 'exit') return this.#exit(command);
    return { kind: 'pipeline', commands: [command], from: command.from, to: command.to };
  }

  #exit(command: Command): ExitStatement {
    const [status, surplus] = command.elements;
    if (status?.kind === 'parameter') this.#fail('exit takes a number', status.from, status);
    else if (surplus !== undefined) this.#fail('exit takes one number', surplus.from, surplus);
    const value = status?.kind === 'parameter' ? undefined : status;
    return { kind: 'exit', status: value, from: command.from, to: command.to };
  }

  #command(): Command {
    const from = this.#at;
    const name = this.#commandName();
    const elements: CommandElement[] = [];
    let parametersOver = false;
    for (;;) {
      this.#skipBlanks();
      if (this.#at >= this.#text.length || this.#char === ';' || isNewline(this.#char)) break;
      if (!parametersOver && this.#isEndOfParameters()) {
        parametersOver = true;
        this.#at += 2;
        continue;
      }
      elements.push((parametersOver ? undefined : this.#parameter()) ?? this.#argument());
    }
    return { kind: 'command', name, elements, from, to: elements.at(-1)?.to ?? name.to };
  }

  #commandName(): StringExpression {
    const name = this.#single();
    if (name.kind === 'string' && name.quote === 'none') return name;
    if (this.#errors.length === 0)
      this.#fail('Expressions are not in this version: a line begins with a command', name.from, name);
    return { kind: 'string', value: '', quote: 'none', from: name.from, to: name.to };
  }

  /** `--` between blanks: what follows are arguments, even with a dash. */
  #isEndOfParameters(): boolean {
    return isDash(this.#char) && isDash(this.#next) && endsWord(this.#text.charAt(this.#at + 2));
  }

  #parameter(): ParameterElement | undefined {
    if (!isDash(this.#char)) return undefined;
    const from = this.#at;
    PARAMETER.lastIndex = from + 1;
    const name = PARAMETER.exec(this.#text)?.[0];
    if (name === undefined) return undefined;
    this.#at = from + 1 + name.length;
    if (this.#char !== ':') return { kind: 'parameter', name, argument: undefined, from, to: this.#at };
    this.#at++;
    this.#skipBlanks();
    const argument = this.#argument();
    return { kind: 'parameter', name, argument, from, to: argument.to };
  }

  /** One value, or several with commas between them. */
  #argument(): Expression {
    const first = this.#single();
    const items = [first];
    for (;;) {
      const before = this.#at;
      this.#skipBlanks();
      if (this.#char !== ',') {
        this.#at = before;
        break;
      }
      this.#at++;
      this.#skipSpace();
      items.push(this.#single());
    }
    const to = items.at(-1)?.to ?? first.to;
    return items.length === 1 ? first : { kind: 'array', items, from: first.from, to };
  }

  #single(): Expression {
    const char = this.#char;
    if (isSingleQuote(char)) return this.#quoted('single');
    if (isDoubleQuote(char)) return this.#quoted('double');
    if (char === '$' && isVariableStart(this.#next)) return this.#variable();
    if (char === '@' && !endsWord(this.#next)) this.#refuse(char);
    if (endsWord(char)) this.#missing(char);
    return this.#word();
  }

  #missing(char: string): void {
    const at = this.#at;
    if (char === '' || isNewline(char)) this.#fail('A value is missing', at, { incomplete: true });
    else if (REFUSED.has(char)) this.#refuse(char);
    else this.#fail(`${char} is not expected here`, at);
  }

  #refuse(char: string): void {
    this.#fail(`${REFUSED.get(char)} are not in this version`, this.#at);
  }

  #quoted(quote: 'single' | 'double'): StringExpression {
    const from = this.#at;
    const value = this.#quotedText(quote);
    return { kind: 'string', value, quote, from, to: this.#at };
  }

  /** Reads a quoted piece; its own quote twice stands for the quote, and `"` knows backtick escapes. */
  #quotedText(quote: 'single' | 'double'): string {
    const isEnd = quote === 'single' ? isSingleQuote : isDoubleQuote;
    const from = this.#at++;
    let value = '';
    while (this.#at < this.#text.length) {
      const char = this.#char;
      if (isEnd(char)) {
        this.#at++;
        if (!isEnd(this.#char)) return value;
      }
      if (quote === 'double' && char === '$' && /[\w({?]/u.test(this.#next)) {
        this.#fail('Variables in strings are not in this version: use single quotes, or `$', this.#at);
      } else if (quote === 'double' && char === '`') {
        value += this.#escape();
      } else {
        value += char;
        this.#at++;
      }
    }
    const mark = quote === 'single' ? "'" : '"';
    if (this.#errors.length === 0) this.#fail(`The string has no closing ${mark}`, from, { incomplete: true });
    return value;
  }

  #escape(): string {
    const { value, to } = readEscape(this.#text, this.#at);
    this.#at = to;
    return value;
  }

  #variable(): Expression {
    const from = this.#at;
    VARIABLE.lastIndex = from;
    const match = VARIABLE.exec(this.#text);
    const name = match?.[1] ?? match?.[2] ?? '';
    const to = from + (match?.[0].length ?? 1);
    const variable: VariableExpression = { kind: 'variable', name, from, to };
    this.#at = to;
    if (!CONSTANTS.has(name.toLowerCase()) || !endsWord(this.#char)) {
      this.#fail('Variables are not in this version, but for $true, $false and $null', from, { to });
    }
    return variable;
  }

  /** A bare word, in which quoted pieces and escapes may stand. */
  #word(): Expression {
    const from = this.#at;
    let value = '';
    while (!endsWord(this.#char)) {
      const char = this.#char;
      if (char === '`') value += this.#escape();
      else if (isSingleQuote(char)) value += this.#quotedText('single');
      else if (isDoubleQuote(char)) value += this.#quotedText('double');
      else if (char === '$' && isVariableStart(this.#next)) this.#variable();
      else {
        value += char;
        this.#at++;
      }
    }
    const text = this.#text.slice(from, this.#at);
    const number = parseNumber(text);
    if (number !== undefined) return { kind: 'number', value: number, text, from, to: this.#at };
    return { kind: 'string', value, quote: 'none', from, to: this.#at };
  }

  #skipBlanks(): void {
    for (;;) {
      if (isBlank(this.#char)) this.#at++;
      else if (this.#char === '`' && isNewline(this.#next))
        this.#at += this.#text.startsWith('\r\n', this.#at + 1) ? 3 : 2;
      else if (this.#char === '#') this.#skipTo('\n', 0);
      else if (this.#char === '<' && this.#next === '#') this.#skipTo('#>', 2);
      else return;
    }
  }

  #skipTo(mark: string, length: number): void {
    const end = this.#text.indexOf(mark, this.#at + length);
    if (end >= 0) this.#at = end + length;
    else if (mark === '\n') this.#at = this.#text.length;
    else this.#fail('The comment has no closing #>', this.#at, { incomplete: true });
  }

  #skipSpace(): void {
    do this.#skipBlanks();
    while (isNewline(this.#char) && this.#at++ >= 0);
  }

  #skipSeparators(): void {
    do this.#skipSpace();
    while (this.#char === ';' && this.#at++ >= 0);
  }
}
