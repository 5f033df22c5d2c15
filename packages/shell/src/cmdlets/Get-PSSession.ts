import type { PSSession } from '../client/ps-session.ts';
import { defineCmdlet, type CmdletContext } from '../runtime/cmdlet.ts';
import { arrayOf, guid, oneOf } from '../runtime/parameter-type.ts';
import { computerNames, connectionParameters, hostOf, throttleLimit } from './connection-parameters.ts';
import { querySessions } from './session-query.ts';
import { SELECTION_PARAMETERS, selectSessions } from './session-selection.ts';

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
      sets: ['ComputerName', 'ComputerInstanceId'],
      help: 'The hosts to ask; wildcards match the names of config.toml.',
    },
    Id: SELECTION_PARAMETERS.Id,
    Name: { ...SELECTION_PARAMETERS.Name, mandatory: false, sets: ['Name', 'ComputerName'] },
    InstanceId: {
      type: arrayOf(guid),
      mandatory: true,
      sets: ['InstanceId', 'ComputerInstanceId'],
      help: "The sessions' InstanceIds.",
    },
    ...connectionParameters('ComputerName', 'ComputerInstanceId'),
    State: {
      type: oneOf('SessionFilterState', 'All', 'Opened', 'Disconnected', 'Closed', 'Broken'),
      sets: ['ComputerName', 'ComputerInstanceId'],
      help: 'Only sessions in this state.',
    },
    ThrottleLimit: { ...throttleLimit, sets: ['ComputerName', 'ComputerInstanceId'] },
  },
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
  async *process({ ComputerName, State = 'All', ...filter }, context) {
    const entered = filter.Id === undefined && filter.InstanceId === undefined ? context.host.entered : undefined;
    const hosts = ComputerName ?? (entered === undefined ? undefined : [hostOf(entered, filter.Credential)]);
    if (hosts === undefined) {
      yield* await selectLocal(filter, context);
      return;
    }
    for await (const session of querySessions({ ...filter, ComputerName: hosts }, context)) {
      if (State === 'All' || session.State === State) yield session;
    }
  },
});

type LocalFilter = Parameters<typeof selectSessions>[0];

async function selectLocal(filter: LocalFilter, context: CmdletContext): Promise<PSSession[]> {
  const { Id, Name, InstanceId } = filter;
  await context.remoting.refresh(context.signal);
  if (Id === undefined && Name === undefined && InstanceId === undefined) return [...context.remoting.sessions];
  const chosen = await selectSessions({ Id, Name, InstanceId }, context);
  return chosen.toSorted((a, b) => a.Id - b.Id);
}
