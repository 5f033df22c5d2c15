import { TimeSpan } from './time-span.ts';

const MINUTE = 60_000;

/** The time between two dates by their clocks: a change to summer time between them is no hour of it, as in .NET. */
export function timeBetween(later: Date, earlier: Date): TimeSpan {
  return new TimeSpan(wallClock(later) - wallClock(earlier));
}

/** What the clock shows after so many milliseconds on it. */
export function dateAfter(date: Date, milliseconds: number): Date {
  const moved = new Date(wallClock(date) + Math.round(milliseconds));
  return new Date(moved.getTime() + offsetAt(moved));
}

/** The same day so many months on, or the last of a month that is shorter. */
export function monthsAfter(date: Date, months: number): Date {
  const moved = new Date(date);
  moved.setDate(1);
  moved.setMonth(date.getMonth() + months);
  const last = new Date(moved.getFullYear(), moved.getMonth() + 1, 0).getDate();
  moved.setDate(Math.min(date.getDate(), last));
  return moved;
}

/** Milliseconds that grow as the clock on the wall does. */
function wallClock(date: Date): number {
  return date.getTime() - date.getTimezoneOffset() * MINUTE;
}

/** What is to be added to a clock's time that was taken for UTC. */
function offsetAt(clock: Date): number {
  const local = new Date(
    clock.getUTCFullYear(),
    clock.getUTCMonth(),
    clock.getUTCDate(),
    clock.getUTCHours(),
    clock.getUTCMinutes(),
    clock.getUTCSeconds(),
    clock.getUTCMilliseconds(),
  );
  return local.getTime() - clock.getTime();
}
