import { pino } from 'pino';
import { openDescriptor, type LogOutput } from './log-output.ts';

/** What a line of the log may carry beside its time, level and event. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes one event; never waits and never throws. */
export type Log = ((event: string, fields?: LogFields) => void) & {
  /** Lines that could not be written so far. */
  readonly droppedLines?: number;
};

/** What is logged: this and what is worse. */
export const LOG_LEVELS = ['error', 'warn', 'info'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Events that somebody should look at; the others are information. */
const LEVELS: Readonly<Record<string, LogLevel>> = {
  error: 'error',
  'gateway.failed': 'error',
  'access.failed': 'error',
  'registry.failed': 'error',
  'registry.lost': 'error',
  'gateway.ended': 'warn',
  'host.lost': 'warn',
  'client.refused': 'warn',
  'monitor.refused': 'warn',
};

/** Fields that no event has; should one be added, its value is not written. */
const SECRETS = ['passphrase', 'password', 'privateKey', 'secret', 'signature', 'ticket'];

const STDERR = 2;

/**
 * A log of one JSON line per event, on standard error by default. A reader that has stopped reading must not stop the
 * gateway: lines that do not fit are counted, and the next one that fits says how many.
 */
export function createLog(output: LogOutput = openDescriptor(STDERR), level: LogLevel = 'info'): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS, censor: '[not logged]' },
      mixin: () => (output.unsaid === 0 ? {} : { droppedLines: output.unsaid }),
    },
    output,
  );
  const log = (event: string, fields: LogFields = {}): void => logger[LEVELS[event] ?? 'info']({ event, ...fields });
  return Object.defineProperty(log, 'droppedLines', { get: () => output.dropped });
}
