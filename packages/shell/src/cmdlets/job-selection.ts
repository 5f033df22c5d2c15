import type { CmdletContext, Parameters } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { ChildJob } from '../runtime/child-job.ts';
import { Job, type AnyJob } from '../runtime/job.ts';
import type { JobTable } from '../runtime/job-table.ts';
import { arrayOf, ConversionError, guid, int32, oneOf, string, type ParameterType } from '../runtime/parameter-type.ts';
import { hasWildcard, matchesWildcard } from '../runtime/wildcard.ts';

export const jobState = oneOf(
  'JobState',
  'NotStarted',
  'Running',
  'Completed',
  'Failed',
  'Stopped',
  'Blocked',
  'Suspended',
  'Disconnected',
  'Suspending',
  'Stopping',
  'AtBreakpoint',
);

const isJob = (value: unknown): value is AnyJob => value instanceof Job || value instanceof ChildJob;

const job: ParameterType<AnyJob> = {
  name: 'Job',
  isSwitch: false,
  values: [],
  accepts: isJob,
  convert(value) {
    if (isJob(value)) return value;
    throw new ConversionError(value, 'Job', "Invalid cast from 'System.String' to 'Job'.");
  },
};

/** The parameters by which cmdlets choose among jobs, one parameter set each. */
export const JOB_PARAMETERS = {
  Job: {
    type: arrayOf(job),
    position: 0,
    sets: ['Job'],
    help: 'The jobs; those that come through the pipeline are taken too.',
  },
  Id: { type: arrayOf(int32), position: 0, mandatory: true, sets: ['Id'], help: "The jobs' numbers." },
  Name: {
    type: arrayOf(string),
    position: 0,
    mandatory: true,
    wildcards: true,
    sets: ['Name'],
    help: "The jobs' names.",
  },
  InstanceId: { type: arrayOf(guid), mandatory: true, sets: ['InstanceId'], help: "The jobs' InstanceIds." },
  State: { type: jobState, mandatory: true, sets: ['State'], help: 'All jobs in this state.' },
} as const satisfies Parameters;

export type JobSelector = {
  readonly Job?: readonly AnyJob[] | undefined;
  readonly Id?: readonly number[] | undefined;
  readonly Name?: readonly string[] | undefined;
  readonly InstanceId?: readonly string[] | undefined;
  readonly State?: string | undefined;
};

type SelectionContext = Pick<CmdletContext, 'jobs' | 'writeError' | 'input' | 'hasInput'>;

/** The jobs that are named, and those of the pipeline; what is not there is an error record. @throws ErrorRecord when none is */
export async function selectJobs(selector: JobSelector, context: SelectionContext): Promise<AnyJob[]> {
  const { Job: given, Id, Name, InstanceId, State } = selector;
  if (!context.hasInput && [given, Id, Name, InstanceId, State].every((one) => one === undefined)) {
    const message = 'Cannot process command because of one or more missing mandatory parameters: Job.';
    throw new ErrorRecord('MissingMandatoryParameter', 'InvalidArgument', message);
  }
  const chosen = new Set<AnyJob>(given);
  for await (const value of context.input) if (isJob(value)) chosen.add(value);
  for (const { from, fits, missing } of criteria(selector, context.jobs)) {
    const found = from.filter(fits);
    if (found.length === 0 && missing !== undefined) await context.writeError(missing);
    for (const one of found) chosen.add(one);
  }
  return [...chosen];
}

type Criterion = {
  readonly from: readonly AnyJob[];
  readonly fits: (job: AnyJob) => boolean;
  readonly missing?: ErrorRecord;
};

/** Children are found by their own number or name; a pattern is for whole jobs, whose children would come a second time. */
function criteria({ Id = [], Name = [], InstanceId = [], State }: JobSelector, { jobs, all }: JobTable): Criterion[] {
  return [
    ...Id.map((id) => ({ from: all, fits: (one: AnyJob) => one.Id === id, missing: missingId(id) })),
    ...InstanceId.map((id) => ({
      from: all,
      fits: (one: AnyJob) => one.InstanceId === id,
      missing: missingInstance(id),
    })),
    ...Name.map((name) => {
      const fits = (one: AnyJob): boolean => matchesWildcard(name, one.Name);
      return hasWildcard(name) ? { from: jobs, fits } : { from: all, fits, missing: missingName(name) };
    }),
    ...(State === undefined ? [] : [{ from: jobs, fits: (one: AnyJob) => one.State === State }]),
  ];
}

function missingId(id: number): ErrorRecord {
  const message = `The command cannot find a job with the job ID ${id}. Verify the value of the Id parameter and then try the command again.`;
  return new ErrorRecord('JobWithSpecifiedSessionIdNotFound', 'ObjectNotFound', message, { target: String(id) });
}

function missingName(name: string): ErrorRecord {
  const message = `The command cannot find the job because the job name ${name} was not found. Verify the value of the Name parameter, and then try the command again.`;
  return new ErrorRecord('JobWithSpecifiedNameNotFound', 'ObjectNotFound', message, { target: name });
}

function missingInstance(id: string): ErrorRecord {
  const message = `The command cannot find a job with the instance identifier ${id}. Verify the value of the InstanceId parameter and then try the command again.`;
  return new ErrorRecord('JobWithSpecifiedInstanceIdNotFound', 'ObjectNotFound', message, { target: id });
}
