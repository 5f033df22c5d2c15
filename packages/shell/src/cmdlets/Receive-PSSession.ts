import type { PSSession } from '../client/ps-session.ts';
import { defineCmdlet, type CmdletContext } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import type { Job } from '../runtime/job.ts';
import { guid, int32, oneOf, string, switchParameter } from '../runtime/parameter-type.ts';
import { DisconnectedTask, runTasks } from '../runtime/run-tasks.ts';
import { matchesWildcard } from '../runtime/wildcard.ts';
import {
  connectionAddress,
  connectionParameters,
  wishesOf,
  type ConnectionArguments,
} from './connection-parameters.ts';
import { inLists, namedDestinations, type OneDestination } from './destination.ts';
import { receiveJobs } from './receive-jobs.ts';
import { receiveTask } from './remote-tasks.ts';
import { querySessions } from './session-query.ts';
import { SELECTION_PARAMETERS, onlyOne, ownByName, selectSession } from './session-selection.ts';
import { knownComputers, knownSessionIds, knownSessionInstances, knownSessionNames } from './known-values.ts';
import { warnOfDisk } from './disk-warning.ts';

const COMPUTER_SETS = ['ComputerName', 'ComputerInstanceId'];
const URI_SETS = ['ConnectionUri', 'ConnectionUriInstanceId'];
const CANNOT_CONNECT = 'ReceivePSSessionCannotConnectSession';

/** Fetches what commands wrote in a session while nobody was there. */
export default defineCmdlet({
  name: 'Receive-PSSession',
  synopsis: 'Connects to a session and writes the output of its commands that nobody was given.',
  description:
    'A command that still runs is followed to its end. Where the command is a job of this shell, that job goes on and is written instead. The session stays connected. Stopping this command stops the one in the session.',
  acts: 'agent',
  supportsShouldProcess: true,
  defaultParameterSet: 'Session',
  parameters: {
    Session: SELECTION_PARAMETERS.Session,
    ComputerName: {
      type: string,
      aliases: ['Cn'],
      position: 0,
      mandatory: true,
      pipeline: 'name',
      sets: COMPUTER_SETS,
      complete: knownComputers,
      help: 'The host of the session.',
    },
    ConnectionUri: { ...connectionAddress, sets: URI_SETS },
    Id: {
      type: int32,
      position: 0,
      mandatory: true,
      pipeline: 'both',
      sets: ['Id'],
      complete: knownSessionIds,
      help: "The session's number in this client.",
    },
    Name: {
      type: string,
      mandatory: true,
      wildcards: true,
      sets: ['Name', 'ComputerName', 'ConnectionUri'],
      complete: knownSessionNames,
      help: "The session's name: your own, where others have one of the same; several are refused, and named.",
    },
    InstanceId: {
      type: guid,
      mandatory: true,
      sets: ['InstanceId', 'ComputerInstanceId', 'ConnectionUriInstanceId'],
      complete: knownSessionInstances,
      help: "The session's InstanceId.",
    },
    ...connectionParameters({ computer: COMPUTER_SETS, uri: URI_SETS }),
    OutTarget: {
      type: oneOf('OutTarget', 'Default', 'Host', 'Job'),
      help: 'Host writes the output, Job makes a job that gathers it.',
    },
    JobName: { type: string, help: 'The name of a new job.' },
    Replay: { type: switchParameter, help: 'Writes all output that the host still has, received before or not.' },
  },
  examples: [
    { code: 'Receive-PSSession -ComputerName srv1 -Name ITTask', remarks: 'Writes what was missed.' },
    {
      code: 'Get-PSSession -ComputerName srv1, srv2 | Receive-PSSession',
      remarks: 'Writes what was missed in all sessions of two hosts.',
    },
    {
      code: 'Receive-PSSession -ComputerName srv1 -Name ITTask -OutTarget Job -JobName ITTaskJob01',
      remarks: 'Gathers the output in the background.',
    },
  ],
  async *process(bound, context) {
    for (const session of await chosenSessions(bound, context)) {
      if (!(await context.shouldProcess(session.Name))) continue;
      const job = context.jobs.jobIn(session.InstanceId);
      if (!(await connect(session, context))) continue;
      yield* receive(session, job, bound, context);
    }
  },
});

type Selection = OneDestination &
  ConnectionArguments & {
    readonly Session?: readonly PSSession[] | undefined;
    readonly Id?: number | undefined;
    readonly Name?: string | undefined;
    readonly InstanceId?: string | undefined;
    readonly ConfigurationName?: string | undefined;
  };

/** The session that is meant, here or on a host; on a host none is no error. @throws ErrorRecord where there are several */
async function chosenSessions(selection: Selection, context: CmdletContext): Promise<readonly PSSession[]> {
  const { Session, Id, Name, InstanceId, ConfigurationName } = selection;
  if (Session !== undefined) return Session;
  const destinations = namedDestinations(inLists(selection), context);
  if (destinations === undefined) {
    const one = await selectSession({ Id, Name, InstanceId }, context);
    return one === undefined ? [] : [one];
  }
  const wishes = wishesOf(selection, context);
  const fitting: PSSession[] = [];
  for await (const session of querySessions({ destinations, wishes, ConfigurationName }, context)) {
    const fits = Name === undefined ? session.InstanceId === InstanceId : matchesWildcard(Name, session.Name);
    if (fits) fitting.push(session);
  }
  const meant = Name === undefined ? fitting : await ownByName(fitting, CANNOT_CONNECT, context);
  const one = onlyOne(Name, meant, 'InstanceId');
  if (one === undefined) return [];
  if (one.State !== 'Opened') one.wishes = wishes;
  return [one];
}

/** @returns false where it could not be connected, which is an error record */
async function connect(session: PSSession, context: CmdletContext): Promise<boolean> {
  const { remoting, signal, writeError, jobs } = context;
  const message = `Cannot connect PSSession "${session.Name}", either because it is not in the Disconnected state, or it is not available for connection.`;
  const refusal = (cause?: unknown): ErrorRecord => {
    const reason = cause instanceof Error ? ` ${cause.message}` : '';
    const options = { target: session.Name, cause };
    return new ErrorRecord(CANNOT_CONNECT, 'InvalidOperation', message + reason, options);
  };
  try {
    if (session.State !== 'Opened' && session.State !== 'Disconnected') throw refusal();
    await remoting.connect(session, { signal });
    jobs.resumeIn(session.InstanceId);
    warnOfDisk(session, context);
    return true;
  } catch (error) {
    await writeError(error instanceof ErrorRecord ? error : refusal(error));
    return false;
  }
}

type Target = {
  readonly OutTarget?: 'Default' | 'Host' | 'Job' | undefined;
  readonly JobName?: string | undefined;
  readonly Replay: boolean;
};

async function* receive(
  session: PSSession,
  job: Job | undefined,
  { OutTarget = 'Default', JobName, Replay }: Target,
  context: CmdletContext,
): AsyncGenerator<unknown> {
  if (job !== undefined) {
    yield* OutTarget === 'Host' ? receiveOwn(session, job, context) : [job];
    return;
  }
  const after = Replay ? 0 : (session.remote?.delivered ?? 0);
  if (OutTarget === 'Job') {
    const task = receiveTask(session, after);
    const command = commandIn(session);
    yield context.jobs.start([task], { name: JobName, command, limit: 1 });
    return;
  }
  for await (const result of runTasks([receiveTask(session, after, context.host)], 1, {
    signal: context.signal,
    onStatus: () => undefined,
  })) {
    if (result instanceof DisconnectedTask) await context.writeError(result.reason);
    else if (result instanceof ErrorRecord) await context.writeError(result);
    else yield result;
  }
}

/** What a job of this shell gives for the session. */
function receiveOwn(session: PSSession, job: Job, context: CmdletContext): AsyncGenerator<unknown> {
  const children = job.ChildJobs.filter((child) => child.instanceIdOfSession === session.InstanceId);
  return receiveJobs(children, { keep: false, wait: true, force: false }, context);
}

/** The text of the command that runs, as far as it is known. @throws ErrorRecord where nothing runs and nothing is left */
function commandIn({ Name, remote }: PSSession): string {
  if (remote?.info.command !== undefined) return remote.info.command.text;
  if (remote !== undefined && remote.delivered < remote.info.outputEnd) return '';
  const message = 'There is no disconnected command associated with this runspace.';
  throw new ErrorRecord('ReceivePSSessionNoCommand', 'InvalidOperation', message, { target: Name });
}
