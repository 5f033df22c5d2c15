import type { DetachOptions } from '../client/session-end.ts';
import type { PSSession } from '../client/ps-session.ts';
import { defineCmdlet, type CmdletContext } from '../runtime/cmdlet.ts';
import { defined } from '../runtime/defined.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { inOrder } from '../runtime/in-order.ts';
import { int32 } from '../runtime/parameter-type.ts';
import { outputBufferingMode } from '../runtime/session-option.ts';
import { throttleLimit } from './connection-parameters.ts';
import { checkIdleTimeout } from './idle-timeout.ts';
import { throttle } from './session-query.ts';
import { SELECTION_PARAMETERS, selectSessions } from './session-selection.ts';
import { SESSION_PROPERTIES } from './output-properties.ts';

/** Detaches from sessions; the hosts keep them running. */
export default defineCmdlet({
  name: 'Disconnect-PSSession',
  synopsis: 'Detaches from sessions and leaves them running.',
  description:
    'A command that runs goes on, and its output is kept on the host. The session can be connected again from any machine until its idle time-out is over.',
  acts: 'agent',
  supportsShouldProcess: true,
  defaultParameterSet: 'Session',
  parameters: {
    ...SELECTION_PARAMETERS,
    Session: { ...SELECTION_PARAMETERS.Session, mandatory: false },
    IdleTimeoutSec: { type: int32, help: 'Seconds for which the host keeps the session; 60 or more.' },
    OutputBufferingMode: {
      type: outputBufferingMode,
      help: 'What happens when the kept output reaches its limit: Block stops the command, Drop discards the oldest output.',
    },
    ThrottleLimit: throttleLimit,
  },
  output: SESSION_PROPERTIES,
  examples: [
    { code: 'Disconnect-PSSession -Name UpdateSession', remarks: 'Detaches from a session.' },
    {
      code: 'Disconnect-PSSession -Id 4 -IdleTimeoutSec 43200 -OutputBufferingMode Drop',
      remarks: 'Keeps it for 12 hours.',
    },
  ],
  async *process({ Session, Id, Name, InstanceId, IdleTimeoutSec, OutputBufferingMode, ThrottleLimit }, context) {
    const fromInside = context.parameterSet === 'Session' && Session === undefined;
    const sessions = fromInside
      ? enteredSession(context)
      : await selectSessions({ Session, Id, Name, InstanceId }, context);
    const options = defined({
      idleTimeoutMs: IdleTimeoutSec === undefined ? undefined : IdleTimeoutSec * 1000,
      outputBufferingMode: OutputBufferingMode,
    });
    const chosen: PSSession[] = [];
    for (const session of sessions) if (await context.shouldProcess(session.Name)) chosen.push(session);
    const leave = async (session: PSSession): Promise<void> => {
      if (session.State !== 'Disconnected') await disconnect(session, { fromInside, options }, context);
    };
    for await (const { item, outcome } of inOrder(chosen, throttle(ThrottleLimit), leave)) {
      if (outcome.status === 'fulfilled') yield item;
      else await context.writeError(outcome.reason);
    }
  },
});

type How = { readonly fromInside: boolean; readonly options: DetachOptions };

async function disconnect(session: PSSession, { fromInside, options }: How, context: CmdletContext): Promise<void> {
  const { host, remoting, signal, writeInformation } = context;
  refuse(session, fromInside ? undefined : host.entered);
  checkIdleTimeout(session, options.idleTimeoutMs);
  // Leaving a temporary session would end it; its prompt goes when it is disconnected.
  if (fromInside && session.info.temporary) await session.remote?.keep(undefined, signal);
  else if (fromInside) await host.leave();
  await remoting.disconnect(session, { ...options, signal });
  const until = session.ExpiresOn === undefined ? '' : ` until ${session.ExpiresOn.toLocaleString()}`;
  writeInformation(`${session.Name} on ${session.ComputerName} goes on${until}`);
}

/** At an entered prompt, the session without a name is the one that is entered. */
function enteredSession({ host }: CmdletContext): PSSession[] {
  if (host.entered !== undefined) return [host.entered];
  const message = 'Cannot process command because of one or more missing mandatory parameters: Session.';
  throw new ErrorRecord('MissingMandatoryParameter', 'InvalidArgument', message);
}

function refuse(session: PSSession, entered: PSSession | undefined): void {
  if (session.State === 'Opened' && session !== entered) return;
  const why =
    session === entered ? 'it is in use interactively: leave its prompt first' : 'it is not in the Opened state.';
  const message = `Cannot disconnect PSSession "${session.Name}" because ${why}`;
  throw new ErrorRecord('CannotDisconnectSessionWhenNotOpened', 'InvalidOperation', message, { target: session.Name });
}
