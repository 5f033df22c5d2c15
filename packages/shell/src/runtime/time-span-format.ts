import type { TimeSpan } from './time-span.ts';

/** A part of a custom format: as many of one letter as stand together, an escape, a quotation, or `%` before one letter. */
const PART = /d{1,8}|hh?|mm?|ss?|f{1,7}|F{1,7}|\\([^])|'([^']*)'|"([^"]*)"|%(?=[dhmsfF])|[^]/gu;

/** A length of time by a format of .NET's: `c`, `g`, `G`, or letters with escapes, as `hh\:mm\:ss`; undefined for what is none. */
export function formatTimeSpan(time: TimeSpan, format: string): string | undefined {
  switch (format) {
    case 'c':
    case 't':
    case 'T':
      return time.toString();
    case 'g':
      return general(time, false);
    case 'G':
      return general(time, true);
    default:
      return format.length < 2 ? undefined : custom(time, format);
  }
}

/** In a custom format no sign is shown, as in .NET. */
function custom(time: TimeSpan, format: string): string | undefined {
  let text = '';
  for (const [part, ...literals] of format.matchAll(PART)) {
    const literal = literals.find((one: string | undefined) => one !== undefined);
    const shown = literal ?? (part === '%' ? '' : letters(time, part));
    if (shown === undefined) return undefined;
    text += shown;
  }
  return text;
}

function letters(time: TimeSpan, part: string): string | undefined {
  const count = (number: number): string => String(Math.abs(number)).padStart(part.length, '0');
  switch (part.charAt(0)) {
    case 'd':
      return count(time.Days);
    case 'h':
      return count(time.Hours);
    case 'm':
      return count(time.Minutes);
    case 's':
      return count(time.Seconds);
    case 'f':
      return fraction(time).slice(0, part.length);
    case 'F':
      return fraction(time).slice(0, part.length).replace(/0+$/u, '');
    default:
      return undefined;
  }
}

/** Seven digits behind the seconds. */
function fraction({ TotalSeconds }: TimeSpan): string {
  return String(Math.round((Math.abs(TotalSeconds) % 1) * 1e7)).padStart(7, '0');
}

/** `[-][d:]h:mm:ss[.FFFFFFF]`; the long one has all its parts. */
function general(time: TimeSpan, isLong: boolean): string {
  const sign = time.Ticks < 0 ? '-' : '';
  const days = isLong || time.Days !== 0 ? `${Math.abs(time.Days)}:` : '';
  const digits = fraction(time);
  const behind = isLong ? `.${digits}` : `.${digits}`.replace(/\.?0+$/u, '');
  return `${sign}${days}${custom(time, isLong ? String.raw`hh\:mm\:ss` : String.raw`h\:mm\:ss`) ?? ''}${behind}`;
}
