import { endsWord, isDoubleQuote, isSingleQuote } from './characters.ts';
import { parseNumber } from './number-literal.ts';
import type { Scanner } from './scanner.ts';
import { addText, type Parts, readDoubleQuoted, readSingleQuoted, toString } from './strings.ts';
import type { Expression, VariableExpression, WordPiece } from './syntax-tree.ts';
import { parseExpansion, startsVariable } from './variables.ts';

const PLAIN = /[^\s;|&(){},<>`'"\u2018-\u201e$]+/uy;
const PLAIN_TO_BACKSLASH = /[^\s;|&(){},<>`'"\u2018-\u201e$\\]+/uy;
/** A backslash and what means something to a shell: for a native command it stands for itself. */
const SHELL_ESCAPE = /\\([ \t;|&(){},<>'"$*?[\]~!#\\])/uy;

/** What a word is for our own commands, and how it was written, for native ones. */
type Word = { readonly parts: Parts; readonly pieces: WordPiece[] };

/**
 * Reads a bare word, in which quoted pieces, escapes and variables may stand.
 * @param first a variable at its start, already read
 */
export function parseWord(scanner: Scanner, first?: VariableExpression): Expression {
  const from = first?.from ?? scanner.at;
  const read = first === undefined ? [] : [first];
  const word: Word = { parts: [...read], pieces: [...read] };
  while (!endsWord(scanner.char)) readPiece(scanner, word);
  const text = scanner.slice(from);
  const value = parseNumber(text.replace(/^[\u2013-\u2015]/u, '-'));
  if (value !== undefined) {
    scanner.note('number', from);
    return { kind: 'number', value, text, from, to: scanner.at };
  }
  const string = toString(word.parts, { quote: 'none', from, to: scanner.at });
  const isPlain = word.pieces.every((piece) => typeof piece === 'string' || piece.kind !== 'literal');
  return isPlain ? string : { ...string, pieces: word.pieces };
}

function readPiece(scanner: Scanner, word: Word): void {
  const { char } = scanner;
  if (char === '`') addLiteral(word, scanner.readEscape());
  else if (isSingleQuote(char)) addLiteral(word, readSingleQuoted(scanner));
  else if (isDoubleQuote(char)) readDoublePiece(scanner, word);
  else if (startsVariable(scanner)) {
    const part = parseExpansion(scanner);
    word.parts.push(part);
    word.pieces.push(part);
  } else readPlain(scanner, word);
}

function addLiteral({ parts, pieces }: Word, text: string, value = text): void {
  addText(parts, value);
  pieces.push({ kind: 'literal', text });
}

function readDoublePiece(scanner: Scanner, word: Word): void {
  const inside: Parts = [];
  readDoubleQuoted(scanner, inside);
  if (inside.length === 0) addLiteral(word, '');
  for (const part of inside) {
    if (typeof part === 'string') addLiteral(word, part);
    else {
      word.parts.push(part);
      word.pieces.push(part);
    }
  }
}

/** To our own commands a backslash is a character like any other, and stays. */
function readPlain(scanner: Scanner, word: Word): void {
  const escape = scanner.inNativeWords ? scanner.read(SHELL_ESCAPE) : undefined;
  if (escape !== undefined) {
    addLiteral(word, escape.slice(1), escape);
    return;
  }
  const text = scanner.read(scanner.inNativeWords ? PLAIN_TO_BACKSLASH : PLAIN) ?? scanner.readChar();
  addText(word.parts, text);
  word.pieces.push(text);
}
