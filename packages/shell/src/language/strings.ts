import { isDoubleQuote, isSingleQuote } from './characters.ts';
import type { Scanner } from './scanner.ts';
import type { ExpandableString, StringExpression } from './syntax-tree.ts';
import { parseExpansion, startsVariable } from './variables.ts';

export type Parts = ExpandableString['parts'][number][];

type Form = { readonly quote: 'double' | 'here'; readonly plain: RegExp; readonly end: RegExp };

const DOUBLE: Form = {
  quote: 'double',
  plain: /[^"\u201c-\u201e`$]+/uy,
  end: /["\u201c-\u201e](?!["\u201c-\u201e])/uy,
};
const HERE: Form = { quote: 'here', plain: /[^`$\r\n]+/uy, end: /(?:\r\n|\r|\n)["\u201c-\u201e]@/uy };
const HERE_START = /@["'\u2018-\u201e]/uy;
const HERE_HEAD = /@["'\u2018-\u201e][^\S\r\n]*(?=[\r\n]|$)/uy;
const LITERAL_HERE = /((?:\r\n|\r|\n)[^]*?)?(?:\r\n|\r|\n)['\u2018-\u201b]@/uy;
const NEWLINE = /\r\n|\r|\n/uy;

/** Adds a text; neighbours become one part. */
export function addText(parts: Parts, text: string): void {
  const last = parts.at(-1);
  if (typeof last === 'string') parts[parts.length - 1] = last + text;
  else if (text !== '') parts.push(text);
}

/** A string of what was read; without variables it is a plain one. */
export function toString(
  parts: Parts,
  span: { quote: ExpandableString['quote']; from: number; to: number },
): StringExpression | ExpandableString {
  const texts = parts.filter((part) => typeof part === 'string');
  if (texts.length < parts.length) return { kind: 'expandable', parts, ...span };
  return { kind: 'string', value: texts.join(''), ...span };
}

/** Reads '…' or "…". */
export function parseQuoted(scanner: Scanner): StringExpression | ExpandableString {
  const from = scanner.at;
  if (isSingleQuote(scanner.char)) {
    const value = readSingleQuoted(scanner);
    return { kind: 'string', value, quote: 'single', from, to: scanner.at };
  }
  const parts: Parts = [];
  readDoubleQuoted(scanner, parts);
  return toString(parts, { quote: 'double', from, to: scanner.at });
}

/** Its own quote twice stands for the quote. */
export function readSingleQuoted(scanner: Scanner): string {
  const from = scanner.at;
  let value = '';
  scanner.at++;
  while (!scanner.atEnd) {
    const { char } = scanner;
    scanner.at++;
    if (isSingleQuote(char)) {
      if (!isSingleQuote(scanner.char)) {
        scanner.note('string', from);
        scanner.expect(undefined);
        return value;
      }
      scanner.at++;
    }
    value += char;
  }
  scanner.note('string', from);
  scanner.fail("The string has no closing '", from, { incomplete: true });
  return value;
}

/** Reads "…" into `parts`: variables, sub-expressions, escapes, and its own quote twice. */
export function readDoubleQuoted(scanner: Scanner, parts: Parts): void {
  const from = scanner.at;
  scanner.at++;
  if (!readExpandable(scanner, parts, DOUBLE, from)) {
    scanner.fail('The string has no closing "', from, { incomplete: true });
  }
}

export function startsHereString(scanner: Scanner): boolean {
  return scanner.match(HERE_START) !== undefined;
}

/** Reads a string over several lines: @'…'@ or @"…"@, whose marks stand on lines of their own. */
export function parseHereString(scanner: Scanner): StringExpression | ExpandableString {
  const from = scanner.at;
  const literal = isSingleQuote(scanner.next);
  const head = scanner.read(HERE_HEAD);
  if (head === undefined)
    scanner.fail('The text of a here-string begins on the line below its mark', from, { to: from + 2 });
  const parts: Parts = [];
  const closed = literal ? readLiteralHere(scanner, parts, from) : readExpandable(scanner, parts, HERE, from);
  if (!closed) scanner.fail('The here-string has no closing line', from, { incomplete: true });
  return toString(parts, { quote: 'here', from, to: scanner.at });
}

function readLiteralHere(scanner: Scanner, parts: Parts, from: number): boolean {
  const match = scanner.match(LITERAL_HERE);
  scanner.at = match === undefined ? scanner.end : scanner.at + match[0].length;
  scanner.note('string', from);
  addText(parts, (match?.[1] ?? '').replace(/^(?:\r\n|\r|\n)/u, ''));
  return match !== undefined;
}

/** Reads variables and texts to the end of the string that begins at `from`; false when the text ends before. */
function readExpandable(scanner: Scanner, parts: Parts, { quote, plain, end }: Form, from: number): boolean {
  let noted = from;
  let closed = scanner.read(end) !== undefined;
  if (quote === 'here' && !closed) scanner.read(NEWLINE);
  while (!closed && !scanner.atEnd) {
    if (startsVariable(scanner)) {
      scanner.note('string', noted);
      parts.push(parseExpansion(scanner));
      noted = scanner.at;
    } else if (scanner.char === '`') {
      addText(parts, scanner.readEscape());
    } else if (quote === 'double' && isDoubleQuote(scanner.char)) {
      addText(parts, scanner.char);
      scanner.at += 2;
    } else {
      addText(parts, scanner.read(plain) ?? scanner.readChar());
    }
    closed = scanner.read(end) !== undefined;
  }
  scanner.note('string', noted);
  if (closed) scanner.expect(undefined);
  return closed;
}
