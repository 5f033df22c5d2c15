/** Whether OpenSSH's pattern fits the whole text: `*` stands for any characters, `?` for one. Takes time proportional to both lengths. */
export function matchesPattern(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let retry = 0;
  for (let read = 0; read < text.length;) {
    if (pattern[at] === '*') {
      star = at;
      at += 1;
      retry = read;
    } else if (pattern[at] === '?' || pattern[at] === text[read]) {
      at += 1;
      read += 1;
    } else if (star >= 0) {
      // The last star takes one character more.
      at = star + 1;
      retry += 1;
      read = retry;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}
