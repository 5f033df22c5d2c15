import type { ChildJob } from '../runtime/child-job.ts';
import type { CmdletContext } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { isSettled, nextChange } from '../runtime/job-wait.ts';

type How = { readonly keep: boolean; readonly wait: boolean; readonly force: boolean };

/** What the jobs have given and, if it is waited for, what they give until they end; errors are reported. */
export async function* receiveJobs(
  children: readonly ChildJob[],
  how: How,
  context: CmdletContext,
): AsyncGenerator<unknown> {
  const { signal } = context;
  const kept = new Map<ChildJob, number>();
  for (;;) {
    const isLast = !how.wait || children.every((child) => isSettled(child, how.force));
    const results = children.flatMap((child) => {
      const from = kept.get(child) ?? 0;
      const fresh = child.receive(how.keep).slice(from);
      if (how.keep) kept.set(child, from + fresh.length);
      return fresh;
    });
    for (const result of results) {
      if (result instanceof ErrorRecord) await context.writeError(result);
      else yield result;
    }
    if (isLast) return;
    // What came while this was handed on is there already.
    if (results.length === 0) await nextChange(children, signal);
    signal.throwIfAborted();
  }
}
