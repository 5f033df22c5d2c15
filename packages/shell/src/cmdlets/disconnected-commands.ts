import type { ConnectionWishes } from '../client/connection-wishes.ts';
import { beginApart } from '../client/run-in-session.ts';
import { shellReady } from '../client/shell-ready.ts';
import type { PSSession } from '../client/ps-session.ts';
import type { CmdletContext } from '../runtime/cmdlet.ts';
import { inOrder } from '../runtime/in-order.ts';
import { openFailed } from './connection-failure.ts';
import { targetOf, wishesFor, type Destination } from './destination.ts';
import { openSession } from './open-session.ts';
import { readScript, sessionScript, type ScriptSource } from './remote-script.ts';
import { throttle } from './session-query.ts';

export type DisconnectedCommand = ScriptSource & {
  readonly destinations: readonly Destination[];
  readonly wishes: ConnectionWishes;
  readonly configurationName: string | undefined;
  readonly SessionName?: readonly string[] | undefined;
  readonly ThrottleLimit?: number | undefined;
};

/** Begins a script in a new session on each host and leaves it running there, for Receive-PSSession from anywhere. */
export async function* beginInSessions(
  command: DisconnectedCommand,
  context: CmdletContext,
): AsyncGenerator<PSSession> {
  const { destinations, wishes, configurationName, SessionName, ThrottleLimit } = command;
  const { remoting, signal } = context;
  const script = await readScript(command, context);
  const begin = async (to: Destination, index: number): Promise<PSSession> => {
    const computerName = targetOf(to, remoting.destinations);
    const target = { computerName, configurationName, name: SessionName?.[index] };
    const session = await openSession(target, wishesFor(to, wishes), context);
    const { remote } = session;
    if (remote !== undefined) {
      await shellReady(remote, signal);
      await beginApart(remote, sessionScript(script, session, context.host.sessionPrompt)).accepted;
    }
    return remoting.disconnect(session, { signal });
  };
  for await (const { item, outcome } of inOrder(destinations, throttle(ThrottleLimit), begin)) {
    if (outcome.status === 'fulfilled') yield outcome.value;
    else await context.writeError(openFailed({ computerName: item.computerName, configurationName }, outcome.reason));
  }
}
