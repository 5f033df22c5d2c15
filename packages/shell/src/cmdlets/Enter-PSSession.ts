import { RemotingError } from '@holdfast/protocol';
import { PSSession } from '../client/ps-session.ts';
import { defineCmdlet, type CmdletContext } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { guid, instanceOf, int32, string, switchParameter } from '../runtime/parameter-type.ts';
import { connectionAddress, connectionParameters } from './connection-parameters.ts';
import { destinationsOf, inLists, targetOf, wishesFor, type OneDestination } from './destination.ts';
import { openSession } from './open-session.ts';
import { REFUSED_PARAMETERS } from './refused-parameters.ts';
import { sessionMaking, type MakingArguments } from './session-making.ts';
import { selectSession } from './session-selection.ts';
import { hostNames, sshParameters } from './ssh-parameters.ts';
import { knownComputers, knownSessionIds, knownSessionInstances, knownSessionNames } from './known-values.ts';

const CONNECTION = connectionParameters({ computer: ['ComputerName'], uri: ['Uri'], ssh: ['SSHHost'] });
/** Those that make a session of their own. */
const NEW_SETS: ReadonlySet<string> = new Set(['ComputerName', 'Uri', 'SSHHost']);

/** Opens the prompt of a session. */
export default defineCmdlet({
  name: 'Enter-PSSession',
  synopsis: 'Opens the prompt of a session: each line goes to its shell.',
  description:
    'By -ComputerName a temporary session is created, which ends when its prompt is left. Any other session stays as it is when its prompt is left. While a command runs, Ctrl-] opens a menu to leave it running.',
  acts: 'agent',
  defaultParameterSet: 'ComputerName',
  parameters: {
    ComputerName: {
      type: string,
      aliases: ['Cn'],
      position: 0,
      pipeline: 'both',
      sets: ['ComputerName'],
      complete: knownComputers,
      help: 'The host: a name of config.toml, host, host:port, or wss:// URL; localhost when none is given.',
    },
    ConnectionUri: { ...connectionAddress, position: 1, sets: ['Uri'] },
    HostName: {
      ...hostNames,
      type: string,
      position: 0,
      pipeline: 'value',
      sets: ['SSHHost'],
      help: 'The host: a name of config.toml, host or host:port, with user@ before it. Its agent is asked, not sshd.',
    },
    ...CONNECTION,
    Credential: { ...CONNECTION.Credential, position: 1 },
    ...sshParameters('SSHHost'),
    Session: {
      type: instanceOf(PSSession),
      position: 0,
      mandatory: true,
      pipeline: 'both',
      sets: ['Session'],
      help: 'The session.',
    },
    Id: {
      type: int32,
      position: 0,
      mandatory: true,
      pipeline: 'name',
      sets: ['Id'],
      complete: knownSessionIds,
      help: "The session's number in this client.",
    },
    Name: {
      type: string,
      mandatory: true,
      pipeline: 'name',
      sets: ['Name'],
      complete: knownSessionNames,
      help: "The session's name: your own, where others have one of the same; several are refused, and named.",
    },
    InstanceId: {
      type: guid,
      mandatory: true,
      pipeline: 'name',
      sets: ['InstanceId'],
      complete: knownSessionInstances,
      help: "The session's InstanceId.",
    },
    Watch: {
      type: switchParameter,
      sets: ['Session', 'Id', 'Name', 'InstanceId'],
      help: 'Looks on without its keyboard, whoever has that; Ctrl-] takes it, or leaves.',
    },
    Force: { type: switchParameter, help: 'Takes the session from the client that holds it; it is told so.' },
    ...REFUSED_PARAMETERS,
  },
  examples: [
    { code: 'Enter-PSSession srv1', remarks: 'Opens a temporary session on srv1.' },
    {
      code: 'Get-PSSession -ComputerName srv1 -Name ITTask | Enter-PSSession -Watch',
      remarks: 'Looks on at a session that another client has the keyboard of.',
    },
    { code: 'Enter-PSSession -Name ITTask', remarks: 'Opens the prompt of a session that is there.' },
  ],
  // Entering has no result.
  // eslint-disable-next-line require-yield
  async *process({ Session, Id, Name, InstanceId, Force, Watch, ...where }, context) {
    refuseNested(context);
    if (NEW_SETS.has(context.parameterSet)) {
      await context.host.enter(await newSession(where, context), { temporary: true });
      return;
    }
    const session = Session ?? (await selectSession({ Id, Name, InstanceId }, context));
    if (session === undefined) return;
    if (Watch) return watchSession(session, Force, context);
    await makeReady(session, Force, context);
    await context.host.enter(session, { temporary: false });
  },
});

type Where = OneDestination & MakingArguments;

/** A session that ends when its prompt is left. */
async function newSession(where: Where, context: CmdletContext): Promise<PSSession> {
  const { ComputerName } = where;
  const [to, second] = destinationsOf(inLists(where), context);
  if (to === undefined || second !== undefined) {
    const count = to === undefined ? 'No host' : 'More than one host';
    const message = `${count} of config.toml is named like ${ComputerName}`;
    throw new ErrorRecord('InvalidComputerName', 'InvalidArgument', message, { target: ComputerName });
  }
  const computerName = targetOf(to, context.remoting.destinations);
  const { wishes, configurationName } = sessionMaking(where, context);
  return openSession({ computerName, configurationName, temporary: true }, wishesFor(to, wishes), context);
}

function refuseNested({ host }: CmdletContext): void {
  if (host.canEnter === false) {
    const message = 'The host does not support Enter-PSSession and Exit-PSSession.';
    throw new ErrorRecord('HostDoesNotSupportPushRunspace', 'InvalidArgument', message);
  }
  if (host.entered === undefined) return;
  const message =
    'You are currently in a Windows PowerShell PSSession and cannot use the Enter-PSSession cmdlet to enter another PSSession.';
  throw new ErrorRecord('RemoteHostDoesNotSupportPushRunspace', 'InvalidArgument', message, {
    target: host.entered.Name,
  });
}

/** @throws ErrorRecord when there is nothing to be seen, or it is to be taken too */
async function watchSession(
  session: PSSession,
  force: boolean,
  { host, remoting, signal }: CmdletContext,
): Promise<void> {
  const options = { target: session.Name };
  if (force)
    throw new ErrorRecord('AmbiguousParameterSet', 'InvalidArgument', 'Use -Watch or -Force, not both.', options);
  if (session.State !== 'Disconnected') {
    const message = `The session ${session.Name} is ${session.State} here: only one that is Disconnected can be watched.`;
    throw new ErrorRecord('PushedRunspaceMustBeOpen', 'InvalidOperation', message, options);
  }
  const connection = await remoting.connection(session.target, signal, session.wishes);
  await host.watch?.(session, await connection.watchSession(session.InstanceId, { signal }));
}

/** Connects a disconnected session. @throws ErrorRecord when its prompt cannot be opened */
async function makeReady(session: PSSession, force: boolean, context: CmdletContext): Promise<void> {
  if (session.State === 'Opened') return;
  const options = { target: session.Name };
  if (session.State !== 'Disconnected') {
    const gone = `Cannot enter session ${session.Name} because it is not in the disconnected state or is not available for connection. Retrieve the remote session using Get-PSSession -ComputerName ${session.target} -InstanceId ${session.InstanceId}.`;
    const message = context.parameterSet === 'Session' ? gone : 'Session must be open.';
    throw new ErrorRecord('PushedRunspaceMustBeOpen', 'InvalidArgument', message, options);
  }
  try {
    await context.remoting.connect(session, { force, signal: context.signal });
  } catch (cause) {
    if (context.signal.aborted) throw cause;
    const reason = cause instanceof Error ? ` ${cause.message}` : '';
    if (cause instanceof RemotingError && cause.id === 'SessionHeldElsewhere') {
      const message = `The PSSession is in a disconnected state and is not available for connection.${reason}`;
      throw new ErrorRecord('EnterPSSessionCannotConnectDisconnectedSession', 'InvalidOperation', message, {
        ...options,
        cause,
      });
    }
    const message = `A failure occurred while attempting to connect the PSSession.${reason}`;
    throw new ErrorRecord('EnterPSSessionConnectSessionFailed', 'InvalidOperation', message, { ...options, cause });
  }
}
