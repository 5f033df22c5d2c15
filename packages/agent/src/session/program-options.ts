import type { RequestOf } from '@holdfast/protocol';
import type { FifoPool } from './fifo-pool.ts';
import type { HostSettings } from './host-settings.ts';
import type { SessionConfiguration } from './session-configuration.ts';
import type { HostFolders } from './session-folders.ts';
import type { SessionRecording } from './session-recording.ts';

/** What a session's program is started with. */
export type ProgramOptions = {
  configuration: SessionConfiguration;
  env: Record<string, string>;
  cwd: string;
  columns: number;
  rows: number;
  mode: 'Drop' | 'Block';
  /** Folders of this session alone, which are there; of a session, those in which it makes its own. */
  folders: HostFolders;
  pipes: FifoPool;
  settings: HostSettings;
  /** Absent: it is not recorded. */
  recording?: SessionRecording | undefined;
};

/** What a command is shown as, and whether its streams are apart from the terminal. */
export type RunOptions = Partial<Pick<RequestOf<'command.run'>, 'prompt' | 'shown' | 'streams'>>;

/** Who looks at a program, and who is told of it. */
export type ProgramListeners = {
  /** There is output or an event to send, at the latest in so many milliseconds. */
  onNews: (withinMs?: number) => void;
  /** The screen may look different. */
  onScreen: () => void;
  /** Output that waits for the holder; undefined when nobody looks. */
  backlogBytes: () => number | undefined;
  /** All but `queuedBytes` of the input has been written. */
  onInputWritten: (queuedBytes: number) => void;
  /** The program has ended, and all its output is in the log. */
  onExited: () => void;
  /** An error of ours ended the program. */
  onFailed: (error: unknown) => void;
};
