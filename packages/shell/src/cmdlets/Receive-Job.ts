import { PSSession } from '../client/ps-session.ts';
import { defineCmdlet } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { childrenOf, Job } from '../runtime/job.ts';
import { arrayOf, instanceOf, string, switchParameter } from '../runtime/parameter-type.ts';
import { matchesWildcard } from '../runtime/wildcard.ts';
import { JOB_PARAMETERS, selectJobs } from './job-selection.ts';
import { receiveJobs } from './receive-jobs.ts';
import { knownJobLocations } from './known-values.ts';

/** Hands out what jobs have given so far. */
export default defineCmdlet({
  name: 'Receive-Job',
  synopsis: 'Writes the output of jobs, each line once.',
  description:
    'What was received is not written again, unless it was received with -Keep. The errors of the job become errors of this command.',
  acts: 'agent',
  input: 'all',
  defaultParameterSet: 'Location',
  parameters: {
    Job: { ...JOB_PARAMETERS.Job, sets: ['Location', 'ComputerName', 'Session'] },
    Id: JOB_PARAMETERS.Id,
    Name: JOB_PARAMETERS.Name,
    InstanceId: JOB_PARAMETERS.InstanceId,
    Location: {
      type: arrayOf(string),
      position: 1,
      sets: ['Location'],
      complete: knownJobLocations,
      help: 'Only what came from these hosts.',
    },
    ComputerName: {
      type: arrayOf(string),
      aliases: ['Cn'],
      position: 1,
      pipeline: 'name',
      wildcards: true,
      sets: ['ComputerName'],
      complete: knownJobLocations,
      help: 'Only what came from these hosts.',
    },
    Session: {
      type: arrayOf(instanceOf(PSSession)),
      position: 1,
      pipeline: 'name',
      sets: ['Session'],
      help: 'Only what came from these sessions.',
    },
    Keep: { type: switchParameter, help: 'Leaves the output to be received again.' },
    Wait: { type: switchParameter, help: 'Writes what comes until the jobs have ended.' },
    Force: { type: switchParameter, help: 'With -Wait, waits for disconnected jobs as well.' },
    AutoRemoveJob: { type: switchParameter, help: 'With -Wait, removes the jobs when they have ended.' },
    WriteJobInResults: { type: switchParameter, help: 'With -Wait, writes the jobs before their output.' },
    WriteEvents: {
      type: switchParameter,
      help: 'Without effect: what jobs here do is told by their output and State.',
    },
    NoRecurse: { type: switchParameter, help: "Leaves out the output of a job's children." },
  },
  examples: [
    { code: 'Get-Job | Receive-Job', remarks: 'Writes the output of all jobs.' },
    { code: 'Receive-Job -Name Job3 -Keep', remarks: 'Writes what one child has given, and leaves it there.' },
    { code: 'Receive-Job -Id 1 -Wait -AutoRemoveJob', remarks: 'Follows a job to its end and forgets it.' },
  ],
  async *process({ Location, ComputerName, Session, Keep, NoRecurse, ...bound }, context) {
    refuseWithoutWait(bound);
    const jobs = await selectJobs(bound, context);
    if (bound.WriteJobInResults) yield* jobs;
    const children = jobs
      .flatMap((job) => (NoRecurse && job instanceof Job ? [] : childrenOf(job)))
      .filter((child) => Location === undefined || Location.includes(child.Location))
      .filter(
        (child) => ComputerName === undefined || ComputerName.some((name) => matchesWildcard(name, child.Location)),
      )
      .filter((child) => Session === undefined || Session.some((one) => one.InstanceId === child.instanceIdOfSession));
    yield* receiveJobs([...new Set(children)], { keep: Keep, wait: bound.Wait, force: bound.Force }, context);
    if (!bound.AutoRemoveJob) return;
    for (const job of jobs) if (job instanceof Job && job.isOver) context.jobs.remove(job);
  },
});

type NeedingWait = Readonly<Record<'Wait' | 'Force' | 'AutoRemoveJob' | 'WriteJobInResults', boolean>>;

function refuseWithoutWait({ Wait, Force, AutoRemoveJob, WriteJobInResults }: NeedingWait): void {
  if (Wait) return;
  const refuse = (message: string): never => {
    throw new ErrorRecord('ReceiveJobNeedsWait', 'InvalidArgument', message);
  };
  if (Force) refuse('The -Force parameter cannot be used without the -Wait parameter.');
  if (AutoRemoveJob) refuse('The -AutoRemoveJob parameter cannot be used without the -Wait parameter');
  if (WriteJobInResults) refuse('The -WriteJobInResults parameter cannot be used without the -Wait parameter');
}
