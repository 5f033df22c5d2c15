import { grantAccess } from '../client/grant-access.ts';
import { defineCmdlet } from '../runtime/cmdlet.ts';
import { string } from '../runtime/parameter-type.ts';
import { SELECTION_PARAMETERS, selectSessions } from './session-selection.ts';
import { SESSION_PROPERTIES } from './output-properties.ts';

/** Takes back what Grant-PSSessionAccess gave. */
export default defineCmdlet({
  name: 'Revoke-PSSessionAccess',
  synopsis: 'Lets another user of the host attach to your sessions no more.',
  description:
    'Where that user is attached now, it ends at once, and they are told so; nothing that they typed and no program has read comes to the session any more. A command of theirs that runs goes on: Ctrl-C is yours.',
  acts: 'agent',
  supportsShouldProcess: true,
  defaultParameterSet: 'Session',
  parameters: {
    ...SELECTION_PARAMETERS,
    UserName: {
      type: string,
      mandatory: true,
      help: 'The Unix user on the host, as the Grants of the session name it.',
    },
  },
  output: SESSION_PROPERTIES,
  examples: [{ code: 'Revoke-PSSessionAccess -Name ITTask -UserName bob', remarks: 'Takes back what bob may.' }],
  async *process({ Session, Id, Name, InstanceId, UserName }, context) {
    for (const session of await selectSessions({ Session, Id, Name, InstanceId }, context)) {
      if (!(await context.shouldProcess(session.Name))) continue;
      try {
        await grantAccess(context.remoting, session, { user: UserName, access: 'none' }, context.signal);
        yield session;
      } catch (error) {
        await context.writeError(error);
      }
    }
  },
});
