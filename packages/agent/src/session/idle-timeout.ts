import { RemotingError } from '@holdfast/protocol';
import type { HostSettings } from './host-settings.ts';
import type { SessionConfiguration } from './session-configuration.ts';

/**
 * The time for which a disconnected session is kept; none asked for, or -1, means the configuration's.
 * @throws RemotingError IdleTimeoutOutOfRange
 */
export function checkIdleTimeout(
  askedMs: number | undefined,
  sessionName: string,
  { idleTimeoutMs, maxIdleTimeoutMs }: SessionConfiguration,
  { minIdleTimeoutMs }: HostSettings,
): number {
  if (askedMs === undefined || askedMs === -1) return idleTimeoutMs;
  if (askedMs >= minIdleTimeoutMs && askedMs <= maxIdleTimeoutMs) return askedMs;
  const [asked, least, most] = [askedMs, minIdleTimeoutMs, maxIdleTimeoutMs].map((time) => Math.floor(time / 1000));
  throw new RemotingError(
    'IdleTimeoutOutOfRange',
    `The idle timeout ${asked} (seconds) of session ${sessionName} is not between ${least} and ${most} (seconds)`,
    { target: sessionName },
  );
}
