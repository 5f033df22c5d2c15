import { defineCmdlet } from '../runtime/cmdlet.ts';
import { computerNames } from './connection-parameters.ts';
import { MACHINE_PARAMETERS } from './refused-parameters.ts';
import { SELECTION_PARAMETERS, selectSessions } from './session-selection.ts';

/** Ends sessions on their hosts. */
export default defineCmdlet({
  name: 'Remove-PSSession',
  synopsis: 'Ends sessions, and what runs in them.',
  description: "Chooses among this client's sessions; the session on the host is stopped and leaves the list.",
  acts: 'agent',
  supportsShouldProcess: true,
  defaultParameterSet: 'Id',
  parameters: {
    ...SELECTION_PARAMETERS,
    ComputerName: {
      ...computerNames,
      pipeline: 'name',
      sets: ['ComputerName'],
      help: "This client's sessions on these hosts.",
    },
    ...MACHINE_PARAMETERS,
  },
  examples: [
    { code: 'Remove-PSSession -Id 1, 2', remarks: 'Ends two sessions.' },
    { code: 'Remove-PSSession -Name Backup* -WhatIf', remarks: 'Shows which sessions would be ended.' },
  ],
  // Removing has no result.
  // eslint-disable-next-line require-yield
  async *process({ Session, Id, Name, InstanceId, ComputerName }, context) {
    for (const session of await selectSessions({ Session, Id, Name, InstanceId, ComputerName }, context)) {
      if (!(await context.shouldProcess(session.ComputerName))) continue;
      try {
        await context.remoting.remove(session, context.signal);
      } catch (error) {
        await context.writeError(error);
      }
    }
  },
});
