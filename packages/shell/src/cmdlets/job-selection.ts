import type { CmdletContext, Parameters } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { ChildJob } from '../runtime/child-job.ts';
import { Job, type AnyJob } from '../runtime/job.ts';
import type { JobTable } from '../runtime/job-table.ts';
import type { Hashtable } from '../runtime/hashtable.ts';
import { hasMember, readMember } from '../runtime/members.ts';
import { arrayOf, ConversionError, guid, int32, oneOf, string, type ParameterType } from '../runtime/parameter-type.ts';
import { hashtable } from '../runtime/value-parameters.ts';
import { hasWildcard, matchesWildcard } from '../runtime/wildcard.ts';
import { jobFilter } from './job-filter.ts';
import { knownJobIds, knownJobInstances, knownJobNames } from './known-values.ts';

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
    pipeline: 'both',
    sets: ['Job'],
    help: 'The jobs; those that come through the pipeline are taken too.',
  },
  Id: {
    type: arrayOf(int32),
    position: 0,
    mandatory: true,
    pipeline: 'name',
    sets: ['Id'],
    complete: knownJobIds,
    help: "The jobs' numbers.",
  },
  Name: {
    type: arrayOf(string),
    position: 0,
    mandatory: true,
    pipeline: 'name',
    wildcards: true,
    sets: ['Name'],
    complete: knownJobNames,
    help: "The jobs' names.",
  },
  InstanceId: {
    type: arrayOf(guid),
    position: 0,
    mandatory: true,
    pipeline: 'name',
    sets: ['InstanceId'],
    complete: knownJobInstances,
    help: "The jobs' InstanceIds.",
  },
  State: {
    type: jobState,
    position: 0,
    mandatory: true,
    pipeline: 'name',
    sets: ['State'],
    help: 'All jobs in this state.',
  },
  Filter: {
    type: hashtable,
    position: 0,
    mandatory: true,
    pipeline: 'name',
    wildcards: true,
    sets: ['Filter'],
    help: 'All jobs whose properties have these values, each of them.',
  },
} as const satisfies Parameters;

/** All jobs that run such a text; for the cmdlets that choose by it. */
export const jobCommand = {
  type: arrayOf(string),
  mandatory: true,
  pipeline: 'name',
  wildcards: true,
  sets: ['Command'],
  help: 'All jobs that run such a text.',
} as const satisfies Parameters[string];

export type JobSelector = {
  readonly Job?: readonly AnyJob[] | undefined;
  readonly Id?: readonly number[] | undefined;
  readonly Name?: readonly string[] | undefined;
  readonly InstanceId?: readonly string[] | undefined;
  readonly State?: string | undefined;
  readonly Filter?: Hashtable | undefined;
  readonly Command?: readonly string[] | undefined;
};

type SelectionContext = Pick<CmdletContext, 'jobs' | 'writeError' | 'input' | 'hasInput'>;

/** The jobs that are named, and those of the pipeline; what is not there is an error record. @throws ErrorRecord when none is */
export async function selectJobs(selector: JobSelector, context: SelectionContext): Promise<AnyJob[]> {
  const { Job: given, Id, Name, InstanceId, State, Filter, Command } = selector;
  const named = [given, Id, Name, InstanceId, State, Filter, Command];
  if (!context.hasInput && named.every((one) => one === undefined)) {
    const message = 'Cannot process command because of one or more missing mandatory parameters: Job.';
    throw new ErrorRecord('MissingMandatoryParameter', 'InvalidArgument', message);
  }
  const chosen = new Set<AnyJob>(given);
  const choose = async (by: JobSelector): Promise<void> => {
    for (const { from, fits, missing } of criteria(by, context.jobs)) {
      const found = from.filter(fits);
      if (found.length === 0 && missing !== undefined) await context.writeError(missing);
      for (const one of found) chosen.add(one);
    }
  };
  for await (const value of context.input) {
    if (isJob(value)) chosen.add(value);
    else await choose(namedBy(value));
  }
  await choose(selector);
  return [...chosen];
}

/** What an object of the pipeline that is no job says by the first property that names jobs. */
function namedBy(object: unknown): JobSelector {
  const parameters = { ...JOB_PARAMETERS, Command: jobCommand };
  for (const [name, { type }] of Object.entries(parameters)) {
    if (name !== 'Job' && hasMember(object, name)) return { [name]: type.convert(readMember(object, name)) };
  }
  return {};
}

type Criterion = {
  readonly from: readonly AnyJob[];
  readonly fits: (job: AnyJob) => boolean;
  readonly missing?: ErrorRecord;
};

/** Children are found by their own number or name; a pattern is for whole jobs, whose children would come a second time. */
function criteria(selector: JobSelector, { jobs, all }: JobTable): Criterion[] {
  const { Id = [], Name = [], InstanceId = [], State, Filter, Command } = selector;
  const whole = (fits: ((job: AnyJob) => boolean) | undefined): Criterion[] =>
    fits === undefined ? [] : [{ from: jobs, fits }];
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
    ...whole(State === undefined ? undefined : (one) => one.State === State),
    ...whole(Filter === undefined ? undefined : jobFilter(Filter)),
    ...whole(Command && ((one) => Command.some((pattern) => matchesWildcard(pattern, one.Command)))),
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
