import { AsyncQueue } from './async-queue.ts';
import type { JobTask } from './child-job.ts';
import type { ErrorRecord } from './error-record.ts';
import type { RemoteText } from './remote-text.ts';

/** A task whose command goes on in a session that was disconnected. */
export class DisconnectedTask {
  readonly task: JobTask;
  readonly reason: ErrorRecord;

  constructor(task: JobTask, reason: ErrorRecord) {
    this.task = task;
    this.reason = reason;
  }
}

/**
 * Runs tasks side by side, at most `limit` at once, and yields what they give as it comes. Whoever has enough ends them
 * all; so does the signal.
 * @param onStatus told the exit status of each command
 */
export async function* runTasks(
  tasks: readonly JobTask[],
  limit: number,
  { signal, onStatus }: { signal: AbortSignal; onStatus: (status: number) => void },
): AsyncGenerator<RemoteText | ErrorRecord | DisconnectedTask> {
  const results = new AsyncQueue<RemoteText | ErrorRecord | DisconnectedTask>();
  const enough = new AbortController();
  const stop = AbortSignal.any([signal, enough.signal]);
  const sink = {
    lines: (lines: readonly RemoteText[]) => results.put(...lines),
    error: (record: ErrorRecord) => results.put(record),
    status: onStatus,
  };
  const waiting = tasks.values();
  const worker = async (): Promise<void> => {
    // All workers share the iterator, so each takes the next that nobody has.
    for (const task of waiting) {
      if (stop.aborted) return;
      const end = await task.run(sink, stop);
      if (typeof end === 'object') await results.put(new DisconnectedTask(task, end.disconnected));
    }
  };
  // Only a stop makes one fail, and what follows asks for that.
  const ended = Promise.allSettled(Array.from({ length: Math.min(limit, tasks.length) }, worker)).then(() =>
    results.end(),
  );
  try {
    yield* results;
    signal.throwIfAborted();
  } finally {
    enough.abort();
    await ended;
  }
}
