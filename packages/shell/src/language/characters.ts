// Text pasted from a page or a word processor has typographic quotes and dashes; PowerShell takes them as the plain ones.
const SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b";
const DOUBLE_QUOTES = '"\u201c\u201d\u201e';
const DASHES = '-\u2013\u2014\u2015';
const WORD_END = ';|&(){},<>';

export function isSingleQuote(char: string): boolean {
  return char !== '' && SINGLE_QUOTES.includes(char);
}

export function isDoubleQuote(char: string): boolean {
  return char !== '' && DOUBLE_QUOTES.includes(char);
}

export function isQuote(char: string): boolean {
  return isSingleQuote(char) || isDoubleQuote(char);
}

export function isDash(char: string): boolean {
  return char !== '' && DASHES.includes(char);
}

export function isNewline(char: string): boolean {
  return char === '\n' || char === '\r';
}

/** True where a bare word cannot go on; the end of the text is an empty string. */
export function endsWord(char: string): boolean {
  return char === '' || WORD_END.includes(char) || /\s/u.test(char);
}
