import * as v from 'valibot';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = (longest: number) => v.optional(v.pipe(v.string(), v.maxLength(longest)));

/** Most characters of a command's text in the record. */
export const MAX_RECORDED_TEXT = 8192;

/** What is recorded; a record of another build may hold more. */
export const RECORDED_TYPES = [
  'client.connected',
  'client.left',
  'client.disconnected',
  'client.refused',
  'session.opened',
  'session.connected',
  'session.taken',
  'session.watched',
  'session.unwatched',
  'session.disconnected',
  'session.expired',
  'session.stopped',
  'session.messaged',
  'session.granted',
  'session.revoked',
  'session.lapsed',
  'session.recorded',
  'session.unrecorded',
  'session.exited',
  'command.started',
  'command.refused',
  'command.ended',
  'exec.started',
  'exec.ended',
  'output.dropped',
  'journal.lost',
  'journal.gap',
  'events.lost',
  'record.rotated',
] as const;
export type RecordedType = (typeof RECORDED_TYPES)[number];

/** What may be known of something that happened, by whom and to what. */
const about = {
  /** Who did it, where that is not the user whose session it is. */
  actor: text(256),
  /** Fingerprint of the key that the client came in with; `local` without a network. */
  key: text(256),
  address: text(256),
  /** The client computer and the process there. */
  client: text(256),
  sessionId: v.optional(count),
  instanceId: text(64),
  /** Name of the session. */
  name: text(255),
  commandId: text(64),
  /** What was run; absent where it is not recorded, and then `detail` says why. */
  text: text(MAX_RECORDED_TEXT),
  status: v.optional(v.pipe(v.number(), v.safeInteger())),
  signal: v.optional(count),
  durationMs: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0))),
  /** Anything else, in a few words: why, with what. */
  detail: text(2048),
};

/** An event in a session host's journal: numbers count from 1 in each journal, and are never used again. */
export const JournalEvent = v.object({
  number: v.pipe(count, v.minValue(1)),
  /** Milliseconds since 1970, on the host's clock. */
  time: count,
  /** Who came to the door is the gateway's to say. */
  type: v.pipe(v.string(), v.regex(/^(?:session|command|exec|output|journal)\.[a-z]{1,32}$/)),
  ...about,
});
export type JournalEvent = v.InferOutput<typeof JournalEvent>;

/** An event in the record of an agent, where it has a number of its own. */
export const RecordedEvent = v.object({
  number: count,
  time: count,
  type: v.string(),
  /** Whose session it is, or who came in or was refused. */
  user: v.optional(v.string()),
  ...about,
});
export type RecordedEvent = v.InferOutput<typeof RecordedEvent>;

/** Which events are wanted: those that fit all that is given. */
export const EventFilter = v.object({
  /** Milliseconds since 1970: from this time on, and before that one. */
  since: v.optional(count),
  before: v.optional(count),
  sessionId: v.optional(count),
  instanceId: v.optional(v.pipe(v.string(), v.uuid())),
  user: v.optional(v.pipe(v.string(), v.maxLength(256))),
  /** Types, or the part before the dot for all of it. */
  types: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(64))), v.maxLength(64))),
});
export type EventFilter = v.InferOutput<typeof EventFilter>;

/** Requests about the record. */
export const RECORD_REQUESTS = {
  /**
   * The record of who did what, in the order of `number`: with `after` the first ones behind that number, else the newest,
   * of those below the number `below` if it is given.
   * One's own rows; an administrator gets those of all.
   */
  'events.list': {
    request: v.object({
      ...EventFilter.entries,
      after: v.optional(count),
      below: v.optional(count),
      limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)), 500),
    }),
    /** `more`: others fit too. */
    reply: v.object({ events: v.array(RecordedEvent), more: v.boolean() }),
  },
  /** From a gateway to a session host: what its user's journals hold behind the numbers that the gateway has of each. */
  'journal.read': {
    request: v.object({ after: v.record(v.string(), count) }),
    reply: v.object({
      journals: v.array(v.object({ journal: v.pipe(v.string(), v.uuid()), events: v.array(JournalEvent) })),
      more: v.boolean(),
    }),
  },
} as const;
