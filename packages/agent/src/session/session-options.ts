import type { OutputBufferingMode } from '@holdfast/protocol';
import type { ProgramOptions } from './program-options.ts';
import type { Recordings } from './recordings.ts';

/** What a session is made with. */
export type SessionOptions = Omit<ProgramOptions, 'mode' | 'recording'> & {
  sessionId: number;
  name: string;
  owner: string;
  temporary: boolean;
  recordings: Recordings;
  idleTimeoutMs: number | undefined;
  outputBufferingMode: OutputBufferingMode | undefined;
  /** Its holder did not come back in the grace time, or nobody came in the idle time: it acts on that next. */
  onClock: (clock: 'grace' | 'idle') => void;
  /** The time of a user's grant is over. */
  onGrantLapsed: (user: string) => void;
  /** The program has ended. */
  onExited: () => void;
  /** An error of ours ended the session's program. */
  onFailed: (error: unknown) => void;
};
