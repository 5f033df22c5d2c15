import type { PSSession } from '../client/ps-session.ts';
import { defineCmdlet, type CmdletContext } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { inOrder } from '../runtime/in-order.ts';
import { switchParameter } from '../runtime/parameter-type.ts';
import {
  computerNames,
  connectionAddresses,
  connectionParameters,
  throttleLimit,
  wishesOf,
} from './connection-parameters.ts';
import { namedDestinations } from './destination.ts';
import { querySessions, throttle, type SessionQuery } from './session-query.ts';
import { SELECTION_PARAMETERS, ownByName, selectSessions } from './session-selection.ts';
import { SESSION_PROPERTIES } from './output-properties.ts';
import { warnOfDisk } from './disk-warning.ts';

const COMPUTER_SETS = ['ComputerName', 'ComputerInstanceId'];
const URI_SETS = ['ConnectionUri', 'ConnectionUriInstanceId'];

/** Takes up disconnected sessions; it does not fetch their output. */
export default defineCmdlet({
  name: 'Connect-PSSession',
  synopsis: 'Connects to disconnected sessions, from this or another machine.',
  description:
    'By -ComputerName, every disconnected session of your user on the hosts is connected that fits the other parameters; one of another user who lets you in, by its -InstanceId only, or from Get-PSSession. A session that is connected here already is written unchanged. A session that another client holds is refused, unless -Force takes it or that client has been silent for 30 seconds.',
  acts: 'agent',
  supportsShouldProcess: true,
  defaultParameterSet: 'Name',
  parameters: {
    ComputerName: {
      ...computerNames,
      sets: COMPUTER_SETS,
      help: 'The hosts whose sessions are connected.',
    },
    ConnectionUri: { ...connectionAddresses, sets: URI_SETS },
    ...SELECTION_PARAMETERS,
    Name: { ...SELECTION_PARAMETERS.Name, sets: ['Name', 'ComputerName', 'ConnectionUri'] },
    InstanceId: {
      ...SELECTION_PARAMETERS.InstanceId,
      sets: ['InstanceId', 'ComputerInstanceId', 'ConnectionUriInstanceId'],
    },
    ...connectionParameters({ computer: COMPUTER_SETS, uri: URI_SETS }),
    Force: { type: switchParameter, help: 'Takes sessions from the client that holds them; it is told so.' },
    ThrottleLimit: throttleLimit,
  },
  output: SESSION_PROPERTIES,
  examples: [
    {
      code: 'Connect-PSSession -ComputerName srv1 -Name ITTask',
      remarks: 'Connects a session that any client left there.',
    },
    { code: 'Connect-PSSession -Id 4', remarks: 'Connects a session that this client disconnected.' },
    { code: 'Connect-PSSession srv1 -Name ITTask -Force', remarks: 'Takes it from the client that holds it.' },
  ],
  async *process({ Force, Session, Id, Name, InstanceId, ThrottleLimit, ...where }, context) {
    const destinations = namedDestinations(where, context);
    const wishes = wishesOf(where, context);
    const query = { Name, InstanceId, ConfigurationName: where.ConfigurationName, ThrottleLimit, wishes };
    const sessions =
      destinations === undefined
        ? await selectSessions({ Session, Id, Name, InstanceId }, context)
        : await listedSessions({ ...query, destinations }, Force, context);
    const chosen: PSSession[] = [];
    for (const session of sessions) {
      if (session.State !== 'Opened' && !(await context.shouldProcess(session.Name))) continue;
      if (destinations !== undefined && session.State !== 'Opened') session.wishes = wishes;
      chosen.push(session);
    }
    const work = (session: PSSession): Promise<void> => connect(session, Force, context);
    for await (const { item, outcome } of inOrder(chosen, throttle(ThrottleLimit), work)) {
      if (outcome.status === 'fulfilled') yield item;
      else await context.writeError(explain(item, outcome.reason));
    }
  },
});

/** The sessions on hosts that are meant: those named, else one's own that are free. */
async function listedSessions(query: SessionQuery, force: boolean, context: CmdletContext): Promise<PSSession[]> {
  const found = await Array.fromAsync(querySessions(query, context));
  if (query.InstanceId !== undefined) return found;
  if (query.Name !== undefined) return ownByName(found, 'PSSessionConnectFailed', context);
  return found.filter((session) => session.isOwn && isConnectable(session, force));
}

function isConnectable(session: PSSession, force: boolean): boolean {
  return session.State === 'Disconnected' && (force || session.Availability === 'None');
}

async function connect(session: PSSession, force: boolean, context: CmdletContext): Promise<void> {
  if (session.State === 'Opened') return;
  // Whether it is free is for the host to say: what was listed may be old, and a silent holder holds nobody off.
  if (session.State !== 'Disconnected') throw notConnectable(session);
  await context.remoting.connect(session, { force, signal: context.signal });
  context.jobs.resumeIn(session.InstanceId);
  warnOfDisk(session, context);
}

/** @param held the host's refusal: who holds it, and what takes it */
function notConnectable(session: PSSession, held?: ErrorRecord): ErrorRecord {
  const message = `Cannot connect PSSession "${session.Name}", either because it is not in the Disconnected state, or it is not available for connection.`;
  return new ErrorRecord(
    'PSSessionConnectFailed',
    'InvalidOperation',
    held === undefined ? message : `${message} ${held.message}`,
    { target: session.Name, cause: held },
  );
}

/** The texts of PowerShell around the host's reason. */
function explain(session: PSSession, error: unknown): ErrorRecord {
  const record = ErrorRecord.from(error);
  if (record.id === 'PSSessionConnectFailed') return record;
  if (record.id === 'SessionHeldElsewhere') return notConnectable(session, record);
  const isGone = record.id === 'SessionNotFound' || record.id === 'SessionExited';
  const message = isGone
    ? `Cannot connect to session ${session.Name}.  The session no longer exists on computer ${session.ComputerName}.`
    : `The connect operation failed for session ${session.Name} with the following error message: ${record.message}`;
  return new ErrorRecord('PSSessionConnectFailed', 'InvalidOperation', message, { target: session.Name, cause: error });
}
