import * as v from 'valibot';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const uuid = v.pipe(v.string(), v.uuid());
/** Milliseconds since 1970, on the agent's clock. */
const instant = v.number();

export const OutputBufferingMode = v.picklist(['None', 'Drop', 'Block']);
export type OutputBufferingMode = v.InferOutput<typeof OutputBufferingMode>;

/** The client that holds a session's keyboard. */
export const Holder = v.object({
  /** Made by the client process; State is derived by comparing it with one's own. */
  clientId: uuid,
  /** Host name of the client's machine and its process id, to be shown. */
  client: v.string(),
  address: v.string(),
  since: instant,
  /** False while the holder's link is lost but still within its grace time. */
  linked: v.boolean(),
});
export type Holder = v.InferOutput<typeof Holder>;

/** What an attachment is for: its client types, or it looks on. */
export const AttachmentRole = v.picklist(['keyboard', 'watching']);
export type AttachmentRole = v.InferOutput<typeof AttachmentRole>;

/** A client's tie to a session, as others may know of it. */
export const AttachedClient = v.object({
  /** Counts the session's attachments from 1: the client that has it knows it by that. */
  number: count,
  client: v.string(),
  address: v.string(),
  /** The Unix user that it came in as. */
  user: v.string(),
  role: AttachmentRole,
  since: instant,
  /** False while its link is lost but still within its grace time. */
  linked: v.boolean(),
});
export type AttachedClient = v.InferOutput<typeof AttachedClient>;

/** Another user than the owner, who may attach to a session. */
export const Grant = v.object({
  user: v.string(),
  /** `read`: watches; `write`: takes the keyboard, too. */
  access: v.picklist(['read', 'write']),
  /** Absent: until the session ends. */
  expiresAt: v.optional(instant),
});
export type Grant = v.InferOutput<typeof Grant>;

/** The command that runs in a session now. */
export const RunningCommand = v.object({
  commandId: uuid,
  text: v.string(),
  startedAt: instant,
  /** What the terminal says where the command waits for somebody at it (event `command.asked`). */
  asks: v.optional(v.string()),
});
export type RunningCommand = v.InferOutput<typeof RunningCommand>;

/** What others may know of a session; the agent's truth, from which each client derives State and Availability. */
export const SessionInfo = v.object({
  sessionId: count,
  instanceId: uuid,
  /** Changes when the process behind a session is another one; nobody resumes across it. */
  incarnation: v.string(),
  name: v.string(),
  configurationName: v.string(),
  owner: v.string(),
  program: v.string(),
  /** `bash` takes commands; `raw` is a terminal only. */
  driver: v.string(),
  createdAt: instant,
  state: v.picklist(['Running', 'Exited']),
  /** The driver's shell is at its prompt and takes a command. */
  ready: v.boolean(),
  command: v.optional(RunningCommand),
  /** command.run takes `streams`; a host of an older build does not say so, and does not. */
  streams: v.optional(v.boolean()),
  holder: v.optional(Holder),
  /** All who are attached, the holder among them; a host of an older build does not say. */
  attachments: v.optional(v.array(AttachedClient)),
  /** Who else may attach, for whoever is such a user: their own alone; a host of an older build does not say. */
  grants: v.optional(v.array(Grant)),
  /** What the caller may, where the session is somebody else's who granted it. */
  access: v.optional(v.picklist(['read', 'write'])),
  temporary: v.boolean(),
  cwd: v.string(),
  /** The owner's home folder, which prompts show as `~`. */
  home: v.string(),
  columns: count,
  rows: count,
  outputEnd: count,
  /** Number of the last event that this takes into account. */
  eventsTo: count,
  delivered: count,
  outputBufferingMode: OutputBufferingMode,
  idleTimeoutMs: v.number(),
  maxIdleTimeoutMs: v.number(),
  disconnectedAt: v.optional(instant),
  expiresAt: v.optional(instant),
  /** Why output does not go to disk: what nobody has taken is kept in memory, and soon the output policy acts. */
  diskProblem: v.optional(v.string()),
  /** What it prints is recorded in a file of its owner's, on its host; not any more when there is a problem. */
  recording: v.optional(v.object({ file: v.string(), problem: v.optional(v.string()) })),
  /** 128 + exitSignal when a signal ended it. */
  exitStatus: v.optional(v.number()),
  exitSignal: v.optional(v.number()),
});
export type SessionInfo = v.InferOutput<typeof SessionInfo>;

/** What a user sees, relative to the asking client (design.md, "The words"). */
export type SessionState = 'Opened' | 'Disconnected' | 'Broken' | 'Closed';
export type SessionAvailability = 'Available' | 'Busy' | 'None';

/** Derives State and Availability of a session for the client `clientId`. */
export function viewSession(
  info: SessionInfo,
  clientId: string,
): { state: SessionState; availability: SessionAvailability } {
  if (info.state === 'Exited') return { state: 'Closed', availability: 'None' };
  if (info.holder === undefined) return { state: 'Disconnected', availability: 'None' };
  if (info.holder.clientId !== clientId) return { state: 'Disconnected', availability: 'Busy' };
  return { state: 'Opened', availability: info.command === undefined ? 'Available' : 'Busy' };
}
