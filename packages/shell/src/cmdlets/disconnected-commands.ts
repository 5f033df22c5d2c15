import { sessionScript } from '../client/session-streams.ts';
import { shellReady } from '../client/shell-ready.ts';
import type { PSSession } from '../client/ps-session.ts';
import type { CmdletContext } from '../runtime/cmdlet.ts';
import type { Credential } from '../runtime/credential.ts';
import { inOrder } from '../runtime/in-order.ts';
import { chosenOption, type PSSessionOption } from '../runtime/session-option.ts';
import { openFailed } from './connection-failure.ts';
import { withUser } from './connection-parameters.ts';
import { openSession } from './open-session.ts';
import { readScript, sessionText, type ScriptSource } from './remote-script.ts';
import { throttle } from './session-query.ts';

export type DisconnectedCommand = ScriptSource & {
  readonly ComputerName: readonly string[];
  readonly ConfigurationName?: string | undefined;
  readonly Credential?: Credential | undefined;
  readonly SessionName?: readonly string[] | undefined;
  readonly SessionOption?: PSSessionOption | undefined;
  readonly ThrottleLimit?: number | undefined;
};

/** Begins a script in a new session on each host and leaves it running there, for Receive-PSSession from anywhere. */
export async function* beginInSessions(
  command: DisconnectedCommand,
  context: CmdletContext,
): AsyncGenerator<PSSession> {
  const { ComputerName, ConfigurationName: configurationName, Credential, SessionName, ThrottleLimit } = command;
  const { remoting, signal } = context;
  const script = await readScript(command, context);
  const option = chosenOption(command.SessionOption, context.scope);
  const begin = async (host: string, index: number): Promise<PSSession> => {
    const computerName = withUser(host, Credential, remoting.hosts);
    const session = await openSession({ computerName, configurationName, name: SessionName?.[index] }, option, context);
    const { remote } = session;
    const { program = '' } = remote?.info ?? {};
    if (remote !== undefined) await shellReady(remote, signal);
    const text = sessionScript({ ...sessionText(script, program), input: script.input });
    await remote?.run(text, undefined, script.title).accepted;
    return remoting.disconnect(session, { signal });
  };
  for await (const { item, outcome } of inOrder(ComputerName, throttle(ThrottleLimit), begin)) {
    if (outcome.status === 'fulfilled') yield outcome.value;
    else await context.writeError(openFailed({ computerName: item, configurationName }, outcome.reason));
  }
}
