import * as v from 'valibot';

const whole = (standard: number) => v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), standard);
const MIB = 1024 * 1024;

/** What is recorded and how much of it is kept: the table `[record]` of the agent's configuration. */
export const RecordSettings = v.strictObject({
  /** Whether the texts of commands are recorded, or only that there was one. */
  commands: v.optional(v.picklist(['text', 'none']), 'text'),
  /** Events are kept for so many days, as long as they take no more than so many bytes. */
  keepDays: whole(90),
  maxBytes: whole(256 * MIB),
  /** The same for the journals of one user's session hosts, from which the gateway collects. */
  journalBytes: whole(16 * MIB),
  /** The same for the recordings of one user's ended sessions. */
  recordingDays: whole(90),
  recordingBytes: whole(1024 * MIB),
  /** How often an agent of one user looks for journals of session hosts that nobody is connected to. */
  collectEveryMs: whole(60_000),
  /** An agent for all users collects `journalBytes` of one user at once, and then so many bytes a second. */
  collectBytesPerSecond: whole(64 * 1024),
});
export type RecordSettings = v.InferOutput<typeof RecordSettings>;
