import * as v from 'valibot';
import { OutputBufferingMode } from './session-info.ts';

/** A named profile of sessions, as its agent has it. */
export const ConfigurationInfo = v.object({
  name: v.string(),
  /** Absent: the user's login shell. */
  program: v.optional(v.string()),
  args: v.array(v.string()),
  idleTimeoutMs: v.number(),
  maxIdleTimeoutMs: v.number(),
  outputBufferBytes: v.number(),
  outputBufferingMode: OutputBufferingMode,
  /** Sessions and one-shots that may run at once, in all and for one user; absent: any number. */
  maxShells: v.optional(v.number()),
  maxShellsPerUser: v.optional(v.number()),
});
export type ConfigurationInfo = v.InferOutput<typeof ConfigurationInfo>;
