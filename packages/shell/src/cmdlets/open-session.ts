import { RemotingError } from '@holdfast/protocol';
import type { ConnectionWishes } from '../client/connection-wishes.ts';
import type { PSSession } from '../client/ps-session.ts';
import type { NewSessionOptions } from '../client/open-session-options.ts';
import type { CmdletContext } from '../runtime/cmdlet.ts';
import { defined } from '../runtime/defined.ts';

/** The size of a terminal that nobody has seen yet. */
const DEFAULT_SIZE = { columns: 80, rows: 24 };

type Target = { readonly [K in 'name' | 'configurationName']?: string | undefined } & Pick<
  NewSessionOptions,
  'computerName' | 'temporary'
>;

/**
 * Creates a session. An idle time-out that the host does not allow is no error before the session is disconnected, since
 * it counts only then; a warning says so.
 * @throws RemotingError as Remoting.newSession()
 */
export async function openSession(
  target: Target,
  wishes: ConnectionWishes,
  { host, remoting, signal, writeWarning }: CmdletContext,
): Promise<PSSession> {
  const size = Number.isFinite(host.columns) ? { columns: host.columns, rows: host.rows } : DEFAULT_SIZE;
  const { idleTimeoutMs, outputBufferingMode, noProfile } = wishes;
  const options = { ...size, ...defined({ ...target, outputBufferingMode, noProfile }), wishes, signal };
  try {
    return await remoting.newSession({ ...options, ...defined({ idleTimeoutMs }) });
  } catch (error) {
    if (!(error instanceof RemotingError) || error.id !== 'IdleTimeoutOutOfRange' || idleTimeoutMs === undefined)
      throw error;
    const session = await remoting.newSession(options);
    session.wantIdleTimeout(idleTimeoutMs);
    const most = Math.trunc(session.info.maxIdleTimeoutMs / 1000);
    writeWarning(
      `${session.ComputerName} keeps a disconnected session for ${most} seconds at most, and not for ${Math.trunc(idleTimeoutMs / 1000)}: disconnect ${session.Name} with -IdleTimeoutSec`,
    );
    return session;
  }
}
