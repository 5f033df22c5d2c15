import { isReserved } from './keywords.ts';
import { parseNumber } from './number-literal.ts';
import type { ExpandableString, StringExpression, VariableExpression } from './syntax-tree.ts';

type Part = ExpandableString['parts'][number];
type PrintParts = (printText: (text: string, before: Part | undefined) => string) => string;

/** A shell's compound command may begin any stage. */
const COMPOUND_WORD = /^(?:if|while|until|for|case|select)$/u;
const SIMPLE_NAME = /^(?:(?:[\p{L}_][\p{L}\p{N}_]*:)?[\p{L}\p{N}_]+|[?$^])$/u;
const NAME_GOES_ON = /^[\p{L}\p{N}_:]/u;
const SPECIAL_IN_WORD = /[\s;|&(){},<>`'"\u2018-\u201f$]/gu;
const SPECIAL_IN_DOUBLE = /[`$"\u201c-\u201e]/gu;
const HERE_END = /(^|[\r\n])(["'\u2018-\u201e]@)/gu;
const BLANKS = new Map([
  ['\n', '`n'],
  ['\r', '`r'],
  ['\t', '`t'],
  ['\v', '`v'],
  ['\f', '`f'],
]);

/** A text as a string in single quotes, which reads back as it is. */
export function quoteString(text: string): string {
  return `'${doubleQuotes(text)}'`;
}

/** Typographic quotes end a string too. */
function doubleQuotes(text: string): string {
  return text.replace(/['\u2018-\u201b]/gu, '$&$&');
}

/** `$name`, in braces where the name or the text behind it asks for them. */
export function printVariable(
  { name, splatted }: Pick<VariableExpression, 'name' | 'splatted'>,
  behind: Part = '',
): string {
  if (splatted) return `@${name}`;
  const joined = typeof behind === 'string' && NAME_GOES_ON.test(behind);
  return SIMPLE_NAME.test(name) && !joined ? `$${name}` : `\${${name}}`;
}

/** @param printPart prints what is no text, given what stands behind it */
export function printString(
  string: StringExpression | ExpandableString,
  printPart: (part: Exclude<Part, string>, behind: Part | undefined) => string,
): string {
  const parts = string.kind === 'string' ? [string.value] : string.parts;
  const print: PrintParts = (printText) =>
    parts
      .map((part, at) => (typeof part === 'string' ? printText(part, parts[at - 1]) : printPart(part, parts[at + 1])))
      .join('');
  switch (string.quote) {
    case 'single':
      return `'${print(doubleQuotes)}'`;
    case 'double':
      return `"${print((text) => text.replace(SPECIAL_IN_DOUBLE, '`$&'))}"`;
    case 'here':
      return printHere(string, print);
    case 'none':
      return printWord(parts, print(printWordText));
  }
}

function printHere(string: StringExpression | ExpandableString, print: PrintParts): string {
  const isLiteral = string.kind === 'string' && !string.value.includes('\r') && string.value.search(HERE_END) < 0;
  if (isLiteral) return `@'\n${string.value}\n'@`;
  const text = print((piece) => piece.replace(/[`$]/gu, '`$&').replace(/\r/gu, '`r').replace(HERE_END, '$1`$2'));
  return `@"\n${text}\n"@`;
}

function printWordText(text: string, before: Part | undefined): string {
  const printed = text
    .replace(SPECIAL_IN_WORD, (char) => BLANKS.get(char) ?? `\`${char}`)
    // At the end it would take what follows along.
    .replace(/\\$/u, '`\\');
  // Behind a variable these would be its members.
  return before !== undefined && /^[.[:]/u.test(printed) ? `\`${printed}` : printed;
}

/** A word whose beginning or whole must not be taken for something else. */
function printWord([first, ...others]: readonly Part[], printed: string): string {
  if (typeof first !== 'string') return printed;
  if (/^[-\u2013-\u2015@#]/u.test(printed)) return `\`${printed}`;
  return others.length === 0 && parseNumber(first) !== undefined ? `${printed}""` : printed;
}

/** The name of a command, which must not be taken for a value or a keyword. */
export function printCommandName(printed: string, isFirst: boolean): string {
  const isKeyword = (isFirst && isReserved(printed)) || COMPOUND_WORD.test(printed);
  if (/^\d/u.test(printed) || isKeyword) return `${printed.slice(0, 1)}''${printed.slice(1)}`;
  return /^[\p{L}_`~/%?*]/u.test(printed) ? printed : `\`${printed}`;
}
