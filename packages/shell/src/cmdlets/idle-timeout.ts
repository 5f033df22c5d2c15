import type { PSSession } from '../client/ps-session.ts';
import { ErrorRecord } from '../runtime/error-record.ts';

/** The least idle time-out that a host accepts. */
const MIN_SECONDS = 60;

/** -1 stands for the configuration's own idle time-out. */
const SERVER_DEFAULT = -1;

/**
 * Checks the idle time-out under which a session would be disconnected: the given one, else its own.
 * @throws ErrorRecord with the seed's text, odd grammar and all
 */
export function checkIdleTimeout(session: PSSession, idleTimeoutMs: number | undefined): void {
  const info = session.remote?.info;
  if (info === undefined) return;
  const seconds = toSeconds(idleTimeoutMs ?? session.IdleTimeout);
  const maximum = toSeconds(info.maxIdleTimeoutMs);
  if (seconds === SERVER_DEFAULT || (seconds >= MIN_SECONDS && seconds <= maximum)) return;
  const message = `The session ${session.Name} cannot be disconnected because the specified idle timeout value ${seconds}(seconds) is either greater than the server maximum allowed ${maximum} (seconds) or less that the minimum allowed${MIN_SECONDS}(seconds). Choose an idle time out value that is within the allowed range and try again.`;
  throw new ErrorRecord('CannotDisconnectSessionWithInvalidIdleTimeout', 'InvalidArgument', message, {
    target: session.Name,
  });
}

/**
 * Checks the idle time-out that sessions are to be made with. One that is too long is found out when they are disconnected.
 * @throws ErrorRecord
 */
export function checkIdleOption(idleTimeoutMs: number | undefined): void {
  if (idleTimeoutMs === undefined || idleTimeoutMs >= MIN_SECONDS * 1000) return;
  const message = `The specified IdleTimeout session option ${toSeconds(idleTimeoutMs)} (seconds) is not a valid period.  Specify an IdleTimeout value that is greater than or equal to the minimum allowed ${MIN_SECONDS} (seconds).`;
  throw new ErrorRecord('InvalidIdleTimeout', 'InvalidArgument', message);
}

function toSeconds(milliseconds: number): number {
  return milliseconds < 0 ? SERVER_DEFAULT : Math.trunc(milliseconds / 1000);
}
