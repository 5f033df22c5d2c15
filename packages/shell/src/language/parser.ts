import { endsWord, isDash, isNewline } from './characters.ts';
import type { ParseError } from './parse-error.ts';
import { Scanner } from './scanner.ts';
import type {
  Command,
  CommandElement,
  Expression,
  ExitStatement,
  ParameterElement,
  Script,
  Statement,
  StringExpression,
} from './syntax-tree.ts';

/** What was read; with errors the script holds what stood before the first of them. */
export type Parsed = { readonly script: Script; readonly errors: readonly ParseError[] };

const PARAMETER = /[A-Za-z_?][\w?-]*/uy;

/** Parses command lines; never throws, and reads each character at most a few times. */
export function parse(text: string): Parsed {
  const scanner = new Scanner(text);
  const statements: Statement[] = [];
  for (;;) {
    scanner.skipSeparators();
    if (scanner.atEnd) break;
    const statement = parseStatement(scanner);
    if (scanner.errors.length > 0) break;
    statements.push(statement);
  }
  return { script: { kind: 'script', statements, from: 0, to: text.length }, errors: scanner.errors };
}

function parseStatement(scanner: Scanner): Statement {
  const command = parseCommand(scanner);
  const { value, quote } = command.name;
  if (quote === 'none' && value.toLowerCase() === 'exit') return toExit(command, scanner);
  return { kind: 'pipeline', commands: [command], from: command.from, to: command.to };
}

function toExit(command: Command, scanner: Scanner): ExitStatement {
  const [status, surplus] = command.elements;
  if (status?.kind === 'parameter') scanner.fail('exit takes a number', status.from, status);
  else if (surplus !== undefined) scanner.fail('exit takes one number', surplus.from, surplus);
  const value = status?.kind === 'parameter' ? undefined : status;
  return { kind: 'exit', status: value, from: command.from, to: command.to };
}

function parseCommand(scanner: Scanner): Command {
  const from = scanner.at;
  const name = parseCommandName(scanner);
  const elements: CommandElement[] = [];
  let parametersOver = false;
  for (;;) {
    scanner.skipBlanks();
    if (scanner.atEnd || scanner.char === ';' || isNewline(scanner.char)) break;
    if (!parametersOver && isEndOfParameters(scanner)) {
      parametersOver = true;
      scanner.at += 2;
      continue;
    }
    elements.push((parametersOver ? undefined : parseParameter(scanner)) ?? parseArgument(scanner));
  }
  return { kind: 'command', name, elements, from, to: elements.at(-1)?.to ?? name.to };
}

function parseCommandName(scanner: Scanner): StringExpression {
  const name = scanner.value();
  if (name.kind === 'string' && name.quote === 'none') return name;
  if (scanner.errors.length === 0) {
    scanner.fail('Expressions are not in this version: a line begins with a command', name.from, name);
  }
  return { kind: 'string', value: '', quote: 'none', from: name.from, to: name.to };
}

/** `--` between blanks: what follows are arguments, even with a dash. */
function isEndOfParameters({ char, next, text, at }: Scanner): boolean {
  return isDash(char) && isDash(next) && endsWord(text.charAt(at + 2));
}

function parseParameter(scanner: Scanner): ParameterElement | undefined {
  if (!isDash(scanner.char)) return undefined;
  const from = scanner.at;
  PARAMETER.lastIndex = from + 1;
  const name = PARAMETER.exec(scanner.text)?.[0];
  if (name === undefined) return undefined;
  scanner.at = from + 1 + name.length;
  if (scanner.char !== ':') return { kind: 'parameter', name, argument: undefined, from, to: scanner.at };
  scanner.at++;
  scanner.skipBlanks();
  const argument = parseArgument(scanner);
  return { kind: 'parameter', name, argument, from, to: argument.to };
}

/** One value, or several with commas between them. */
function parseArgument(scanner: Scanner): Expression {
  const first = scanner.value();
  const items = [first];
  for (;;) {
    const before = scanner.at;
    scanner.skipBlanks();
    if (scanner.char !== ',') {
      scanner.at = before;
      break;
    }
    scanner.at++;
    scanner.skipSpace();
    items.push(scanner.value());
  }
  const to = items.at(-1)?.to ?? first.to;
  return items.length === 1 ? first : { kind: 'array', items, from: first.from, to };
}
