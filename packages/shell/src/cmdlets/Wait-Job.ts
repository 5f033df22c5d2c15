import { defineCmdlet } from '../runtime/cmdlet.ts';
import { isSettled, waitForJobs } from '../runtime/job-wait.ts';
import { int32, switchParameter } from '../runtime/parameter-type.ts';
import { JOB_PARAMETERS, selectJobs } from './job-selection.ts';
import { JOB_PROPERTIES } from './output-properties.ts';

/** Waits for what runs in the background. */
export default defineCmdlet({
  name: 'Wait-Job',
  synopsis: 'Waits until jobs have ended, and writes them.',
  description:
    'A job whose session was disconnected is not waited for, unless -Force is given. When the time is over nothing more is written, and the jobs go on.',
  acts: 'agent',
  input: 'all',
  defaultParameterSet: 'Job',
  parameters: {
    ...JOB_PARAMETERS,
    Any: { type: switchParameter, help: 'Waits for one of them only.' },
    Force: { type: switchParameter, help: 'Waits for disconnected jobs as well, until they have ended.' },
    Timeout: { type: int32, aliases: ['TimeoutSec'], help: 'Seconds to wait; -1, the default, is without end.' },
  },
  output: JOB_PROPERTIES,
  examples: [
    { code: 'Get-Job | Wait-Job', remarks: 'Waits for all jobs.' },
    { code: 'Wait-Job -Name DailyLog -Timeout 120', remarks: 'Waits for two minutes at most.' },
    { code: 'Wait-Job -Id 1, 2, 5 -Any', remarks: 'Waits for the first of three jobs.' },
  ],
  async *process({ Any, Force, Timeout = -1, ...selector }, context) {
    const jobs = await selectJobs(selector, context);
    const { signal } = context;
    const limit = Timeout < 0 ? signal : AbortSignal.any([signal, AbortSignal.timeout(Timeout * 1000)]);
    const enough = Any ? Math.min(1, jobs.length) : jobs.length;
    await waitForJobs(jobs, (settled) => settled.length >= enough, { force: Force, signal: limit });
    signal.throwIfAborted();
    const settled = jobs.filter((job) => isSettled(job, Force));
    yield* Any ? settled.slice(0, 1) : settled;
  },
});
