import * as v from 'valibot';
import { ConfigurationInfo } from './configuration-info.ts';
import { cells, offset, uuid } from './message-fields.ts';
import { RECORD_REQUESTS } from './recorded-event.ts';
import { OutputBufferingMode, SessionInfo } from './session-info.ts';

/** Most bytes of command text; longer scripts go as files. */
export const MAX_COMMAND_BYTES = 1024 * 1024;

/** The longest time of a grant that ends by itself: a year. */
const MAX_GRANT_MS = 366 * 24 * 60 * 60 * 1000;

const channel = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff_ffff));
/** Shown to people, on terminals of others too: no control characters, so that no name acts on them. */
export const Name = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(255),
  v.regex(/^[^\p{Cc}\p{Cf}\p{Cs}]*$/u, 'Control characters are not allowed'),
);
/** What somebody says to those at a session's terminal; whoever shows it takes its control characters away. */
const messageText = v.pipe(v.string(), v.minLength(1), v.maxBytes(4096));
const environment = v.record(v.pipe(v.string(), v.maxLength(256)), v.pipe(v.string(), v.maxLength(131_072)));
const empty = v.object({});
/** Counts the client's links; what comes late over an older one than the host has seen for the same tie is refused. */
const attempt = v.optional(offset);

/** Where the client holds the session, if it does: what comes when a newer link or another client holds it is refused. */
const heldOn = v.optional(channel);

/** What a command has instead of the terminal, whose streams are apart from it. */
export const CommandStreams = v.object({
  /** Become `$1` and so on. */
  arguments: v.optional(v.array(v.string())),
  /** Standard input; without it there is none. */
  input: v.optional(v.pipe(v.string(), v.maxBytes(MAX_COMMAND_BYTES))),
});
export type CommandStreams = v.InferOutput<typeof CommandStreams>;

/** A client's tie to a session, as the session host sees it. */
export const AttachmentInfo = v.object({
  attachmentId: uuid,
  /** Input below this offset has been written to the session. */
  inputReceived: offset,
  incarnation: v.string(),
  /** Which one of `session.attachments` it is; a host of an older build does not say. */
  number: v.optional(offset),
});
export type AttachmentInfo = v.InferOutput<typeof AttachmentInfo>;

const attached = v.object({ session: SessionInfo, attachment: AttachmentInfo });

/** Asks to go on with one channel on a new link. */
const resumeChannel = v.object({
  channel,
  attachmentId: uuid,
  incarnation: v.string(),
  /** Output below this offset has been consumed. */
  receivedTo: offset,
  /** The agent may send output below this offset. */
  limit: offset,
  /** The last event that was applied. */
  eventsTo: offset,
});

const resumedChannel = v.object({
  channel,
  /** Input below this offset has been written; the client goes on from here. */
  inputReceived: v.optional(offset),
  session: v.optional(SessionInfo),
  /** Output that comes now, behind `from` up to `to`, whose questions to the terminal the host has answered. */
  answered: v.optional(v.array(v.object({ from: offset, to: offset }))),
  error: v.optional(v.object({ error: v.string(), message: v.string() })),
});

/**
 * Requests of a client: what each carries and what answers it. `id`, which pairs request and reply, is part of
 * the envelope (message-codec.ts). Unknown fields are ignored; an unknown type is answered by UnknownOperation.
 */
export const REQUESTS = {
  /** Creates a session, held by this client on `channel`; the same openId again gives the same session. */
  'session.open': {
    request: v.object({
      channel,
      openId: uuid,
      name: v.optional(Name),
      configurationName: v.optional(Name),
      columns: cells,
      rows: cells,
      /** Presentation only, from the client: TERM, COLORTERM, LANG, LC_*, TZ. A local session takes the whole environment. */
      environment,
      cwd: v.optional(v.string()),
      temporary: v.boolean(),
      outputBufferingMode: v.optional(OutputBufferingMode),
      idleTimeoutMs: v.optional(v.number()),
      /** The shell does not read the user's own rc files; those of the machine are read. */
      noProfile: v.optional(v.boolean()),
      /** Proposed by the gateway, which overwrites a client's own; the host gives a higher one if it has got so far. */
      sessionId: v.optional(offset),
      attempt,
    }),
    reply: attached,
  },
  'session.list': { request: empty, reply: v.object({ sessions: v.array(SessionInfo) }) },
  /**
   * Takes the keyboard of a session; delivers nothing yet. `force` takes it from a live holder. The same connectId again
   * gives the same attachment.
   */
  'session.connect': {
    request: v.object({ channel, instanceId: uuid, force: v.boolean(), connectId: v.optional(uuid), attempt }),
    reply: attached,
  },
  /**
   * Attaches to a session without its keyboard; delivers nothing yet. With `sizing` its terminal takes part in the
   * session's size. The same watchId again gives the same attachment.
   */
  'session.watch': {
    request: v.object({
      channel,
      instanceId: uuid,
      watchId: v.optional(uuid),
      sizing: v.optional(v.boolean()),
      attempt,
    }),
    reply: attached,
  },
  /** Ends an attachment that watches. */
  'session.unwatch': { request: v.object({ channel }), reply: v.object({ session: SessionInfo }) },
  /**
   * Takes the keyboard for an attachment that watches, or gives it back: then nobody has it. The same keyboardId again
   * does nothing. Input goes on from `attachment.inputReceived`.
   */
  'session.keyboard': {
    request: v.object({ channel, act: v.picklist(['take', 'give']), keyboardId: v.optional(uuid) }),
    reply: attached,
  },
  /**
   * Begins to deliver output: a snapshot at `from` and the bytes after it, or the bytes after `after`. To an attachment
   * that watches: snapshots, one after the other, each of what has changed on its part of the screen. With `stays` the
   * holder is made a watcher when another one takes the keyboard; without it, its attachment ends then.
   */
  'session.show': {
    request: v.object({
      channel,
      columns: cells,
      rows: cells,
      limit: v.optional(offset),
      after: v.optional(offset),
      /** False: what is shown goes to no terminal that would answer questions; the host goes on answering them. */
      terminal: v.optional(v.boolean()),
      stays: v.optional(v.boolean()),
    }),
    reply: v.object({
      session: SessionInfo,
      /** Offset of the first byte that follows. */
      from: offset,
      snapshot: v.boolean(),
      /** Undelivered bytes that the snapshot stands for. */
      notShown: offset,
    }),
  },
  /** Stops delivering; the client keeps the session. */
  'session.hide': { request: v.object({ channel }), reply: v.object({ session: SessionInfo }) },
  'session.resize': { request: v.object({ channel, columns: cells, rows: cells }), reply: empty },
  /** Whether the terminal echoed what is typed, when its output reached to `at` and its input to `inputReceived`. */
  'session.echo': {
    request: v.object({ channel }),
    reply: v.object({ echo: v.boolean(), at: offset, inputReceived: offset }),
  },
  /**
   * Drops input not yet written, interrupts the foreground program; the display may skip output below `skipTo`. The same
   * interruptId again does nothing and gives the same answer.
   */
  'session.interrupt': {
    request: v.object({ channel, interruptId: v.optional(uuid) }),
    reply: v.object({ skipTo: offset, inputDropped: offset }),
  },
  'session.detach': {
    request: v.object({
      instanceId: uuid,
      channel: heldOn,
      idleTimeoutMs: v.optional(v.number()),
      outputBufferingMode: v.optional(OutputBufferingMode),
    }),
    reply: v.object({ session: SessionInfo }),
  },
  'session.stop': {
    request: v.object({ instanceId: uuid, channel: heldOn }),
    reply: v.object({ session: SessionInfo }),
  },
  /** Says something to everybody who is attached; `shownTo` counts them. */
  'session.message': {
    request: v.object({ instanceId: uuid, caption: messageText, text: messageText }),
    reply: v.object({ shownTo: offset }),
  },
  /** Lets another user attach, for `forMs` or until the session ends; `none` takes that back. */
  'session.grant': {
    request: v.object({
      instanceId: uuid,
      user: Name,
      access: v.picklist(['read', 'write', 'none']),
      forMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_GRANT_MS))),
    }),
    reply: v.object({ session: SessionInfo }),
  },
  /** Turns a temporary session into an ordinary one, or names it anew. */
  'session.update': {
    request: v.object({
      instanceId: uuid,
      channel: heldOn,
      temporary: v.optional(v.boolean()),
      name: v.optional(Name),
    }),
    reply: v.object({ session: SessionInfo }),
  },
  /** Runs a command line in the session's shell; the same commandId again runs nothing and gives the same answer. */
  'command.run': {
    request: v.object({
      channel,
      commandId: uuid,
      text: v.pipe(v.string(), v.maxBytes(MAX_COMMAND_BYTES)),
      /** What stands before the text on the screen where it was typed. */
      prompt: v.optional(v.string()),
      /** What stands there in the text's place, for a text that a program made. */
      shown: v.optional(v.string()),
      /** Standard output and error are not the terminal, but apart in the log (stream-marks.ts). */
      streams: v.optional(CommandStreams),
    }),
    reply: v.object({ accepted: v.literal(true) }),
  },
  /** Candidates of the shell's own programmable completion at byte `point` of `line`; only while it is idle. */
  'command.complete': {
    request: v.object({ channel, line: v.string(), point: offset }),
    reply: v.object({ candidates: v.array(v.string()) }),
  },
  /** Runs the login shell's `-c text` without a terminal: stdin and stdout on `channel`, stderr on `errorChannel`. */
  'exec.start': {
    request: v.object({
      channel,
      errorChannel: channel,
      execId: uuid,
      text: v.pipe(v.string(), v.maxBytes(MAX_COMMAND_BYTES)),
      environment,
      cwd: v.optional(v.string()),
      configurationName: v.optional(Name),
      /** Credit for stdout and stderr to begin with, so that no round trip is lost. */
      limit: offset,
      attempt,
    }),
    reply: v.object({ attachment: AttachmentInfo }),
  },
  /** No input follows offset `at` (end of stdin). */
  'channel.end': { request: v.object({ channel, at: offset }), reply: empty },
  /** Sends a signal to a one-shot's process group. */
  'exec.signal': { request: v.object({ channel, signal: v.picklist(['INT', 'TERM', 'HUP', 'KILL']) }), reply: empty },
  'connection.resume': {
    request: v.object({ attempt, channels: v.array(resumeChannel) }),
    reply: v.object({ channels: v.array(resumedChannel) }),
  },
  /** Ends the client's tie to everything: idle sessions close, busy ones stay Disconnected. */
  'connection.goodbye': {
    request: empty,
    reply: v.object({ closed: v.array(SessionInfo), left: v.array(SessionInfo) }),
  },
  ...RECORD_REQUESTS,
  /** The session configurations that the caller may name in session.open and exec.start. */
  'agent.configurations': {
    request: empty,
    reply: v.object({ defaultConfiguration: v.string(), configurations: v.array(ConfigurationInfo) }),
  },
  'agent.status': {
    request: empty,
    reply: v.object({
      version: v.string(),
      buildId: v.string(),
      pid: v.number(),
      startedAt: v.number(),
      user: v.string(),
      hosts: v.array(
        v.object({
          generation: v.string(),
          pid: v.number(),
          sessions: v.number(),
          /** One-shots that run, also those whose client is gone; a host of an older build does not say. */
          commands: v.optional(v.number()),
          /** Of output that nobody had read, by the policy Drop, since the host started. */
          droppedBytes: v.optional(v.number()),
        }),
      ),
    }),
  },
} as const;

export type RequestType = keyof typeof REQUESTS;
export type RequestOf<T extends RequestType> = v.InferOutput<(typeof REQUESTS)[T]['request']>;
export type ReplyOf<T extends RequestType> = v.InferOutput<(typeof REQUESTS)[T]['reply']>;
