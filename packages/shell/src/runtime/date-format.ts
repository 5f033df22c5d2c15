/** The formats of one letter, as in English. */
const STANDARD: Readonly<Record<string, string>> = {
  d: 'M/d/yyyy',
  D: 'dddd, MMMM d, yyyy',
  t: 'h:mm tt',
  T: 'h:mm:ss tt',
  f: 'dddd, MMMM d, yyyy h:mm tt',
  F: 'dddd, MMMM d, yyyy h:mm:ss tt',
  g: 'M/d/yyyy h:mm tt',
  G: 'M/d/yyyy h:mm:ss tt',
  s: "yyyy-MM-dd'T'HH:mm:ss",
  u: "yyyy-MM-dd HH:mm:ss'Z'",
  o: "yyyy-MM-dd'T'HH:mm:ss.fffffffK",
  O: "yyyy-MM-dd'T'HH:mm:ss.fffffffK",
  r: "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
  R: "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
  m: 'MMMM d',
  M: 'MMMM d',
  y: 'MMMM yyyy',
  Y: 'MMMM yyyy',
};

const PARTS: Readonly<Record<string, (date: Date) => string>> = {
  yyyy: (date) => padded(date.getFullYear(), 4),
  yyy: (date) => padded(date.getFullYear(), 3),
  yy: (date) => padded(date.getFullYear() % 100),
  y: (date) => String(date.getFullYear() % 100),
  MMMM: (date) => date.toLocaleDateString('en-US', { month: 'long' }),
  MMM: (date) => date.toLocaleDateString('en-US', { month: 'short' }),
  MM: (date) => padded(date.getMonth() + 1),
  M: (date) => String(date.getMonth() + 1),
  dddd: (date) => date.toLocaleDateString('en-US', { weekday: 'long' }),
  ddd: (date) => date.toLocaleDateString('en-US', { weekday: 'short' }),
  dd: (date) => padded(date.getDate()),
  d: (date) => String(date.getDate()),
  HH: (date) => padded(date.getHours()),
  H: (date) => String(date.getHours()),
  hh: (date) => padded(twelve(date)),
  h: (date) => String(twelve(date)),
  mm: (date) => padded(date.getMinutes()),
  m: (date) => String(date.getMinutes()),
  ss: (date) => padded(date.getSeconds()),
  s: (date) => String(date.getSeconds()),
  tt: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  t: (date) => (date.getHours() < 12 ? 'A' : 'P'),
  zzz: offset,
  zz: (date) => offset(date).slice(0, 3),
  z: (date) =>
    offset(date)
      .slice(0, 3)
      .replace(/0(?=\d)/u, ''),
  K: offset,
};

/** A letter as often as it stands, a text in quotes, an escaped character, a letter that is not to be a standard format. */
const PART = /yyyy|yyy|yy?|M{1,4}|d{1,4}|HH?|hh?|mm?|ss?|f{1,7}|F{1,7}|tt?|z{1,3}|K|'[^']*'|"[^"]*"|\\.|%(?=.)/gu;

/** A date by a format, one of a single letter or `yyyy-MM-dd`; undefined for a letter that is none. */
export function formatDate(date: Date, specifier: string): string | undefined {
  const standard = Object.hasOwn(STANDARD, specifier) ? STANDARD[specifier] : undefined;
  if (specifier.length === 1 && standard === undefined) return undefined;
  return (standard ?? specifier).replaceAll(PART, (part) => PARTS[part]?.(date) ?? otherPart(date, part));
}

function otherPart(date: Date, part: string): string {
  const fraction = padded(date.getMilliseconds(), 3).padEnd(7, '0').slice(0, part.length);
  switch (part.charAt(0)) {
    case 'f':
      return fraction;
    case 'F':
      return fraction.replace(/0+$/u, '');
    case '%':
      return '';
    case '\\':
      return part.slice(1);
    default:
      return part.slice(1, -1);
  }
}

function padded(number: number, length = 2): string {
  return String(number).padStart(length, '0');
}

function twelve(date: Date): number {
  return date.getHours() % 12 === 0 ? 12 : date.getHours() % 12;
}

/** `+02:00` */
function offset(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? '-' : '+'}${padded(hours)}:${padded(rest)}`;
}
