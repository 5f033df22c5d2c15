import { PSSession } from '../client/ps-session.ts';
import type { JobTask } from '../runtime/child-job.ts';
import { defineCmdlet, type CmdletContext } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { arrayOf, instanceOf, object, string, switchParameter } from '../runtime/parameter-type.ts';
import { DisconnectedTask, runTasks } from '../runtime/run-tasks.ts';
import { ScriptBlock } from '../runtime/script-block.ts';
import { connectionAddresses, connectionParameters, throttleLimit } from './connection-parameters.ts';
import { destinationsOf, targetOf, type DestinationArguments } from './destination.ts';
import { beginInSessions } from './disconnected-commands.ts';
import { ownBlock } from './own-cmdlets.ts';
import { remoteDebug, REFUSED_PARAMETERS } from './refused-parameters.ts';
import { readScript, type RemoteScript, type ScriptSource } from './remote-script.ts';
import { keepForReconnection } from './reconnection.ts';
import { hostTask, sessionTask, type Work } from './remote-tasks.ts';
import { sessionMaking, type MakingArguments } from './session-making.ts';
import { busySession, closedSession } from './session-refusals.ts';
import { throttle } from './session-query.ts';
import { hostNames, sshConnections, sshParameters } from './ssh-parameters.ts';
import { knownComputers } from './known-values.ts';

const COMPUTER_SETS = ['ComputerName', 'FilePathComputerName'] as const;
const URI_SETS = ['Uri', 'FilePathUri'] as const;
const SSH_SETS = ['SSHHost', 'FilePathSSHHost'] as const;
const TABLE_SETS = ['SSHHostHashParam', 'FilePathSSHHostHash'] as const;
const HOST_SETS = [...COMPUTER_SETS, ...URI_SETS] as const;
const SESSION_SETS = ['Session', 'FilePathRunspace'] as const;
const REMOTE_SETS = [...HOST_SETS, ...SESSION_SETS, ...SSH_SETS, ...TABLE_SETS] as const;

/** Runs a block's text in the shells of hosts. */
export default defineCmdlet({
  name: 'Invoke-Command',
  synopsis: "Runs commands in the hosts' own shells, on several hosts at once.",
  description:
    'By -ComputerName the text runs in a new login shell of each host, which ends with it. By -Session it runs in the live shell of a session, which keeps its variables, functions and folder; exit ends the commands, not the session. When the session is disconnected meanwhile, they go on there, and become a job here for Receive-PSSession. Each line of output is an object with the property PSComputerName; what is written to standard error and an exit status other than 0 are errors. Without hosts and sessions the block runs here, as code of this language.',
  acts: 'agent',
  defaultParameterSet: 'InProcess',
  input: 'all',
  parameters: {
    ScriptBlock: {
      type: instanceOf(ScriptBlock),
      aliases: ['Command'],
      position: 0,
      mandatory: true,
      sets: ['InProcess', 'ComputerName', 'Session', 'Uri', 'SSHHost', 'SSHHostHashParam'],
      help: "The commands, in the language of the hosts' shells. $Using:name stands for a variable of this shell.",
    },
    ComputerName: {
      type: arrayOf(string),
      aliases: ['Cn'],
      position: 0,
      wildcards: true,
      sets: COMPUTER_SETS,
      complete: knownComputers,
      help: 'The hosts: names of config.toml, host, host:port, or wss:// URLs.',
    },
    ConnectionUri: { ...connectionAddresses, sets: URI_SETS },
    HostName: { ...hostNames, sets: SSH_SETS },
    SSHConnection: { ...sshConnections, sets: TABLE_SETS },
    Session: {
      type: arrayOf(instanceOf(PSSession)),
      position: 0,
      mandatory: true,
      sets: SESSION_SETS,
      help: 'Sessions that are open here and in which nothing runs.',
    },
    FilePath: {
      type: string,
      aliases: ['PSPath'],
      position: 0,
      mandatory: true,
      sets: REMOTE_SETS.filter((set) => set.startsWith('FilePath')),
      complete: 'path',
      help: 'A script on this machine that runs on the hosts; its first line may name a program (#!).',
    },
    ...connectionParameters({ computer: COMPUTER_SETS, uri: URI_SETS, ssh: SSH_SETS }),
    ...sshParameters(...SSH_SETS),
    ArgumentList: {
      type: arrayOf(object),
      aliases: ['Args'],
      help: 'Values of the positional parameters $1, $2 and so on; of $args where the block runs here.',
    },
    InputObject: {
      type: object,
      pipeline: 'value',
      help: 'Lines for standard input, if none come through the pipeline.',
    },
    HideComputerName: {
      type: switchParameter,
      aliases: ['HCN'],
      sets: REMOTE_SETS,
      help: 'Shows the lines of several hosts without their names.',
    },
    AsJob: {
      type: switchParameter,
      sets: REMOTE_SETS,
      help: 'Runs in the background; a job comes out at once, with a child for each target.',
    },
    JobName: { type: string, sets: REMOTE_SETS, help: 'The name of the job, which is made without -AsJob too.' },
    InDisconnectedSession: {
      type: switchParameter,
      aliases: ['Disconnected'],
      sets: HOST_SETS,
      help: 'Begins the command in a new session on each host and disconnects it at once; the sessions are written.',
    },
    SessionName: {
      type: arrayOf(string),
      sets: HOST_SETS,
      help: 'With -InDisconnectedSession, a name for each session; Session<n> for those that get none.',
    },
    ThrottleLimit: { ...throttleLimit, sets: REMOTE_SETS },
    NoNewScope: {
      type: switchParameter,
      sets: ['InProcess'],
      help: "Runs the block in the caller's own scope.",
    },
    ...REFUSED_PARAMETERS,
    RemoteDebug: remoteDebug,
  },
  examples: [
    { code: 'Invoke-Command -ComputerName srv1, srv2 { uptime }', remarks: 'Runs a command on two hosts at once.' },
    {
      code: '$s = New-PSSession srv1; Invoke-Command $s { cd /tmp; x=1 }; Invoke-Command $s { echo $x in $PWD }',
      remarks: 'Runs commands in the shell of a session, which keeps what they did.',
    },
    {
      code: 'Invoke-Command srv1 -FilePath ./backup.sh -ArgumentList /home',
      remarks: 'Runs a local script on a host, with an argument.',
    },
  ],
  async *process(bound, context) {
    const { ArgumentList = [], NoNewScope, ThrottleLimit } = bound;
    if (context.parameterSet === 'InProcess') {
      if (bound.ScriptBlock !== undefined) yield* context.call(bound.ScriptBlock, ArgumentList, NoNewScope);
      return;
    }
    refuse(bound);
    const own = bound.ScriptBlock === undefined ? undefined : await ownBlock(bound.ScriptBlock, context.commands);
    if (own !== undefined) {
      for (const target of namesOf(bound, context)) yield* context.call(own(target), ArgumentList, false);
      return;
    }
    if (bound.InDisconnectedSession) {
      const destinations = destinationsOf(bound, context);
      yield* beginInSessions({ ...bound, ...sessionMaking(bound, context), destinations }, context);
      return;
    }
    const { script, tasks } = await tasksFor(bound, context);
    if (isJob(bound)) {
      const options = { name: bound.JobName, command: script.title, limit: throttle(ThrottleLimit) };
      yield context.jobs.start(tasks, options);
      return;
    }
    yield* runNow(tasks, script.title, throttle(ThrottleLimit), context);
  },
});

/** Runs the tasks and writes what they give as it comes. */
async function* runNow(
  tasks: readonly JobTask[],
  command: string,
  limit: number,
  context: CmdletContext,
): AsyncGenerator<unknown> {
  let status: number | undefined;
  const onStatus = (one: number): void => {
    status = Math.max(status ?? 0, one);
  };
  for await (const result of runTasks(tasks, limit, { signal: context.signal, onStatus })) {
    if (result instanceof DisconnectedTask) keepForReconnection(result, command, context);
    else if (result instanceof ErrorRecord) await context.writeError(result);
    else yield result;
  }
  if (status !== undefined) context.scope.set('global:LASTEXITCODE', status);
}

type Targets = ScriptSource &
  DestinationArguments &
  MakingArguments & {
    readonly Session?: readonly PSSession[] | undefined;
    readonly HideComputerName: boolean;
    readonly AsJob: boolean;
    readonly InDisconnectedSession: boolean;
    readonly SessionName?: readonly string[] | undefined;
    readonly JobName?: string | undefined;
  };

/** The hosts of all targets, for Remoting. */
function namesOf(targets: Targets, context: CmdletContext): string[] {
  const { Session } = targets;
  if (Session !== undefined) return Session.map(({ target }) => target);
  return destinationsOf(targets, context).map((to) => targetOf(to, context.remoting.destinations));
}

/** @throws ErrorRecord for what does not go together */
function refuse({ InDisconnectedSession, SessionName, AsJob }: Targets): void {
  const error = (message: string): ErrorRecord =>
    new ErrorRecord('System.InvalidOperationException', 'InvalidOperation', message);
  if (SessionName !== undefined && !InDisconnectedSession) {
    throw error('The SessionName parameter can only be used with the Disconnected switch parameter.');
  }
  if (AsJob && InDisconnectedSession) {
    throw error(
      'You cannot use the Invoke-Command cmdlet with both the AsJob and Disconnected parameters in the same command.',
    );
  }
}

function isJob({ AsJob, JobName }: Targets): boolean {
  return AsJob || JobName !== undefined;
}

/** The work on each target; what cannot be a target is an error record. @throws ErrorRecord when nothing is left */
async function tasksFor(bound: Targets, context: CmdletContext): Promise<{ script: RemoteScript; tasks: JobTask[] }> {
  const { remoting } = context;
  const script = await readScript(bound, context);
  const workOn = (count: number): Work => {
    const labels = { showComputerName: !bound.HideComputerName, amongOthers: count > 1 };
    return { script, remoting, labels, host: isJob(bound) ? undefined : context.host };
  };
  if (bound.Session !== undefined) {
    const { length } = bound.Session;
    const usable = isJob(bound) ? bound.Session : await usableSessions(bound.Session, context);
    return { script, tasks: usable.map((session) => sessionTask(session, workOn(length))) };
  }
  const how = sessionMaking(bound, context);
  const hosts = destinationsOf(bound, context);
  const work = workOn(hosts.length);
  return { script, tasks: hosts.map((to) => hostTask(to, how, work)) };
}

async function usableSessions(sessions: readonly PSSession[], context: CmdletContext): Promise<PSSession[]> {
  const usable: PSSession[] = [];
  for (const session of sessions) {
    // What a prompt has on the screen is the prompt's.
    const isBusy = session.Availability !== 'Available' || session === context.host.entered;
    if (session.State !== 'Opened') await context.writeError(closedSession(session));
    else if (isBusy) await context.writeError(busySession(session));
    else usable.push(session);
  }
  if (usable.length > 0) return usable;
  const message =
    'No valid sessions were specified.  Ensure you provide valid sessions that are in the Opened state and are available to run commands.';
  throw new ErrorRecord('InvalidOperationException', 'InvalidOperation', message);
}
