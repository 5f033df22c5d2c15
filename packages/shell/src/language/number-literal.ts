const NUMBER = /^([+-]?)(0x[0-9a-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(kb|mb|gb|tb|pb)?$/iu;
const MULTIPLIERS = ['', 'kb', 'mb', 'gb', 'tb', 'pb'];

/** A number where operators may follow: `1..5` are two, and `7z` is none. */
export const NUMBER_BEFORE_OPERATOR =
  /(?:0x[0-9a-f]+|(?:\d+(?:\.\d+|\.(?![.\w]))?|\.\d+)(?:e[+-]?\d+)?)(?:kb|mb|gb|tb|pb)?(?=[\s;|&(){},<>!#%*+./=?[\]\u2013-\u2015-]|$)/iuy;

/** Value of a bare word that is a number (`12`, `-1.5e3`, `0x1F`, `10MB`), else undefined. */
export function parseNumber(word: string): number | undefined {
  const match = NUMBER.exec(word);
  if (match === null) return undefined;
  const [, sign, digits, suffix = ''] = match;
  const value = Number(digits) * 1024 ** MULTIPLIERS.indexOf(suffix.toLowerCase());
  if (!Number.isFinite(value)) return undefined;
  return sign === '-' ? -value : value;
}
