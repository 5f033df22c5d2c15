import type { OutputBufferingMode } from '@holdfast/protocol';
import type { RecordingSettings } from './recording-settings.ts';

/** A named profile of sessions: what runs in them, and their limits. */
export type SessionConfiguration = {
  name: string;
  /** Absent: the user's login shell. */
  program?: string | undefined;
  args: readonly string[];
  /** The shell does not read the user's own rc files, only the machine's. */
  noProfile?: boolean | undefined;
  /** How long a disconnected session is kept, and the most that a client may ask for. */
  idleTimeoutMs: number;
  maxIdleTimeoutMs: number;
  /** Undelivered output above which `outputBufferingMode` acts. */
  outputBufferBytes: number;
  outputBufferingMode: 'Drop' | 'Block';
  /** Sessions and one-shots that may run at once, in all and for one user. Absent: any number. */
  maxShells?: number;
  maxShellsPerUser?: number;
  /** Absent: sessions are not recorded. */
  recording?: RecordingSettings;
};

const TWELVE_HOURS_MS = 12 * 60 * 60 * 1000;

/** The built-in configuration, and the values that others leave out. */
export const DEFAULT_CONFIGURATION: SessionConfiguration = {
  name: 'default',
  args: [],
  idleTimeoutMs: TWELVE_HOURS_MS,
  maxIdleTimeoutMs: TWELVE_HOURS_MS,
  outputBufferBytes: 64 * 1024 * 1024,
  outputBufferingMode: 'Block',
};

/** The mode that acts: None means the configuration's. */
export function effectiveMode(
  asked: OutputBufferingMode | undefined,
  configuration: SessionConfiguration,
): 'Drop' | 'Block' {
  return asked === undefined || asked === 'None' ? configuration.outputBufferingMode : asked;
}
