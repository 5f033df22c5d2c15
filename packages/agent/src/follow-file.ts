import { statSync } from 'node:fs';

export type FollowOptions = {
  /** What is wrong with it; what it was before still counts. */
  onProblem: (message: string) => void;
  onChanged?: () => void;
  /** A file that was written within this time may be half of what it is to be. */
  settledMs?: number;
};

/**
 * What `read` makes of a file whenever it is asked for: anew when the file has changed. After a change for the worse it stays
 * as it was.
 * @param file without one it never changes
 * @throws what `read` throws the first time
 */
export function followFile<T>(file: string | undefined, read: () => T, options: FollowOptions): () => T {
  const { onProblem, onChanged, settledMs = 0 } = options;
  let seen = stampOf(file).stamp;
  let content = read();
  return () => {
    try {
      const { stamp, ageMs } = stampOf(file);
      if (stamp === seen || ageMs < settledMs) return content;
      seen = stamp;
      content = read();
    } catch (error) {
      onProblem(error instanceof Error ? error.message : String(error));
      return content;
    }
    onChanged?.();
    return content;
  };
}

/** One that is not there, or from the time to come, is old enough. */
function stampOf(file: string | undefined): { stamp: string; ageMs: number } {
  const stat = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return { stamp: '', ageMs: Infinity };
  const ageMs = Date.now() - stat.mtimeMs;
  return { stamp: `${stat.ino} ${stat.size} ${stat.mtimeMs}`, ageMs: ageMs < 0 ? Infinity : ageMs };
}
