const HERE_HEAD = /["'][^\S\n]*\n/y;
/** In "…" and outside, a backtick escapes in PowerShell and encloses a command in a Unix shell: these begin a command. */
const COMMAND = /`(?:[/.~A-Zcdg-mopqsw-z]|u(?!\{))/y;
const AMBIGUOUS_COMMAND =
  /`(?:apt|arch|awk|base64|basename|bash|bc|blkid|echo|egrep|env|expr|fdisk|fgrep|file|find|free|nproc|nslookup|netstat|nc|node|npm|readlink|realpath|rpm|rev|tail|tee|test|tput|tr|tty|true|virsh|vmstat)\b/y;

/** @returns the index behind the quotation at `at`, in which `escape` (if it is not empty) takes the next character's meaning */
export function skipSingleQuoted(text: string, at: number, escape: '' | '\\'): number | undefined {
  if (escape === '') {
    const end = text.indexOf("'", at + 1);
    return end < 0 ? undefined : end + 1;
  }
  return skipEscaped(text, at + 1, "'");
}

function skipEscaped(text: string, from: number, close: string): number | undefined {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === close) return at + 1;
    else if (close === '`' && text[at] === '\n') return undefined;
  }
  return undefined;
}

/** @returns the index behind the here-string whose first quote is at `at`, if it is one's */
export function skipHereString(text: string, at: number): number | undefined {
  HERE_HEAD.lastIndex = at;
  if (text[at - 1] !== '@' || !HERE_HEAD.test(text)) return undefined;
  const end = text.indexOf(`\n${text.charAt(at)}@`, at);
  return end < 0 ? text.length : end + 3;
}

/** @returns the index behind the text of a here-document whose first line begins at `from` */
export function skipHereDocument(text: string, from: number, mark: string, indented: boolean): number | undefined {
  let at = from;
  while (at < text.length) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(at, end).replace(/\r$/, '');
    if ((indented ? line.replace(/^\t+/, '') : line) === mark) return Math.min(end + 1, text.length);
    at = end + 1;
  }
  return undefined;
}

/** @returns the index behind the escape or the enclosed command that the backtick at `at` begins */
export function skipBackticks(text: string, at: number): number {
  const isCommand = [COMMAND, AMBIGUOUS_COMMAND].some((pattern) => {
    pattern.lastIndex = at;
    return pattern.test(text);
  });
  return (isCommand ? skipEscaped(text, at + 1, '`') : undefined) ?? Math.min(at + 2, text.length);
}
