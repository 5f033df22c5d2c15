/** Index behind a construct; or why there is none: the text ends inside it, or bash would refuse it. */
export type SkipResult = number | 'incomplete' | 'invalid';

/** Finds the end of the commands of a substitution that begin at `at`: the index behind its `)`. */
export type SkipCommands = (at: number) => SkipResult;

function skipTo(text: string, at: number, close: string): SkipResult {
  const end = text.indexOf(close, at);
  return end === -1 ? 'incomplete' : end + close.length;
}

/** Up to an unescaped `close`, with no meaning inside but the backslash's: `$'…'` and backquotes. */
function skipEscaped(text: string, from: number, close: string): SkipResult {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === close) return at + 1;
  }
  return 'incomplete';
}

/** Up to `close`, over what is quoted or substituted inside: "…" and ${…}. */
function skipNested(text: string, from: number, close: '"' | '}', skipCommands: SkipCommands): SkipResult {
  let at = from;
  while (at < text.length) {
    const character = text[at];
    if (character === close) return at + 1;
    // Inside double quotes a single quote is a character like any other.
    const plain = close === '"' && (character === "'" || (character === '$' && /['"]/.test(text[at + 1] ?? '')));
    const end = plain ? at + 1 : skipPart(text, at, skipCommands);
    if (typeof end !== 'number') return end;
    at = end;
  }
  return 'incomplete';
}

/** Up to the `))` of an arithmetic expression that begins at `from`. */
export function skipArithmetic(text: string, from: number, skipCommands: SkipCommands): SkipResult {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    if (depth === 0 && text.startsWith('))', at)) return at + 2;
    if (text[at] === '(') depth++;
    if (text[at] === ')') depth--;
    if (depth < 0) return 'invalid';
    const end = /[()]/.test(text[at] ?? '') ? at + 1 : skipPart(text, at, skipCommands);
    if (typeof end !== 'number') return end;
    at = end;
  }
  return 'incomplete';
}

function skipDollar(text: string, at: number, skipCommands: SkipCommands): SkipResult {
  if (text.startsWith('((', at + 1)) {
    const end = skipArithmetic(text, at + 3, skipCommands);
    // `$((cd x) | y)` is a substitution that begins with a subshell.
    return end === 'invalid' ? skipCommands(at + 2) : end;
  }
  switch (text[at + 1]) {
    case '(':
      return skipCommands(at + 2);
    case '{':
      return skipNested(text, at + 2, '}', skipCommands);
    case "'":
      return skipEscaped(text, at + 2, "'");
    case '"':
      return skipNested(text, at + 2, '"', skipCommands);
    default:
      return at + 1;
  }
}

/** @returns the index behind the character, quotation or substitution at `at`; a backslash at the end is incomplete */
export function skipPart(text: string, at: number, skipCommands: SkipCommands): SkipResult {
  switch (text[at]) {
    case '\\':
      return at + 1 < text.length ? at + 2 : 'incomplete';
    case "'":
      return skipTo(text, at + 1, "'");
    case '"':
      return skipNested(text, at + 1, '"', skipCommands);
    case '`':
      return skipEscaped(text, at + 1, '`');
    case '$':
      return skipDollar(text, at, skipCommands);
    case '<':
    case '>':
      return text[at + 1] === '(' ? skipCommands(at + 2) : at + 1;
    default:
      return at + 1;
  }
}
