import { defineCmdlet } from '../runtime/cmdlet.ts';
import { childrenOf } from '../runtime/job.ts';
import { waitForJobs } from '../runtime/job-wait.ts';
import { switchParameter } from '../runtime/parameter-type.ts';
import { JOB_PARAMETERS, selectJobs } from './job-selection.ts';
import { JOB_PROPERTIES } from './output-properties.ts';

/** Ends what runs in the background. */
export default defineCmdlet({
  name: 'Stop-Job',
  synopsis: 'Interrupts the commands of jobs, and waits until they have ended.',
  description: 'What was written until then can still be received. A session that a job ran in stays open.',
  acts: 'agent',
  input: 'all',
  supportsShouldProcess: true,
  defaultParameterSet: 'Job',
  parameters: {
    ...JOB_PARAMETERS,
    PassThru: { type: switchParameter, help: 'Writes the jobs when they are stopped.' },
  },
  output: JOB_PROPERTIES,
  examples: [
    { code: 'Get-Job | Stop-Job', remarks: 'Stops all jobs.' },
    { code: 'Stop-Job -Name Job1', remarks: 'Stops a job.' },
  ],
  async *process({ PassThru, ...selector }, context) {
    const { signal } = context;
    for (const job of await selectJobs(selector, context)) {
      if (!(await context.shouldProcess(job.Name))) continue;
      const running = childrenOf(job).filter(({ State }) => State === 'Running' || State === 'NotStarted');
      for (const child of running) child.stop();
      await waitForJobs(running, (settled) => settled.length === running.length, { force: false, signal });
      signal.throwIfAborted();
      if (PassThru) yield job;
    }
  },
});
