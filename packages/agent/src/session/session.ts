import { randomUUID } from 'node:crypto';
import {
  RemotingError,
  WINDOW_BYTES,
  optimizeEarly,
  type ByteSource,
  type OutputBufferingMode,
  type ReplyOf,
  type RequestOf,
  type SessionInfo,
} from '@holdfast/protocol';
import { Attachment, type AttachedSession } from './attachment.ts';
import type { ChannelPort, ClientIdentity, TieRequest } from './channel-port.ts';
import { checkIdleTimeout } from './idle-timeout.ts';
import { Lease } from './lease.ts';
import type { ProgramOptions } from './program-options.ts';
import { effectiveMode } from './session-configuration.ts';
import type { SessionEvents } from './session-events.ts';
import { makeSessionFolders, removeSessionFolders, type HostFolders } from './session-folders.ts';
import { SessionProgram } from './session-program.ts';
import { programOf } from './start-driver.ts';

/** What a session is made with. */
export type SessionOptions = Omit<ProgramOptions, 'mode'> & {
  sessionId: number;
  name: string;
  owner: string;
  temporary: boolean;
  idleTimeoutMs: number | undefined;
  outputBufferingMode: OutputBufferingMode | undefined;
  /** The program has ended. */
  onExited: (session: Session) => void;
  /** An error of ours ended the session's program. */
  onFailed: (session: Session, error: unknown) => void;
};

/** A running shell or program with its name, its holder and its limits. */
export class Session implements AttachedSession {
  readonly instanceId: string = randomUUID();
  readonly incarnation: string = randomUUID();
  readonly owner: string;
  readonly program: SessionProgram;
  readonly #options: SessionOptions;
  readonly #folders: HostFolders;
  readonly #lease: Lease;
  readonly #createdAt = Date.now();
  #name: string;
  #temporary: boolean;

  /** Starts the program. @throws RemotingError ProgramNotStarted or IdleTimeoutOutOfRange */
  constructor(options: SessionOptions) {
    const { configuration, settings, name } = options;
    optimizeEarly();
    this.#options = options;
    this.owner = options.owner;
    this.#name = name;
    this.#temporary = options.temporary;
    const idleTimeoutMs = checkIdleTimeout(options.idleTimeoutMs, name, configuration, settings);
    this.#lease = new Lease(
      { graceMs: settings.graceMs, idleTimeoutMs },
      { onGraceOver: () => this.release(), onExpired: () => void this.program.stop() },
    );
    this.#folders = makeSessionFolders(options.folders, this.instanceId);
    try {
      this.program = this.#start();
    } catch (error) {
      removeSessionFolders(this.#folders);
      throw error;
    }
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

  /** Who holds the session now, or may still come back to it. */
  get attachment(): Attachment | undefined {
    return this.#lease.attachment;
  }

  get info(): SessionInfo {
    const { configuration, env, sessionId } = this.#options;
    const { attachment, disconnectedAt, expiresAt, idleTimeoutMs } = this.#lease;
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
      diskProblem: this.program.diskProblem,
      exitStatus: exit?.status,
      exitSignal: exit?.signal,
    };
  }

  /**
   * Gives the keyboard to `client`; delivers nothing yet. The same request again gives the same attachment.
   * @throws RemotingError SessionHeldElsewhere, unless `force` is set or the holder has been silent long enough;
   *   SessionExited; as Lease.madeBy
   */
  connect(client: ClientIdentity, port: ChannelPort, request: TieRequest & { force: boolean }): Attachment {
    const made = this.#lease.madeBy(client, request);
    if (made !== undefined) {
      made.restart(port, request.attempt);
      return made;
    }
    if (this.program.exit !== undefined) throw new RemotingError('SessionExited', `Session ${this.#name} has ended`);
    if (!request.force) this.#lease.assertFreeFor(client, this.#name, this.#options.settings.takeAfterMs);
    const { attachment: before } = this.#lease;
    if (before !== undefined) {
      const { client: name, address } = client;
      this.program.emit({ type: 'session.taken', at: this.output.end, client: name, address });
      this.#lease.end(new RemotingError('SessionTaken', `Session ${this.#name} was taken by ${name} at ${address}`));
      this.#letProgramGoOn(before);
    }
    const attachment = new Attachment(this, client, port, request);
    this.#lease.hold(attachment);
    return attachment;
  }

  /** Lets go of the session: it is Disconnected from now on. A holder with a link is told `reason`, if there is one. */
  release(reason?: string): void {
    const { attachment } = this;
    if (attachment === undefined) return;
    if (reason !== undefined) this.program.emit({ type: 'session.detached', at: this.output.end, reason });
    this.#lease.end(new RemotingError('AttachmentLost', `Session ${this.#name} was disconnected`));
    if (this.program.exit === undefined) this.#lease.startIdleClock();
    this.#letProgramGoOn(attachment);
  }

  /** Ends the program and waits for its end. A holder with a link is told `reason`, if there is one. */
  async stop(reason?: string): Promise<void> {
    const isTold = reason !== undefined && this.#lease.attachment !== undefined && this.program.exit === undefined;
    if (isTold) this.program.emit({ type: 'session.detached', at: this.output.end, reason });
    await this.program.stop();
  }

  /** Why the attachment `id` is no more; undefined for one that this session never had. */
  endOfAttachment(id: string): RemotingError | undefined {
    return this.#lease.endOf(id);
  }

  /**
   * Begins to deliver output to the holder: a snapshot and what follows it, or the bytes from `after` on.
   * @throws RemotingError OperationStopped when another show or hide came between
   */
  async show(attachment: Attachment, request: RequestOf<'session.show'>): Promise<ReplyOf<'session.show'>> {
    const turn = attachment.hide();
    this.program.resize(request.columns, request.rows);
    if (request.after === undefined) {
      const shown = await this.#showSnapshot(attachment, turn);
      return { session: this.info, snapshot: true, ...shown };
    }
    const from = Math.min(this.output.end, Math.max(this.output.start, request.after));
    if (request.terminal === false) this.program.questions.nobodyLooks(attachment);
    else this.program.questions.terminalLooks(attachment, this.output.end);
    attachment.show(from, request.limit ?? from + WINDOW_BYTES.initial);
    return { session: this.info, from, snapshot: false, notShown: 0 };
  }

  hide(attachment: Attachment): void {
    attachment.hide();
    this.#letProgramGoOn(attachment);
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
      this.#lease.idleTimeoutMs = checkIdleTimeout(limits.idleTimeoutMs, this.#name, configuration, settings);
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

  onInput(bytes: Buffer): void {
    try {
      this.program.type(bytes);
    } catch (error) {
      this.program.fail(error);
    }
  }

  onOutputMoved(attachment: Attachment): void {
    this.program.output.deliver(attachment.acknowledged);
    this.program.pace();
  }

  onOutputLost(error: unknown): void {
    this.program.fail(error);
  }

  onLinkLost(attachment: Attachment): void {
    if (this.#lease.attachment !== attachment) return;
    this.#lease.startGrace();
    this.program.questions.linkLost(attachment);
    this.program.pace();
  }

  onLinkBack(attachment: Attachment): void {
    if (this.#lease.attachment !== attachment) return;
    this.#lease.endGrace();
    this.program.questions.linkBack(attachment, this.output.end);
    this.program.pace();
  }

  onSnapshotLost(attachment: Attachment): void {
    this.#showSnapshot(attachment, attachment.hide()).catch((error: unknown) => {
      // OperationStopped: another show came between, and does what this one would have done.
      if (!(error instanceof RemotingError)) this.program.fail(error);
    });
  }

  /** Frees everything; the program must have ended. */
  dispose(): void {
    this.#lease.end(new RemotingError('SessionExited', `Session ${this.#name} has ended`));
    this.#lease.stopClocks();
    this.program.dispose();
    removeSessionFolders(this.#folders);
  }

  #start(): SessionProgram {
    const { configuration, outputBufferingMode, env } = this.#options;
    return new SessionProgram(
      {
        ...this.#options,
        env: { ...env, HOLDFAST_INSTANCE_ID: this.instanceId },
        mode: effectiveMode(outputBufferingMode, configuration),
        folders: this.#folders,
      },
      {
        onNews: (withinMs) => this.attachment?.flush(withinMs),
        backlogBytes: () => this.attachment?.backlogBytes,
        onInputWritten: (queuedBytes) => this.attachment?.settleInput(queuedBytes),
        onExited: () => this.#options.onExited(this),
        onFailed: (error) => this.#options.onFailed(this, error),
      },
    );
  }

  async #showSnapshot(attachment: Attachment, turn: number): Promise<{ from: number; notShown: number }> {
    const { offset, bytes } = await this.program.snapshot();
    if (!attachment.isCurrent(turn)) throw new RemotingError('OperationStopped', 'Another request came between');
    const from = Math.max(offset, this.output.start);
    const notShown = Math.max(0, from - this.program.output.delivered);
    this.program.questions.terminalLooks(attachment, offset);
    attachment.show(from, from + WINDOW_BYTES.initial, bytes);
    this.onOutputMoved(attachment);
    return { from, notShown };
  }

  #letProgramGoOn(attachment: Attachment): void {
    this.program.questions.nobodyLooks(attachment);
    this.program.pace();
  }
}
