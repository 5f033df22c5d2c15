import type { OutputBufferingMode } from '@holdfast/protocol';
import type { ConnectionWishes } from './connection-wishes.ts';

/** What a session is made with. */
export type OpenSessionOptions = {
  name?: string;
  configurationName?: string;
  columns: number;
  rows: number;
  /** Closes when its prompt is left; an ordinary session lives on. */
  temporary?: boolean;
  cwd?: string;
  idleTimeoutMs?: number;
  outputBufferingMode?: OutputBufferingMode;
  /** The shell does not read the user's own rc files. */
  noProfile?: boolean;
  /** Absent: what concerns presentation (TERM, COLORTERM, LANG, LC_*, TZ), and on the local session host everything. */
  environment?: Record<string, string>;
  signal?: AbortSignal | undefined;
};

/** Where a new session is made, as for connection(); its name is `Session<Id>` by default. */
export type NewSessionOptions = OpenSessionOptions & { computerName: string; wishes?: ConnectionWishes };
