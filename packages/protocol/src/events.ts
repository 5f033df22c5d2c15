import * as v from 'valibot';
import { cells, offset, uuid } from './message-fields.ts';
import { AttachedClient } from './session-info.ts';

/** Fields of every event of a session: `seq` counts from 1 per session; the event happens after output byte `at`. */
const sessionEvent = { seq: offset, at: offset };

/** Events. Those of a session travel on its channel, in order with its output; the others on channel 0. */
export const EVENTS = {
  /** The shell is at its first prompt; driver `raw` when none came in time. */
  'session.ready': v.object({ ...sessionEvent, driver: v.string(), cwd: v.string() }),
  /** Output in [at, echoTo) is the prompt and text that the client which typed them has drawn itself. */
  'command.started': v.object({ ...sessionEvent, commandId: uuid, text: v.string(), echoTo: offset }),
  /** The command's last output byte is before `at`. */
  'command.ended': v.object({
    ...sessionEvent,
    commandId: uuid,
    status: v.number(),
    cwd: v.string(),
    durationMs: v.number(),
    /** Jobs that run or are stopped in the shell. */
    jobs: offset,
  }),
  /** A command whose streams are apart waits for somebody at the terminal; `text` is what the terminal says. */
  'command.asked': v.object({ ...sessionEvent, commandId: uuid, text: v.string() }),
  /** The shell takes the next command. Keys that were typed ahead and nobody read come back here. */
  'command.ready': v.object({ ...sessionEvent, commandId: v.optional(uuid), typeahead: v.string() }),
  'session.exited': v.object({
    ...sessionEvent,
    status: v.number(),
    signal: v.optional(v.number()),
    /** Why its host stopped it, in words that end a sentence. */
    reason: v.optional(v.string()),
  }),
  /** The output policy discarded bytes [at, to). */
  'output.dropped': v.object({ ...sessionEvent, to: offset }),
  /** The disk does not take the session's output: memory keeps what it can, then the policy acts. No problem: it does again. */
  'disk.changed': v.object({ ...sessionEvent, problem: v.optional(v.string()) }),
  /** It cannot be recorded further; `stops`: so it is stopped, and what it prints now is shown to nobody. */
  'recording.ended': v.object({ ...sessionEvent, problem: v.string(), stops: v.boolean() }),
  'session.resized': v.object({ ...sessionEvent, columns: cells, rows: cells }),
  /** Somebody came, went, or has the keyboard now; told while anybody watches. */
  'session.attachments': v.object({ ...sessionEvent, attachments: v.array(AttachedClient) }),
  /** Another client took the session; this channel is over and is not to be resumed. */
  'session.taken': v.object({ ...sessionEvent, client: v.string(), address: v.string() }),
  /** Somebody says something to whoever is attached. */
  'session.message': v.object({
    ...sessionEvent,
    user: v.string(),
    client: v.string(),
    address: v.string(),
    caption: v.string(),
    text: v.string(),
  }),
  /** The session was disconnected or stopped by somebody else. */
  'session.detached': v.object({ ...sessionEvent, reason: v.string() }),
  /** End of a one-shot: last offsets of stdout (`at`) and stderr. */
  'exec.ended': v.object({ ...sessionEvent, errorAt: offset, status: v.number(), signal: v.optional(v.number()) }),
  /** Input in [from, to) came on a channel without the keyboard and was given to nobody; it is to come no second time. */
  'input.refused': v.object({ from: offset, to: offset }),
  /** The link is about to close on purpose; come back after so many milliseconds. */
  'connection.goaway': v.object({ reason: v.string(), retryAfterMs: offset }),
  /** From a session host to a gateway that has read its journal: there is more. */
  'journal.grew': v.object({}),
  /** From a gateway to a session host: the client's last frame came in so many milliseconds ago. */
  'client.heard': v.object({ agoMs: offset }),
} as const;

export type EventType = keyof typeof EVENTS;
export type EventOf<T extends EventType> = { type: T } & v.InferOutput<(typeof EVENTS)[T]>;
export type AnyEvent = { [T in EventType]: EventOf<T> }[EventType];
export type SessionEvent = Exclude<
  AnyEvent,
  { type: 'connection.goaway' | 'journal.grew' | 'client.heard' | 'input.refused' }
>;

/** Events that go to a session host; all others come from one, or from its gateway. */
export const TO_HOST: ReadonlySet<EventType> = new Set(['client.heard']);
