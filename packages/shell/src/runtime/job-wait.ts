import type { ChildJob } from './child-job.ts';
import { childrenOf, type AnyJob } from './job.ts';

/** Whether there is nothing to wait for: a job that was disconnected goes on elsewhere, and only `force` waits for it. */
export function isSettled(job: AnyJob, force: boolean): boolean {
  return job.isOver || (!force && job.State === 'Disconnected');
}

/** Resolves with the next change of any of the jobs, or when the signal aborts. */
export async function nextChange(jobs: readonly ChildJob[], signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stops = jobs.map((job) => job.onChange(resolve));
  const onAbort = (): void => resolve();
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) resolve();
  await promise;
  signal.removeEventListener('abort', onAbort);
  for (const stop of stops) stop();
}

/** Resolves when `done` says so of the jobs, or when the signal aborts. @returns whether it did */
export async function waitForJobs(
  jobs: readonly AnyJob[],
  done: (settled: readonly AnyJob[]) => boolean,
  { force, signal }: { force: boolean; signal: AbortSignal },
): Promise<boolean> {
  const children = jobs.flatMap(childrenOf);
  while (!done(jobs.filter((job) => isSettled(job, force)))) {
    if (signal.aborted) return false;
    await nextChange(children, signal);
  }
  return true;
}
