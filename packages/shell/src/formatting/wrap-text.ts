import stringWidth from 'string-width';

/** A command that is shown to be typed stays whole: it can be copied. */
const TYPED = /^\s*> /u;

/** The beginning of a row of two columns, of a line of syntax, or what another line is indented by. */
const TWO_COLUMNS = /^ *\S+(?: \S+)* {2,}(?=\S)/u;
const SYNTAX = /^ *(?=[A-Z]\w*-\w+ \[?[-<[])/u;
const INDENT = /^ */u;

const WORDS = /( *)([^ ]+)/gu;
const SYNTAX_WORDS = /( *)([^ ]+(?: <[^ ]+)?)/gu;

const SYNTAX_INDENT = 4;

/** The least room for text behind an indent; with less a line begins at the edge. */
const MIN_ROOM = 12;

/**
 * Breaks lines that are longer than so many cells at blanks, under each other; a word that is longer than a line stays whole.
 * @param isHelp what goes on stands under the second column of a row of two, and is indented in a line of syntax
 */
export function wrapText(text: string, columns: number, isHelp = false): string {
  if (columns === Infinity) return text;
  return text
    .split('\n')
    .map((line) =>
      stringWidth(line) <= columns || TYPED.test(line)
        ? line
        : wrapLine(line, columns, isHelp ? hangOf(line) : indentOf(line)),
    )
    .join('\n');
}

function wrapLine(line: string, columns: number, hang: number): string {
  const before = ' '.repeat(columns - hang < MIN_ROOM ? 0 : hang);
  const indent = ' '.repeat(indentOf(line));
  const lines: string[] = [];
  let current = indent;
  let used = indent.length;
  let isEmpty = true;
  const fits = (word: string): boolean => before.length + stringWidth(word) <= columns;
  for (const { blanks, word } of wordsOf(line.slice(indent.length), SYNTAX.test(line) ? fits : undefined)) {
    const width = stringWidth(word);
    if (!isEmpty && used + blanks.length + width > columns) {
      lines.push(current);
      current = before + word;
      used = before.length + width;
    } else {
      current += blanks + word;
      used += blanks.length + width;
    }
    isEmpty = false;
  }
  return [...lines, current].join('\n');
}

/** @param fits in a line of syntax: a parameter stays with the type of its value, if that has room on a line */
function wordsOf(text: string, fits: ((word: string) => boolean) | undefined): { blanks: string; word: string }[] {
  const split = (pattern: RegExp, some: string): { blanks: string; word: string }[] =>
    Array.from(some.matchAll(pattern), ([, blanks = '', word = '']) => ({ blanks, word }));
  if (fits === undefined) return split(WORDS, text);
  return split(SYNTAX_WORDS, text).flatMap((one) => (fits(one.word) ? one : split(WORDS, one.blanks + one.word)));
}

function hangOf(line: string): number {
  const syntax = SYNTAX.exec(line)?.[0];
  if (syntax !== undefined) return syntax.length + SYNTAX_INDENT;
  return TWO_COLUMNS.exec(line)?.[0].length ?? indentOf(line);
}

function indentOf(line: string): number {
  return INDENT.exec(line)?.[0].length ?? 0;
}
