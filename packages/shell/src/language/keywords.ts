import type { Scanner } from './scanner.ts';

const WORD = /[a-z]+(?=[\s;|&(){},<>]|$)/iuy;
const KEYWORDS = new Set('if foreach while for do switch try function return exit throw break continue'.split(' '));

/** PowerShell's other statements, each with what must follow so that the word is no command's name. */
const REFUSED = [
  /trap(?=[\s({;]|$)/iuy,
  /(?:begin|process|end|clean|dynamicparam|data|parallel|sequence|inlinescript)(?=\s*[({])/iuy,
  /(?:class|enum|filter|workflow|configuration)(?=[^\S\r\n]+[\p{L}_][^{;|\r\n]*\{)/iuy,
  /using(?=\s+(?:namespace|module|assembly)\s)/iuy,
  /:[\p{L}_]\w*(?=\s+(?:foreach|while|for|do|switch)\s*[({])/iuy,
];
const MISPLACED = /(?:else|elseif|catch|finally|until|param)(?=\s*[({])/iuy;

const RESERVED =
  /^(?:begin|catch|class|clean|configuration|data|do|dynamicparam|else|elseif|end|enum|filter|finally|for|inlinescript|parallel|param|process|sequence|switch|trap|try|until|using|workflow)$/iu;

/** True for a word that is no command's name where a statement begins. */
export function isReserved(word: string): boolean {
  return KEYWORDS.has(word.toLowerCase()) || RESERVED.test(word);
}

/** The keyword of a statement that stands here, in lower case; nothing is read. */
export function peekKeyword(scanner: Scanner): string | undefined {
  const word = scanner.match(WORD)?.[0].toLowerCase();
  return word !== undefined && KEYWORDS.has(word) ? word : undefined;
}

/** Fails where a statement stands that only PowerShell has, or a part of one without its beginning. */
export function refuseForeignStatement(scanner: Scanner): void {
  const from = scanner.at;
  const misplaced = scanner.match(MISPLACED)?.[0];
  if (misplaced !== undefined) scanner.fail(`${misplaced} is not expected here`, from, { to: from + misplaced.length });
  for (const pattern of REFUSED) {
    const word = scanner.match(pattern)?.[0];
    if (word === undefined) continue;
    const what = word.startsWith(':') ? `The label ${word}` : word;
    scanner.fail(`${what} is not in this version`, from, { to: from + word.length });
  }
}
