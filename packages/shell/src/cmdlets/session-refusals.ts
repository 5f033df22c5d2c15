import type { PSSession } from '../client/ps-session.ts';
import { ErrorRecord } from '../runtime/error-record.ts';

/** A session that is not connected here takes no command; the texts are PowerShell's. */
export function closedSession(session: PSSession): ErrorRecord {
  const { Name, InstanceId, ComputerName, State } = session;
  const message = `Because the session state for session ${Name}, ${InstanceId}, ${ComputerName} is not equal to Open, you cannot run a command in the session.  The session state is ${State}.`;
  return new ErrorRecord('InvokeCommandCommandInvalidSessionState', 'InvalidOperation', message, { target: Name });
}

/** A session does one thing at a time. */
export function busySession({ Name, InstanceId, ComputerName }: PSSession): ErrorRecord {
  const message = `The session ${Name}, ${InstanceId}, ${ComputerName} is not available to run commands.  The session availability is Busy.`;
  return new ErrorRecord('InvokeCommandCommandInvalidSessionAvailability', 'InvalidOperation', message, {
    target: Name,
  });
}
