import { CastError, toText } from './value-conversion.ts';

/** `[datetime]`: a date alone is local, as everywhere else here. @throws CastError */
export function toDate(value: unknown): Date {
  if (value instanceof Date) return value;
  const text = toText(value).trim();
  const date = new Date(/^\d{4}-\d{2}-\d{2}$/u.test(text) ? `${text}T00:00` : text);
  if (!Number.isNaN(date.getTime())) return date;
  throw new CastError(value, 'System.DateTime', `String '${text}' was not recognized as a valid DateTime.`);
}
