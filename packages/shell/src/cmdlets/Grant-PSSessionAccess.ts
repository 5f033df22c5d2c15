import { grantAccess } from '../client/grant-access.ts';
import { defineCmdlet } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { oneOf, string } from '../runtime/parameter-type.ts';
import { timeSpan, type TimeSpan } from '../runtime/time-span.ts';
import { SELECTION_PARAMETERS, selectSessions } from './session-selection.ts';
import { SESSION_PROPERTIES } from './output-properties.ts';

const SHORTEST_MS = 1000;

/** Lets another user of a host attach to sessions. */
export default defineCmdlet({
  name: 'Grant-PSSessionAccess',
  synopsis: 'Lets another user of the host watch your sessions, or type in them.',
  description:
    'The other user finds the session by Get-PSSession -ComputerName, as their own user, and enters it: with Read by Enter-PSSession -Watch only. Whoever may type does so with your rights. A new grant for the same user takes the place of the former. It ends with its time, by Revoke-PSSessionAccess, or with the session: then what they have not delivered is dropped. The agent must serve all users of the host: one that serves you alone, and the sessions of this machine, refuse it.',
  acts: 'agent',
  supportsShouldProcess: true,
  defaultParameterSet: 'Session',
  parameters: {
    ...SELECTION_PARAMETERS,
    UserName: { type: string, mandatory: true, help: 'The Unix user on the host.' },
    Access: {
      type: oneOf('SessionAccess', 'Read', 'Write'),
      help: 'Read, which is the default: watches. Write: takes the keyboard, too.',
    },
    For: { type: timeSpan, help: 'How long: hh:mm:ss or a TimeSpan. Without it, until the session ends.' },
  },
  output: SESSION_PROPERTIES,
  examples: [
    { code: 'Grant-PSSessionAccess -Name ITTask -UserName bob', remarks: 'bob may watch the session until it ends.' },
    {
      code: 'Get-PSSession -Name ITTask | Grant-PSSessionAccess -UserName bob -Access Write -For 1:00:00',
      remarks: 'bob may type in it for an hour.',
    },
  ],
  async *process({ Session, Id, Name, InstanceId, UserName, Access = 'Read', For }, context) {
    const forMs = For === undefined ? undefined : lengthOf(For);
    const access = Access === 'Read' ? 'read' : 'write';
    for (const session of await selectSessions({ Session, Id, Name, InstanceId }, context)) {
      if (!(await context.shouldProcess(session.Name))) continue;
      try {
        await grantAccess(context.remoting, session, { user: UserName, access, forMs }, context.signal);
        yield session;
      } catch (error) {
        await context.writeError(error);
      }
    }
  },
});

/** @throws ErrorRecord for a time that nobody means: a number alone counts milliseconds */
function lengthOf(time: TimeSpan): number {
  if (time.TotalMilliseconds >= SHORTEST_MS) return Math.round(time.TotalMilliseconds);
  const message = `A grant for ${time.TotalMilliseconds} ms is over at once: give a time like 1:00:00, or [timespan]::FromHours(1)`;
  throw new ErrorRecord('GrantTooShort', 'InvalidArgument', message);
}
