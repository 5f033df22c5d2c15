import { ErrorRecord } from './error-record.ts';
import { formatText } from './format-operator.ts';
import { escapedPattern, pattern, type Pattern } from './regex-text.ts';
import { ScriptBlock } from './script-block.ts';
import { toInteger, toList, toText } from './value-conversion.ts';

type Operator = (left: unknown, right: unknown) => unknown;

/** `-replace`, `-split`, `-join` and `-f`, with `-c…` for case; undefined for others. */
export function textOperator(operator: string): Operator | undefined {
  switch (operator) {
    case '-replace':
    case '-creplace':
      return (left, right) => each(left, (text) => replace(text, right, operator === '-creplace'));
    case '-split':
    case '-csplit':
      return (left, right) => toList(left).flatMap((value) => split(toText(value), right, operator === '-csplit'));
    case '-join':
      return (left, right) => toList(left).map(toText).join(toText(right));
    case '-f':
      return (left, right) => formatText(toText(left), Array.isArray(right) ? right : [right]);
    default:
      return undefined;
  }
}

/** `-split 'a b'`: at blanks. */
export function splitAtBlanks(value: unknown): string[] {
  return toList(value)
    .flatMap((one) => toText(one).trim().split(/\s+/u))
    .filter((word) => word !== '');
}

/** `-join list`: without anything between. */
export function joined(value: unknown): string {
  return toList(value).map(toText).join('');
}

function each(value: unknown, change: (text: string) => unknown): unknown {
  return Array.isArray(value) ? value.map((one) => change(toText(one))) : change(toText(value));
}

function replace(text: string, right: unknown, caseSensitive: boolean): string {
  const [what, by = ''] = toList(right);
  const { regex, groups } = pattern(what, caseSensitive);
  const replacement = toText(by);
  let replaced = '';
  let from = 0;
  for (const match of text.matchAll(regex)) {
    replaced += text.slice(from, match.index) + expanded(replacement, match, groups);
    from = match.index + match[0].length;
  }
  return replaced + text.slice(from);
}

const SUBSTITUTION = /\$(?:(?<sign>[$&`'+_])|(?<number>\d+)|\{(?<name>\w+)\})/gu;

/** The text for a match: `$1`, `${name}`, `$&` and the others of .NET; what names no group stays as it is. */
function expanded(replacement: string, match: RegExpExecArray, groups: Pattern['groups']): string {
  const group = (index: number): string => match[groups[index - 1]?.index ?? 0] ?? '';
  return replacement.replaceAll(SUBSTITUTION, (whole: string, sign?: string, number?: string, name?: string) => {
    if (sign !== undefined) return signText(sign, match) ?? group(groups.length);
    const known = name === undefined ? -1 : groups.findIndex((one) => one.name === name);
    if (known >= 0) return group(known + 1);
    const digits = number ?? name ?? '';
    if (!/^\d+$/u.test(digits)) return whole;
    // As many digits as make the number of a group: $10 is $1 and a 0 where there are fewer than ten.
    const shortest = name === undefined ? 1 : digits.length;
    for (let length = digits.length; length >= shortest; length--) {
      const index = Number(digits.slice(0, length));
      if (index <= groups.length) return group(index) + digits.slice(length);
    }
    return whole;
  });
}

/** Undefined for `$+`, the last group. */
function signText(sign: string, { 0: matched, index, input }: RegExpExecArray): string | undefined {
  switch (sign) {
    case '$':
      return '$';
    case '&':
      return matched;
    case '`':
      return input.slice(0, index);
    case "'":
      return input.slice(index + matched.length);
    case '_':
      return input;
    default:
      return undefined;
  }
}

/** `text -split pattern[, most[, options]]`; a number below 0 counts from the end. */
function split(text: string, right: unknown, caseSensitive: boolean): string[] {
  const [separator = '\\s+', most = 0, options = ''] = toList(right);
  if (separator instanceof ScriptBlock) throw refused('-split with a script block is not in this version.');
  const { isSimple, ignoresCase } = splitOptions(toText(options));
  const what = isSimple ? escapedPattern(toText(separator)) : separator;
  const matches = [...text.matchAll(pattern(what, caseSensitive && !ignoresCase).regex)];
  const limit = toInteger(most);
  const parts: string[] = [];
  let from = 0;
  for (const match of limited(matches, limit)) {
    parts.push(
      text.slice(from, match.index),
      ...match.slice(1).filter((group: string | undefined) => group !== undefined),
    );
    from = match.index + match[0].length;
  }
  return [...parts, text.slice(from)];
}

function limited<T>(matches: readonly T[], limit: number): readonly T[] {
  if (limit === 0) return matches;
  return limit > 0 ? matches.slice(0, limit - 1) : matches.slice(Math.max(0, matches.length + limit + 1));
}

function splitOptions(text: string): { isSimple: boolean; ignoresCase: boolean } {
  const options = text
    .toLowerCase()
    .split(/[\s,]+/u)
    .filter((option) => option !== '');
  const other = options.find((option) => !['simplematch', 'regexmatch', 'ignorecase'].includes(option));
  if (other !== undefined) {
    throw refused(`-split has no option '${other}' in this version; it has SimpleMatch, RegexMatch and IgnoreCase.`);
  }
  return { isSimple: options.includes('simplematch'), ignoresCase: options.includes('ignorecase') };
}

function refused(message: string): ErrorRecord {
  return new ErrorRecord('NotSupported', 'NotImplemented', message);
}
