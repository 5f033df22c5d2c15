const ESCAPES = new Map([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['e', '\x1b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

const UNICODE = /u\{([0-9a-f]{1,6})\}/iuy;

/**
 * Reads the escape whose backtick stands at `at`.
 * @returns the text it stands for and the position behind it; a backtick at the end of the text stands for itself
 */
export function readEscape(text: string, at: number): { value: string; to: number } {
  const point = text.codePointAt(at + 1);
  if (point === undefined) return { value: '`', to: at + 1 };
  const char = String.fromCodePoint(point);
  UNICODE.lastIndex = at + 1;
  const code = Number.parseInt(UNICODE.exec(text)?.[1] ?? '', 16);
  if (code <= 0x10_ffff) return { value: String.fromCodePoint(code), to: UNICODE.lastIndex };
  return { value: ESCAPES.get(char) ?? char, to: at + 1 + char.length };
}
