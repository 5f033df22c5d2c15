import { findBlockEnd } from './block-end.ts';
import { isDash, isQuote } from './characters.ts';
import { NUMBER_BEFORE_OPERATOR, parseNumber } from './number-literal.ts';
import type { Scanner } from './scanner.ts';
import { readStatements } from './statement-list.ts';
import { parseHereString, parseQuoted, startsHereString } from './strings.ts';
import type { Expression, HashtableExpression, NumberExpression, ScriptBlockExpression, Span } from './syntax-tree.ts';
import { parseSubExpression, parseVariable, startsSplatted, startsVariable } from './variables.ts';

const KEY = /[\p{L}_][\p{L}\p{N}_-]*(?=\s*=)/uy;
const TYPE = /\[\s*([\p{L}_][\w.+]*(?:\[(?:[\w.+,\s]|\[[\w.+,\s]*\])*\])*)\s*\]/uy;
const OPEN_TYPE = /\[\s*(?:[\p{L}_][\w.+,[\]\s]*)?$/uy;
const ATTRIBUTE = /\[\s*[\p{L}_][\w.]*\s*\(/uy;
const BARE_WORD = /[\p{L}\p{N}_][\p{L}\p{N}_.-]*/uy;

/** True where a value stands that needs no word: what begins with a mark of its own. */
export function startsMarkedValue(scanner: Scanner): boolean {
  const { char } = scanner;
  if (isQuote(char) || char === '(' || char === '{' || startsVariable(scanner)) return true;
  return scanner.startsWith('@(') || scanner.startsWith('@{') || startsHereString(scanner);
}

/** Reads a value that begins with a mark of its own, where startsMarkedValue() is true. */
export function parseMarkedValue(scanner: Scanner): Expression {
  const { char, next } = scanner;
  if (isQuote(char)) return parseQuoted(scanner);
  if (char === '{') return parseScriptBlock(scanner);
  if (char === '$') return next === '(' ? parseSubExpression(scanner) : parseVariable(scanner);
  const from = scanner.at;
  if (char === '(') {
    const statement = scanner.enclosed('(', ')', () => scanner.pipeline());
    return { kind: 'paren', statement, from, to: scanner.at };
  }
  if (next === '{') return parseHashtable(scanner);
  if (next !== '(') return parseHereString(scanner);
  const statements = scanner.enclosed('@(', ')', () => readStatements(scanner, ')'));
  const span = { from, to: scanner.at };
  return { kind: 'array-subexpression', body: { kind: 'block', statements, ...span }, ...span };
}

/** Reads a value of an expression; text without quotes is none. */
export function parsePrimary(scanner: Scanner): Expression {
  if (startsMarkedValue(scanner)) return parseMarkedValue(scanner);
  const from = scanner.at;
  const number = readNumber(scanner);
  if (number !== undefined) return number;
  if (startsSplatted(scanner)) scanner.fail('@ with a name stands only among the arguments of a command', from);
  const word = scanner.match(BARE_WORD)?.[0];
  if (word !== undefined)
    scanner.fail(`${word} is not expected here: text needs quotes`, from, { to: from + word.length });
  else scanner.failMissing('A value');
  return missingValue({ from, to: from });
}

/** Stands for a value that was not understood; what holds it is thrown away. */
export function missingValue({ from, to }: Span): Expression {
  return { kind: 'string', value: '', quote: 'single', from, to };
}

/** Reads a number before which a sign may stand. */
function readNumber(scanner: Scanner): NumberExpression | undefined {
  const from = scanner.at;
  if (scanner.char === '+' || isDash(scanner.char)) scanner.at++;
  if (scanner.read(NUMBER_BEFORE_OPERATOR) === undefined) {
    scanner.at = from;
    return undefined;
  }
  const text = scanner.slice(from);
  scanner.note('number', from);
  return {
    kind: 'number',
    value: parseNumber(text.replace(/^[\u2013-\u2015]/u, '-')) ?? 0,
    text,
    from,
    to: scanner.at,
  };
}

/** Reads `[Name]`, of which the name is given. */
export function readType(scanner: Scanner): string | undefined {
  const match = scanner.match(TYPE);
  if (match !== undefined) scanner.take('keyword', match[0].length);
  else if (scanner.match(OPEN_TYPE)) scanner.fail('[ has no closing ]', scanner.at, { incomplete: true });
  else if (scanner.match(ATTRIBUTE)) scanner.fail('Attributes are not in this version', scanner.at);
  else scanner.failMissing('A value');
  return match?.[1];
}

function parseScriptBlock(scanner: Scanner): ScriptBlockExpression {
  const from = scanner.at;
  const length = findBlockEnd(scanner.slice(from, scanner.end));
  if (length === undefined) {
    const { expected } = scanner;
    const command = expected !== undefined && 'command' in expected ? expected.command : undefined;
    scanner.expect({ kind: 'block', command, from: from + 1 });
    scanner.at = scanner.end;
    scanner.note('block', from);
    scanner.fail('{ has no closing }', from, { incomplete: true });
  } else scanner.take('block', length);
  return { kind: 'script-block', text: scanner.slice(from + 1, scanner.at - 1), from, to: scanner.at };
}

function parseHashtable(scanner: Scanner): HashtableExpression {
  const from = scanner.at;
  const entries: HashtableExpression['entries'][number][] = [];
  scanner.enclosed('@{', '}', () => {
    scanner.skipSeparators();
    while (!scanner.atEnd && scanner.char !== '}') {
      const key = parseKey(scanner);
      scanner.skipBlanks();
      if (scanner.char === '=') scanner.take('operator', 1);
      else scanner.failMissing('=');
      scanner.skipSpace();
      scanner.expect({ kind: 'command', from: scanner.at });
      if (scanner.atEnd) scanner.failMissing('A value');
      entries.push({ key, value: scanner.statement() });
      scanner.skipBlanks();
      if (!scanner.atStatementEnd || scanner.char === ')') scanner.failMissing('; or the end of the line');
      scanner.skipSeparators();
    }
  });
  return { kind: 'hashtable', entries, from, to: scanner.at };
}

function parseKey(scanner: Scanner): Expression {
  const from = scanner.at;
  const value = scanner.read(KEY);
  if (value === undefined) return parsePrimary(scanner);
  return { kind: 'string', value, quote: 'none', from, to: scanner.at };
}
