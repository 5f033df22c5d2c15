import { quoteString } from '../language/print-text.ts';

/** What our reader would not take as a part of a bare word, or the shell as a part of a name. */
const NEEDS_QUOTES = /[\s;|&(){},<>`'"\u2018-\u201f$*?[\]\\]|^[#@]/u;

/** A home folder, which a shell looks up only where no quotes are around it. */
const HOME = /^~[\w.-]*\//u;

/** A piece of a word: in quotes, which may be open, behind a backtick or a shell's backslash, or plain. */
const PIECE = /'((?:[^']|'')*)'?|"((?:[^"`$]|""|`.)*)(?:"|$)|(?:`|\\(?!\w))(.)|[^'"`$\\]+|\\/gsuy;

/** Letters behind the backslash in what bash quotes as `$'…'`. */
const ANSI_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
};

/**
 * The name that a word of our language stands for so far; its quotes may be open. Undefined where a variable is in it,
 * which nobody can tell the value of before it runs.
 */
export function nameOfWord(word: string): { name: string; isQuoted: boolean } | undefined {
  let name = '';
  let at = 0;
  for (const [piece, single, double, escaped] of word.matchAll(PIECE)) {
    at += piece.length;
    if (single !== undefined) name += single.replaceAll("''", "'");
    else if (double !== undefined) name += double.replaceAll(/`(.)|""/gsu, (_, char?: string) => char ?? '"');
    else name += escaped ?? piece;
  }
  return at === word.length ? { name, isQuoted: /['"]/u.test(word) } : undefined;
}

/** A name as a shell reads it back. */
export function toShellWord(name: string): string {
  return name.replaceAll(/[^\w.,/:=+@%^~-]/gu, '\\$&');
}

/** The name that a candidate of the shell's stands for: `b\ c`, `$'b\tc'`. */
export function nameOfCandidate(candidate: string): string {
  return candidate.replaceAll(
    /\$'((?:[^'\\]|\\.)*)'|\\(.)/gsu,
    (_, ansi: string | undefined, char: string | undefined) => (ansi === undefined ? (char ?? '') : decodeAnsi(ansi)),
  );
}

/** Bytes outside of ASCII come as octal numbers in some locales. */
function decodeAnsi(text: string): string {
  const bytes = text.replaceAll(/\\([0-7]{1,3})|\\(.)|[^\\]/gsu, (whole, octal?: string, char?: string) => {
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8) & 0xff);
    return Buffer.from(char === undefined ? whole : (ANSI_ESCAPES[char] ?? char)).toString('latin1');
  });
  return Buffer.from(bytes, 'latin1').toString();
}

/**
 * Names as words that our language reads back, all quoted or none, so that they begin alike. Behind the name of a folder
 * the quote stays open, since the name goes on.
 */
export function toOurWords(names: readonly string[], isQuoted: boolean): string[] {
  const rests = names.map((name) => name.replace(HOME, ''));
  if (!isQuoted && !rests.some((rest) => NEEDS_QUOTES.test(rest))) return [...names];
  return names.map((name, at) => {
    const rest = rests[at] ?? '';
    const quoted = quoteString(rest);
    return name.slice(0, name.length - rest.length) + (rest.endsWith('/') ? quoted.slice(0, -1) : quoted);
  });
}
