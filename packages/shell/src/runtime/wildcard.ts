type Token = { readonly many: boolean; matches(char: string): boolean };

/** True when the pattern holds `*`, `?` or `[`, not behind a backtick. */
export function hasWildcard(pattern: string): boolean {
  return /(?:^|[^`])(?:``)*[*?[]/u.test(pattern);
}

/** PowerShell's wildcards (`*`, `?`, `[a-c]`, backtick escape), whole and in any case; takes time pattern × text at most. */
export function matchesWildcard(pattern: string, text: string, caseSensitive = false): boolean {
  const tokens = tokenize(caseSensitive ? pattern : pattern.toLowerCase());
  const chars = Array.from(caseSensitive ? text : text.toLowerCase());
  let token = 0;
  let at = 0;
  // Where the last `*` stands and what it has taken, to go on from with one character more.
  let starToken = -1;
  let starAt = 0;
  while (at < chars.length) {
    const current = tokens[token];
    if (current?.many === true) {
      starToken = token++;
      starAt = at;
    } else if (current?.matches(chars[at] ?? '') === true) {
      token++;
      at++;
    } else if (starToken >= 0) {
      token = starToken + 1;
      at = ++starAt;
    } else return false;
  }
  return tokens.slice(token).every((rest) => rest.many);
}

function tokenize(pattern: string): Token[] {
  const tokens: Token[] = [];
  const chars = Array.from(pattern);
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? '';
    const close = char === '[' ? chars.indexOf(']', at + 2) : -1;
    if (char === '*') tokens.push({ many: true, matches: () => true });
    else if (char === '?') tokens.push({ many: false, matches: () => true });
    else if (close > 0) {
      tokens.push({ many: false, matches: setOf(chars.slice(at + 1, close)) });
      at = close;
    } else {
      const literal = char === '`' && at + 1 < chars.length ? (chars[++at] ?? '') : char;
      tokens.push({ many: false, matches: (other) => other === literal });
    }
  }
  return tokens;
}

/** Characters of a `[...]`, with ranges. */
function setOf(set: readonly string[]): (char: string) => boolean {
  const ranges: { first: string; last: string }[] = [];
  for (let at = 0; at < set.length; at++) {
    const first = set[at] ?? '';
    const last = set[at + 1] === '-' ? set[at + 2] : undefined;
    ranges.push({ first, last: last ?? first });
    if (last !== undefined) at += 2;
  }
  return (char) => ranges.some(({ first, last }) => first <= char && char <= last);
}
