import { defineCmdlet } from '../runtime/cmdlet.ts';
import { childrenOf, Job, type AnyJob } from '../runtime/job.ts';
import { arrayOf, int32, object, string, switchParameter } from '../runtime/parameter-type.ts';
import { toBoolean } from '../runtime/value-conversion.ts';
import { matchesWildcard } from '../runtime/wildcard.ts';
import { JOB_PARAMETERS, jobState, selectJobs } from './job-selection.ts';

/** Lists what runs in the background. */
export default defineCmdlet({
  name: 'Get-Job',
  synopsis: 'Lists the jobs of this shell.',
  description:
    'A job has a child for each of its targets; HasMoreData says whether there is output that Receive-Job has not handed out, or may be. A child is found by its own number or name.',
  acts: 'agent',
  defaultParameterSet: 'Id',
  parameters: {
    Id: { ...JOB_PARAMETERS.Id, mandatory: false },
    Name: JOB_PARAMETERS.Name,
    InstanceId: JOB_PARAMETERS.InstanceId,
    State: JOB_PARAMETERS.State,
    Command: {
      type: arrayOf(string),
      mandatory: ['Command'],
      wildcards: true,
      sets: ['Command'],
      help: 'Only jobs that run such a text.',
    },
    IncludeChildJob: { type: switchParameter, help: 'Lists the children behind their jobs.' },
    ChildJobState: { type: jobState, help: 'Lists the children in this state behind their jobs.' },
    HasMoreData: { type: object, help: 'Only jobs with output to receive, or with $false only those without.' },
    Newest: { type: int32, help: 'Only so many, the last ones.' },
  },
  examples: [
    { code: 'Get-Job', remarks: 'Lists all jobs.' },
    { code: 'Get-Job -Name Job1 -IncludeChildJob', remarks: 'Lists a job and what it does on each host.' },
    { code: 'Get-Job -State Failed', remarks: 'Lists the jobs that failed somewhere.' },
  ],
  async *process({ Command, IncludeChildJob, ChildJobState, HasMoreData, Newest, ...selector }, context) {
    const isNamed = Object.values(selector).some((value) => value !== undefined);
    const found: AnyJob[] = isNamed ? await selectJobs(selector, context) : [...context.jobs.jobs];
    const wanted = found
      .filter((job) => Command === undefined || Command.some((pattern) => matchesWildcard(pattern, job.Command)))
      .filter((job) => HasMoreData === undefined || job.HasMoreData === toBoolean(HasMoreData));
    for (const job of Newest === undefined ? wanted : wanted.slice(-Newest)) {
      yield job;
      if (!(job instanceof Job) || !(IncludeChildJob || ChildJobState !== undefined)) continue;
      yield* childrenOf(job).filter(({ State }) => ChildJobState === undefined || State === ChildJobState);
    }
  },
});
