import { defineCmdlet } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { Job, type AnyJob } from '../runtime/job.ts';
import { switchParameter } from '../runtime/parameter-type.ts';
import { JOB_PARAMETERS, jobCommand, selectJobs } from './job-selection.ts';

/** Forgets what ran in the background. */
export default defineCmdlet({
  name: 'Remove-Job',
  synopsis: 'Forgets jobs that have ended, and their output.',
  acts: 'agent',
  input: 'all',
  supportsShouldProcess: true,
  defaultParameterSet: 'Job',
  parameters: {
    ...JOB_PARAMETERS,
    Command: jobCommand,
    Force: { type: switchParameter, aliases: ['F'], help: 'Stops and removes jobs that still run, too.' },
  },
  examples: [
    { code: 'Get-Job | Remove-Job', remarks: 'Removes all jobs that have ended.' },
    { code: 'Remove-Job -Name *batch -Force', remarks: 'Removes jobs, those that run as well.' },
  ],
  // Removing gives no result.
  // eslint-disable-next-line require-yield
  async *process({ Force, ...selector }, context) {
    for (const job of await selectJobs(selector, context)) {
      if (!(await context.shouldProcess(job.Name))) continue;
      const refusal = refusalOf(job, Force);
      if (refusal !== undefined) await context.writeError(refusal);
      else if (job instanceof Job) {
        job.stop();
        context.jobs.remove(job);
      }
    }
  },
});

function refusalOf(job: AnyJob, force: boolean): ErrorRecord | undefined {
  const target = { target: job.Name };
  if (!(job instanceof Job)) {
    const message =
      'The command cannot remove the job because it does not exist or because it is a child job. Child jobs can be removed only by removing the parent job.';
    return new ErrorRecord('InvalidOperationException', 'InvalidOperation', message, target);
  }
  if (job.isOver || force) return undefined;
  const message = `The command cannot remove the job with the job ID ${job.Id} because the job is not finished. To remove the job, first stop the job, or use the Force parameter.`;
  return new ErrorRecord('InvalidOperationException', 'InvalidOperation', message, target);
}
