import { connect, type ConnectOptions } from './connect.ts';
import type { Connection } from './connection.ts';
import type { ConnectionWishes } from './connection-wishes.ts';
import { resolveClientSettings } from './client-settings.ts';
import type { HostAddress } from './hosts.ts';
import { retrying } from './retrying.ts';

/** The longest time that a timer takes. */
const NO_LIMIT_MS = 2 ** 31 - 1;

/** Connects as is wished: for so long at most, and so many times while the network fails. @throws RemotingError as connect() */
export function reach(address: HostAddress, options: ConnectOptions, wishes: ConnectionWishes): Promise<Connection> {
  const { openTimeoutMs, retries = 0 } = wishes;
  const settings = resolveClientSettings(options.settings, options.environment);
  if (openTimeoutMs !== undefined) settings.connectTimeoutMs = openTimeoutMs === 0 ? NO_LIMIT_MS : openTimeoutMs;
  // A key that is named for the computer goes before the one for all.
  const identity = address.kind === 'agent' ? (address.identity ?? options.identity) : undefined;
  const own = { ...options, settings, ...(identity === undefined ? {} : { identity }) };
  return retrying(() => connect(address, own), {
    retries,
    pauseMs: settings.retryStepMs,
    signal: options.signal,
  });
}
