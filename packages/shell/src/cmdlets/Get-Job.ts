import { defineCmdlet } from '../runtime/cmdlet.ts';
import { childrenOf, Job, type AnyJob } from '../runtime/job.ts';
import { int32, switchParameter } from '../runtime/parameter-type.ts';
import { boolean, dateTime } from '../runtime/value-parameters.ts';
import { JOB_PARAMETERS, jobCommand, jobState, selectJobs } from './job-selection.ts';
import { booleans } from './known-values.ts';
import { JOB_PROPERTIES } from './output-properties.ts';

/** What narrows a choice; -Filter says all itself. */
const NOT_FILTER = ['Id', 'Name', 'InstanceId', 'State', 'Command'] as const;

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
    Filter: JOB_PARAMETERS.Filter,
    Command: jobCommand,
    IncludeChildJob: { type: switchParameter, sets: NOT_FILTER, help: 'Lists the children behind their jobs.' },
    ChildJobState: { type: jobState, sets: NOT_FILTER, help: 'Lists the children in this state behind their jobs.' },
    HasMoreData: {
      type: boolean,
      complete: booleans,
      sets: NOT_FILTER,
      help: 'Only jobs with output to receive, or with $false only those without.',
    },
    After: { type: dateTime, sets: NOT_FILTER, help: 'Only jobs that ended after this time.' },
    Before: { type: dateTime, sets: NOT_FILTER, help: 'Only jobs that ended before this time.' },
    Newest: { type: int32, sets: NOT_FILTER, help: 'Only so many, those that ended or else began last.' },
  },
  output: JOB_PROPERTIES,
  examples: [
    { code: 'Get-Job', remarks: 'Lists all jobs.' },
    { code: 'Get-Job -Name Job1 -IncludeChildJob', remarks: 'Lists a job and what it does on each host.' },
    { code: 'Get-Job -State Failed', remarks: 'Lists the jobs that failed somewhere.' },
    {
      code: "Get-Job -Filter @{ State = 'Failed'; Location = 'srv1' }",
      remarks: 'Lists the jobs that failed on srv1.',
    },
  ],
  async *process({ IncludeChildJob, ChildJobState, HasMoreData, After, Before, Newest, ...selector }, context) {
    const isNamed = Object.values(selector).some((value) => value !== undefined);
    const found: AnyJob[] = isNamed ? await selectJobs(selector, context) : [...context.jobs.jobs];
    const wanted = found
      .filter((job) => HasMoreData === undefined || job.HasMoreData === HasMoreData)
      .filter(({ PSEndTime: end }) => After === undefined || (end !== undefined && end > After))
      .filter(({ PSEndTime: end }) => Before === undefined || (end !== undefined && end < Before));
    for (const job of newest(wanted, Newest)) {
      yield job;
      if (!(job instanceof Job) || !(IncludeChildJob || ChildJobState !== undefined)) continue;
      yield* childrenOf(job).filter(({ State }) => ChildJobState === undefined || State === ChildJobState);
    }
  },
});

/** The last ones, in the order they came. */
function newest(jobs: readonly AnyJob[], count: number | undefined): readonly AnyJob[] {
  if (count === undefined) return jobs;
  const timeOf = ({ PSEndTime, PSBeginTime }: AnyJob): number => (PSEndTime ?? PSBeginTime)?.getTime() ?? 0;
  const last = new Set(jobs.toSorted((a, b) => timeOf(b) - timeOf(a) || b.Id - a.Id).slice(0, Math.max(0, count)));
  return jobs.filter((job) => last.has(job));
}
