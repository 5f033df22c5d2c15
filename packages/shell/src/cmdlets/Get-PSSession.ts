import type { PSSession } from '../client/ps-session.ts';
import { defineCmdlet, type CmdletContext } from '../runtime/cmdlet.ts';
import { arrayOf, guid, oneOf } from '../runtime/parameter-type.ts';
import {
  computerNames,
  connectionAddresses,
  connectionParameters,
  throttleLimit,
  wishesOf,
} from './connection-parameters.ts';
import { enteredDestination, namedDestinations } from './destination.ts';
import { MACHINE_PARAMETERS } from './refused-parameters.ts';
import { querySessions } from './session-query.ts';
import { SELECTION_PARAMETERS, findSessions } from './session-selection.ts';
import { knownSessionInstances } from './known-values.ts';
import { SESSION_PROPERTIES } from './output-properties.ts';

const COMPUTER_SETS = ['ComputerName', 'ComputerInstanceId'];
const URI_SETS = ['ConnectionUri', 'ConnectionUriInstanceId'];

/** Lists this client's sessions, or those on hosts. */
export default defineCmdlet({
  name: 'Get-PSSession',
  synopsis: 'Lists the sessions of this client, or all of yours on some hosts.',
  description:
    'Without -ComputerName the sessions that this client created or connected are listed, as the hosts that are connected know them. With it, each host is asked for all sessions of your user, those of other clients among them. State is relative to this client: Disconnected with Availability None can be connected, with Busy another client holds it.',
  acts: 'agent',
  defaultParameterSet: 'Name',
  parameters: {
    ComputerName: {
      ...computerNames,
      pipeline: 'name',
      sets: COMPUTER_SETS,
      help: 'The hosts to ask; wildcards match the names of config.toml.',
    },
    ConnectionUri: { ...connectionAddresses, sets: URI_SETS },
    Id: SELECTION_PARAMETERS.Id,
    Name: {
      ...SELECTION_PARAMETERS.Name,
      mandatory: false,
      sets: ['Name', 'ComputerName', 'ConnectionUri'],
      help: "The sessions' names.",
    },
    InstanceId: {
      type: arrayOf(guid),
      mandatory: true,
      sets: ['InstanceId', 'ComputerInstanceId', 'ConnectionUriInstanceId'],
      complete: knownSessionInstances,
      help: "The sessions' InstanceIds.",
    },
    ...connectionParameters({ computer: COMPUTER_SETS, uri: URI_SETS }),
    State: {
      type: oneOf('SessionFilterState', 'All', 'Opened', 'Disconnected', 'Closed', 'Broken'),
      sets: [...COMPUTER_SETS, ...URI_SETS],
      help: 'Only sessions in this state.',
    },
    ThrottleLimit: { ...throttleLimit, sets: [...COMPUTER_SETS, ...URI_SETS] },
    ...MACHINE_PARAMETERS,
  },
  output: SESSION_PROPERTIES,
  examples: [
    { code: 'Get-PSSession', remarks: 'Lists the sessions of this client.' },
    {
      code: 'Get-PSSession -ComputerName srv1',
      remarks: 'Lists your sessions on srv1, whichever client created them.',
    },
    {
      code: 'Get-PSSession -ComputerName srv1, srv2 -Name Backup* -State Disconnected',
      remarks: 'Lists what can be connected.',
    },
    { code: 'Get-PSSession -Id 2', remarks: 'Shows the session with that number.' },
  ],
  async *process({ State = 'All', ThrottleLimit, ...given }, context) {
    const { Id, Name, InstanceId, ConfigurationName } = given;
    const entered = Id === undefined && InstanceId === undefined ? context.host.entered : undefined;
    const named = namedDestinations(given, context);
    const destinations = named ?? (entered === undefined ? undefined : [enteredDestination(entered, given)]);
    if (destinations === undefined) {
      yield* await selectLocal(given, context);
      return;
    }
    const wishes = wishesOf(given, context);
    const query = { destinations, wishes, Name, InstanceId, ConfigurationName, ThrottleLimit };
    for await (const session of querySessions(query, context)) {
      if (State === 'All' || session.State === State) yield session;
    }
  },
});

type LocalFilter = Parameters<typeof findSessions>[0];

async function selectLocal(filter: LocalFilter, context: CmdletContext): Promise<PSSession[]> {
  const { Id, Name, InstanceId } = filter;
  await context.remoting.refresh(context.signal);
  if (Id === undefined && Name === undefined && InstanceId === undefined) return [...context.remoting.sessions];
  const chosen = await findSessions({ Id, Name, InstanceId }, context);
  return chosen.toSorted((a, b) => a.Id - b.Id);
}
