import { ConversionError, type ParameterType } from './parameter-type.ts';
import { plainValue } from './number-argument.ts';
import { CastError, toNumber, toText } from './value-conversion.ts';

const TICKS_PER_MS = 10_000;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time, as New-TimeSpan and the time-outs of PSSessionOption show it. */
export class TimeSpan {
  readonly #milliseconds: number;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  get Days(): number {
    return this.#part(DAY, Infinity);
  }

  get Hours(): number {
    return this.#part(HOUR, DAY);
  }

  get Minutes(): number {
    return this.#part(MINUTE, HOUR);
  }

  get Seconds(): number {
    return this.#part(SECOND, MINUTE);
  }

  get Milliseconds(): number {
    return this.#part(1, SECOND);
  }

  get Ticks(): number {
    return this.#milliseconds * TICKS_PER_MS;
  }

  get TotalDays(): number {
    return this.#milliseconds / DAY;
  }

  get TotalHours(): number {
    return this.#milliseconds / HOUR;
  }

  get TotalMinutes(): number {
    return this.#milliseconds / MINUTE;
  }

  get TotalSeconds(): number {
    return this.#milliseconds / SECOND;
  }

  get TotalMilliseconds(): number {
    return this.#milliseconds;
  }

  /** `[-][d.]hh:mm:ss[.fffffff]` */
  toString(): string {
    const two = (part: number): string => String(Math.abs(part)).padStart(2, '0');
    const sign = this.#milliseconds < 0 ? '-' : '';
    const days = this.Days === 0 ? '' : `${Math.abs(this.Days)}.`;
    const ticks = Math.abs(Math.round((this.#milliseconds % SECOND) * TICKS_PER_MS));
    const fraction = ticks === 0 ? '' : `.${String(ticks).padStart(7, '0')}`;
    return `${sign}${days}${two(this.Hours)}:${two(this.Minutes)}:${two(this.Seconds)}${fraction}`;
  }

  #part(unit: number, limit: number): number {
    // Minus zero is no number of hours.
    return Math.trunc((limit === Infinity ? this.#milliseconds : this.#milliseconds % limit) / unit) + 0;
  }
}

const TEXT = /^(-?)(?:(\d+)(?:\.|:(?=\d+:\d+:)))?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/u;

/** `hh:mm:ss` and its longer forms; undefined for other text. */
function parseTimeSpan(text: string): TimeSpan | undefined {
  const parts = TEXT.exec(text);
  if (parts === null) return undefined;
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = '0'] = parts;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const whole = Number(days) * DAY + Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds) * SECOND;
  const time = whole + Number(`0.${fraction}`) * SECOND;
  return new TimeSpan(sign === '-' ? -time : time);
}

/** A length of time: one that is one, `hh:mm:ss`, or a number of milliseconds, as the session options count. */
export const timeSpan: ParameterType<TimeSpan> = {
  name: 'TimeSpan',
  isSwitch: false,
  values: [],
  accepts: (value) => value instanceof TimeSpan,
  convert(given) {
    const value = plainValue(given);
    if (value instanceof TimeSpan) return value;
    if (typeof value === 'number') return new TimeSpan(value);
    const text = toText(value).trim();
    const time = parseTimeSpan(text) ?? (/^-?\d+$/u.test(text) ? new TimeSpan(toNumber(text)) : undefined);
    if (time !== undefined) return time;
    throw new ConversionError(value, 'System.TimeSpan', unknownText(text));
  },
};

/** `[timespan]`: a number counts ticks, and text that is a number counts days. @throws CastError */
export function toTimeSpan(value: unknown): TimeSpan {
  if (value instanceof TimeSpan) return value;
  if (value === null || value === undefined) return new TimeSpan(0);
  if (typeof value === 'number') return new TimeSpan(value / TICKS_PER_MS);
  const text = toText(value).trim();
  const time = parseTimeSpan(text) ?? (/^-?\d+$/u.test(text) ? new TimeSpan(toNumber(text) * DAY) : undefined);
  if (time !== undefined && !(value instanceof Date)) return time;
  throw new CastError(value, 'System.TimeSpan', unknownText(text));
}

/** `[timespan]::FromHours(1.5)` and its like. */
export const TIME_SPANS: Readonly<Record<string, (count: unknown) => TimeSpan>> = {
  FromDays: (count) => inUnits(count, DAY),
  FromHours: (count) => inUnits(count, HOUR),
  FromMinutes: (count) => inUnits(count, MINUTE),
  FromSeconds: (count) => inUnits(count, SECOND),
  FromMilliseconds: (count) => inUnits(count, 1),
  Parse: (text) => toTimeSpan(toText(text)),
};

function inUnits(count: unknown, unit: number): TimeSpan {
  return new TimeSpan(Math.round(toNumber(count) * unit * TICKS_PER_MS) / TICKS_PER_MS);
}

function unknownText(text: string): string {
  return `String '${text}' was not recognized as a valid TimeSpan.`;
}
