import { endsWord, isDoubleQuote, isSingleQuote } from './characters.ts';
import { parseNumber } from './number-literal.ts';
import type { Scanner } from './scanner.ts';
import { addText, type Parts, readDoubleQuoted, readSingleQuoted, toString } from './strings.ts';
import type { Expression, VariableExpression } from './syntax-tree.ts';
import { parseExpansion, startsVariable } from './variables.ts';

const PLAIN = /[^\s;|&(){},<>`'"\u2018-\u201e$]+/uy;

/**
 * Reads a bare word, in which quoted pieces, escapes and variables may stand.
 * @param first a variable at its start, already read
 */
export function parseWord(scanner: Scanner, first?: VariableExpression): Expression {
  const from = first?.from ?? scanner.at;
  const parts: Parts = first === undefined ? [] : [first];
  while (!endsWord(scanner.char)) readPiece(scanner, parts);
  const text = scanner.slice(from);
  const value = parseNumber(text.replace(/^[\u2013-\u2015]/u, '-'));
  if (value !== undefined) {
    scanner.note('number', from);
    return { kind: 'number', value, text, from, to: scanner.at };
  }
  return toString(parts, { quote: 'none', from, to: scanner.at });
}

function readPiece(scanner: Scanner, parts: Parts): void {
  const { char } = scanner;
  if (char === '`') addText(parts, scanner.readEscape());
  else if (isSingleQuote(char)) addText(parts, readSingleQuoted(scanner));
  else if (isDoubleQuote(char)) readDoubleQuoted(scanner, parts);
  else if (startsVariable(scanner)) parts.push(parseExpansion(scanner));
  else addText(parts, scanner.read(PLAIN) ?? scanner.readChar());
}
