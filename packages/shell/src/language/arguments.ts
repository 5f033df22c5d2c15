import { endsWord, isDash, isNewline } from './characters.ts';
import { parseMembers } from './members.ts';
import { missingValue, parseMarkedValue, startsMarkedValue } from './primaries.ts';
import type { Scanner } from './scanner.ts';
import type { CommandElement, Expression, ParameterElement } from './syntax-tree.ts';
import { parseVariable, startsSplatted } from './variables.ts';
import { parseWord } from './words.ts';

const VERBATIM = /--%(?=\s|$)/uy;
/** `-Name`, of which the name is given. */
export const PARAMETER = /[-\u2013-\u2015]([A-Za-z_?][\w?-]*)/uy;

/** Reads one element of a command: a parameter, or a value. */
export function parseElement(scanner: Scanner): CommandElement {
  if (scanner.match(VERBATIM) !== undefined)
    scanner.fail('--% is not in this version', scanner.at, { to: scanner.at + 3 });
  return parseParameter(scanner) ?? parseArgument(scanner);
}

/** Reads one value, or several with commas between them: PowerShell's argument mode. */
export function parseArgument(scanner: Scanner): Expression {
  const { expected } = scanner;
  const first = parseArgumentValue(scanner);
  const items = [first];
  scanner.skipBlanks();
  while (scanner.char === ',') {
    scanner.take('operator', 1);
    scanner.skipSpace();
    scanner.expect(expected && { ...expected, from: scanner.at });
    items.push(parseArgumentValue(scanner));
    scanner.skipBlanks();
  }
  if (items.length === 1) return first;
  return { kind: 'array', items, from: first.from, to: items.at(-1)?.to ?? first.to };
}

/** `--` between blanks: what follows are arguments, even with a dash. */
export function startsArguments(scanner: Scanner): boolean {
  return isDash(scanner.char) && isDash(scanner.next) && endsWord(scanner.peek(2));
}

/** Reads a value without commas. */
export function parseArgumentValue(scanner: Scanner): Expression {
  if (startsSplatted(scanner)) return parseVariable(scanner);
  if (scanner.char === '$' && scanner.next !== '(' && startsMarkedValue(scanner)) return parseVariableWord(scanner);
  if (startsMarkedValue(scanner)) return parseMembers(scanner, parseMarkedValue(scanner));
  if (!endsWord(scanner.char)) return parseWord(scanner);
  const from = scanner.at;
  if (scanner.char === '<') scanner.fail('< is not in this version', from);
  else scanner.failMissing('A value');
  return missingValue({ from, to: from });
}

/** A variable, with its members, or as the beginning of a word. */
function parseVariableWord(scanner: Scanner): Expression {
  const { expected } = scanner;
  const variable = parseVariable(scanner);
  const value = parseMembers(scanner, variable);
  if (value !== variable || endsWord(scanner.char)) return value;
  if (!scanner.startsWith('.') && !scanner.startsWith('::')) scanner.expect(expected);
  return parseWord(scanner, variable);
}

function parseParameter(scanner: Scanner): ParameterElement | undefined {
  const from = scanner.at;
  const match = scanner.match(PARAMETER);
  const name = match?.[1];
  if (match === undefined || name === undefined) return undefined;
  const hasArgument = scanner.peek(match[0].length) === ':';
  scanner.take('parameter', match[0].length + (hasArgument ? 1 : 0));
  if (!hasArgument) return { kind: 'parameter', name, argument: undefined, from, to: scanner.at };
  const { expected } = scanner;
  scanner.skipBlanks();
  if (expected?.kind === 'parameter') {
    scanner.expect({ ...expected, kind: 'argument', parameter: name, from: scanner.at });
  }
  if (isNewline(scanner.char)) scanner.failMissing('A value');
  const argument = parseArgument(scanner);
  return { kind: 'parameter', name, argument, from, to: argument.to };
}
