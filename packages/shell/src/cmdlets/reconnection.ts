import type { CmdletContext } from '../runtime/cmdlet.ts';
import type { DisconnectedTask } from '../runtime/run-tasks.ts';

/**
 * Makes a job of a command whose session was disconnected while it ran, and says so in PowerShell's words: the command goes
 * on there, and the job gives its output from here on once the session is connected again.
 */
export function keepForReconnection({ task, reason }: DisconnectedTask, command: string, context: CmdletContext): void {
  const { jobs, remoting, writeWarning } = context;
  const { computerName, instanceId } = task;
  const name = remoting.sessions.find(({ InstanceId }) => InstanceId === instanceId)?.Name ?? '';
  writeWarning(
    `Session ${name} with instance ID ${instanceId} on computer ${computerName} has been disconnected: ${reason.message}`,
  );
  const job = jobs.adopt(task, command);
  writeWarning(
    `Job ${job.Name} has been created for reconnection. To go on with it: Receive-PSSession -ComputerName ${computerName} -Name ${name}`,
  );
}
