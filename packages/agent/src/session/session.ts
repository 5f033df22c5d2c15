import { randomUUID } from 'node:crypto';
import {
  RemotingError,
  optimizeEarly,
  type ByteSource,
  type OutputBufferingMode,
  type ReplyOf,
  type RequestOf,
  type SessionInfo,
} from '@holdfast/protocol';
import type { AttachedSession } from './attached-session.ts';
import type { Attachment } from './attachment.ts';
import { Attendance } from './attendance.ts';
import type { ChannelPort, ClientIdentity, TieRequest } from './channel-port.ts';
import { Guests } from './guests.ts';
import { checkIdleTimeout } from './idle-timeout.ts';
import { effectiveMode } from './session-configuration.ts';
import { letGo } from './let-go.ts';
import type { SessionEvents } from './session-events.ts';
import { makeSessionFolders, removeSessionFolders, type HostFolders } from './session-folders.ts';
import type { SessionOptions } from './session-options.ts';
import type { SessionRecording } from './session-recording.ts';
import { SessionProgram } from './session-program.ts';
import { Showing } from './showing.ts';
import { programOf } from './start-driver.ts';
import type { Painter } from './watched-screen.ts';

/** A running shell or program with its name, its attachments and its limits. */
export class Session implements AttachedSession<Attachment> {
  readonly instanceId: string = randomUUID();
  readonly incarnation: string = randomUUID();
  readonly owner: string;
  readonly program: SessionProgram;
  readonly #options: SessionOptions;
  readonly #folders: HostFolders;
  readonly attendance: Attendance;
  readonly guests: Guests;
  readonly #showing: Showing;
  readonly #createdAt = Date.now();
  #name: string;
  #temporary: boolean;

  /** Starts the program. @throws RemotingError ProgramNotStarted, IdleTimeoutOutOfRange or OutOfResources */
  constructor(options: SessionOptions) {
    const { configuration, settings, name } = options;
    optimizeEarly();
    this.#options = options;
    this.owner = options.owner;
    this.#name = name;
    this.#temporary = options.temporary;
    const idleTimeoutMs = checkIdleTimeout(options.idleTimeoutMs, name, configuration, settings);
    const clocks = { onGraceOver: () => options.onClock('grace'), onExpired: () => this.#onExpired() };
    this.attendance = new Attendance(this, settings, idleTimeoutMs, clocks);
    this.guests = new Guests(this, settings.idleLookMs, options.onGrantLapsed);
    this.#folders = makeSessionFolders(options.folders, this.instanceId);
    try {
      this.program = this.#start();
    } catch (error) {
      removeSessionFolders(this.#folders);
      throw error;
    }
    this.#showing = new Showing(this.program);
  }

  get name(): string {
    return this.#name;
  }

  get output(): ByteSource {
    return this.program.output;
  }

  get events(): SessionEvents {
    return this.program.events;
  }

  get watchIntervalMs(): number {
    return this.#options.settings.watchIntervalMs;
  }

  readonly paint: Painter = (size, corner) => this.program.screen.paint(size, corner);

  /** Who holds the session now, or may still come back to it. */
  get attachment(): Attachment | undefined {
    return this.attendance.holder;
  }

  get info(): SessionInfo {
    const { configuration, env, sessionId } = this.#options;
    const { attachment, disconnectedAt, expiresAt, idleTimeoutMs } = this.attendance.lease;
    const { exit, output, size } = this.program;
    return {
      sessionId,
      instanceId: this.instanceId,
      incarnation: this.incarnation,
      name: this.#name,
      configurationName: configuration.name,
      owner: this.owner,
      program: programOf(configuration, env),
      driver: this.program.driver,
      createdAt: this.#createdAt,
      state: exit === undefined ? 'Running' : 'Exited',
      ready: this.program.isReady,
      command: this.program.command,
      streams: true,
      holder: attachment?.holder,
      attachments: this.attendance.listed,
      grants: this.guests.grants,
      temporary: this.#temporary,
      cwd: this.program.cwd,
      home: env['HOME'] ?? '',
      ...size,
      outputEnd: output.end,
      eventsTo: this.events.last,
      delivered: output.delivered,
      outputBufferingMode: this.program.mode,
      idleTimeoutMs,
      maxIdleTimeoutMs: configuration.maxIdleTimeoutMs,
      disconnectedAt,
      expiresAt,
      ...this.program.kept,
      exitStatus: exit?.status,
      exitSignal: exit?.signal,
    };
  }

  /**
   * Gives the keyboard to `client`; delivers nothing yet. The same request again gives the same attachment.
   * @throws RemotingError SessionHeldElsewhere, unless `force` is set or the holder has been silent long enough;
   *   SessionExited; ConnectionLost or SessionTaken for a request that comes late
   */
  connect(client: ClientIdentity, port: ChannelPort, request: TieRequest & { force: boolean }): Attachment {
    return this.attendance.connect(client, port, request);
  }

  /**
   * Lets `client` look on; delivers nothing yet. The same request again gives the same attachment.
   * @throws RemotingError SessionExited, ConnectionLost for a request that comes late
   */
  watch(client: ClientIdentity, port: ChannelPort, request: TieRequest & { sizing: boolean }): Attachment {
    return this.attendance.watch(client, port, request);
  }

  /** Lets go of the session: it is Disconnected from now on. A holder with a link is told `reason`, if there is one. */
  release(reason?: string): void {
    this.attendance.release(reason);
  }

  /** Ends the program and waits for its end. A holder with a link is told `reason`, if there is one. */
  async stop(reason?: string): Promise<void> {
    const { attachment, program } = this;
    const isTold = reason !== undefined && attachment !== undefined && program.exit === undefined;
    if (isTold) program.emit({ type: 'session.detached', at: this.output.end, reason }, attachment.id);
    await this.program.stop();
  }

  /**
   * Begins to deliver output: to the holder a snapshot and what follows it, or the bytes from `after` on; to a watcher the
   * screen.
   * @throws RemotingError OperationStopped when another show or hide came between
   */
  async show(attachment: Attachment, request: RequestOf<'session.show'>): Promise<ReplyOf<'session.show'>> {
    const { columns, rows, stays = false } = request;
    const turn = attachment.hide();
    attachment.stays = stays;
    this.attendance.look(attachment, { columns, rows });
    const begun = await this.#showing.begin(attachment, turn, request);
    return { session: this.info, ...begun };
  }

  hide(attachment: Attachment): void {
    this.#showing.end(attachment);
    this.attendance.look(attachment, undefined);
  }

  /**
   * Changes what a disconnected session is kept by.
   * @throws RemotingError IdleTimeoutOutOfRange, and nothing is changed
   */
  setLimits(limits: {
    idleTimeoutMs?: number | undefined;
    outputBufferingMode?: OutputBufferingMode | undefined;
  }): void {
    const { configuration, settings } = this.#options;
    if (limits.idleTimeoutMs !== undefined) {
      this.attendance.lease.idleTimeoutMs = checkIdleTimeout(limits.idleTimeoutMs, this.#name, configuration, settings);
    }
    if (limits.outputBufferingMode !== undefined) {
      this.program.mode = effectiveMode(limits.outputBufferingMode, configuration);
    }
  }

  /** Names the session anew, or makes it an ordinary or a temporary one. */
  update(changes: { name?: string | undefined; temporary?: boolean | undefined }): void {
    this.#name = changes.name ?? this.#name;
    this.#temporary = changes.temporary ?? this.#temporary;
  }

  takesInput({ role, client }: Attachment): boolean {
    return role === 'keyboard' && this.guests.rolesFor(client.user).includes('keyboard');
  }

  onInput(bytes: Buffer, { client }: Attachment): void {
    try {
      this.program.type(bytes, client.user);
    } catch (error) {
      this.program.fail(error);
    }
  }

  onOutputMoved(attachment: Attachment): void {
    this.program.output.deliver(attachment.acknowledged);
    this.program.pace();
    this.#letGo();
  }

  onTieEnded(): void {
    this.#letGo();
  }

  onOutputLost(error: unknown): void {
    this.program.fail(error);
  }

  onLinkLost(attachment: Attachment): void {
    this.attendance.onLinkLost(attachment);
    this.program.pace();
  }

  onLinkBack(attachment: Attachment): void {
    this.attendance.onLinkBack(attachment);
    this.program.pace();
  }

  onSnapshotLost(attachment: Attachment): void {
    this.#showing.beginAnew(attachment, attachment.hide()).catch((error: unknown) => {
      // OperationStopped: another show came between, and does what this one would have done.
      if (!(error instanceof RemotingError)) this.program.fail(error);
    });
  }

  /** Frees everything; the program must have ended. */
  dispose(): void {
    this.guests.dispose();
    this.attendance.end(new RemotingError('SessionExited', `Session ${this.#name} has ended`));
    this.program.dispose();
    removeSessionFolders(this.#folders);
  }

  #letGo(): void {
    if (this.program.exit !== undefined) letGo(this.program, this.attendance.resumable);
  }

  #onExpired(): void {
    this.#options.onClock('idle');
    void this.program.stop();
  }

  #start(): SessionProgram {
    const { configuration, env, recordings, sessionId, columns, rows } = this.#options;
    const recorded = { sessionId, instanceId: this.instanceId, name: this.#name, columns, rows };
    const recording = recordings.begin(configuration.recording, recorded, env);
    try {
      return this.#startRecorded(recording);
    } catch (error) {
      recording?.discard();
      throw error;
    }
  }

  #startRecorded(recording: SessionRecording | undefined): SessionProgram {
    const { configuration, outputBufferingMode, env } = this.#options;
    return new SessionProgram(
      {
        ...this.#options,
        env: { ...env, HOLDFAST_INSTANCE_ID: this.instanceId },
        mode: effectiveMode(outputBufferingMode, configuration),
        folders: this.#folders,
        recording,
      },
      {
        onNews: (withinMs) => {
          for (const attachment of this.attendance.all) attachment.flush(withinMs);
        },
        onScreen: () => {
          for (const attachment of this.attendance.all) attachment.screenChanged();
        },
        backlogBytes: () => this.attachment?.backlogBytes,
        onInputWritten: (queuedBytes) => this.attendance.lastHolder?.settleInput(queuedBytes),
        onExited: () => {
          this.#letGo();
          this.#options.onExited();
        },
        onFailed: this.#options.onFailed,
      },
    );
  }
}
