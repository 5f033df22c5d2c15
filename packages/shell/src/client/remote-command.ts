import { randomUUID } from 'node:crypto';
import {
  ChannelReceiver,
  FrameKind,
  RemotingError,
  isErrorId,
  type AttachmentInfo,
  type ChannelFrame,
  type EventOf,
  type SessionEvent,
} from '@holdfast/protocol';
import { InputQueue } from './input-queue.ts';
import type { LinkChannel, ResumeEntry, ResumedEntry } from './link-channel.ts';
import type { ResumableLink } from './resumable-link.ts';

/** Unconfirmed input above which the source of stdin waits. */
const MAX_INPUT_BYTES = 1024 * 1024;

/** Where a one-shot command's output goes, and its input comes from. */
export type RemoteCommandOptions = {
  /** Absent or null: no input, which the command sees at once. */
  stdin?: AsyncIterable<Uint8Array> | null;
  /** Resolves when the bytes are used up; what is not used up holds the command back. */
  onStdout: (bytes: Buffer) => void | Promise<void>;
  onStderr: (bytes: Buffer) => void | Promise<void>;
  /** Presentation only: TERM, LANG and the like. */
  environment?: Record<string, string>;
  cwd?: string;
  configurationName?: string;
  /** From the interrupt to the kill, 0 for no kill; killAfterMs of the settings by default. */
  cancelTimeoutMs?: number | undefined;
  /** Aborting interrupts the command, and kills it when that does not end it soon. */
  signal?: AbortSignal;
};

/** Exit status of the command, 0 when a signal ended it. */
export type RemoteCommandEnd = { status: number; signal?: number };

/**
 * Runs a text in the login shell of the host, without a terminal.
 * @throws RemotingError as the host answers; OperationStopped when the signal aborted; AttachmentLost when the host
 * forgot the command while the link was down
 */
export async function runRemoteCommand(
  link: ResumableLink,
  text: string,
  options: RemoteCommandOptions,
): Promise<RemoteCommandEnd> {
  options.signal?.throwIfAborted();
  const command = new RemoteCommand(link, options);
  const onAbort = (): void => void command.stop();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await command.run(text);
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    command.dispose();
  }
}

/** One stream of output: bytes are used up one after the other. */
class OutputStream {
  readonly receiver: ChannelReceiver;
  readonly #onBytes: (bytes: Buffer) => void | Promise<void>;
  #work: Promise<void> = Promise.resolve();
  #arrived = Promise.withResolvers<void>();

  constructor(receiver: ChannelReceiver, onBytes: (bytes: Buffer) => void | Promise<void>) {
    this.receiver = receiver;
    this.#onBytes = onBytes;
    this.#work.catch(() => undefined);
  }

  accept(offset: number, payload: Buffer): void {
    const bytes = this.receiver.accept(offset, payload);
    if (bytes.length === 0) return;
    this.#work = this.#work.then(async () => {
      await this.#onBytes(bytes);
      this.receiver.consume(bytes.length);
    });
    // Told by usedUpTo; until then it is nobody's.
    this.#work.catch(() => undefined);
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  }

  /** Resolves when everything below `offset` came and was used up. @throws what onBytes threw */
  async usedUpTo(offset: number): Promise<void> {
    while (this.receiver.received < offset) await this.#arrived.promise;
    await this.#work;
  }
}

class RemoteCommand implements LinkChannel {
  readonly numbers: readonly [number, number];
  readonly watched = true;
  readonly #link: ResumableLink;
  readonly #options: RemoteCommandOptions;
  readonly #input: InputQueue;
  readonly #stdout: OutputStream;
  readonly #stderr: OutputStream;
  readonly #ended = Promise.withResolvers<EventOf<'exec.ended'>>();
  /** Rejects when the end will not be known. */
  readonly #lost = Promise.withResolvers<never>();
  #attachment: AttachmentInfo | undefined;
  #eventsTo = 0;
  #over = false;
  #stopped = false;
  #timers: NodeJS.Timeout[] = [];

  constructor(link: ResumableLink, options: RemoteCommandOptions) {
    const channel = link.takeNumber();
    const errorChannel = link.takeNumber();
    this.numbers = [channel, errorChannel];
    this.#link = link;
    this.#options = options;
    this.#input = new InputQueue(channel, 0);
    this.#stdout = new OutputStream(new ChannelReceiver(channel, link.send), options.onStdout);
    this.#stderr = new OutputStream(new ChannelReceiver(errorChannel, link.send), options.onStderr);
    // Whoever waits for the end hears of it; nobody may wait yet.
    this.#lost.promise.catch(() => undefined);
    link.add(this);
  }

  get waiting(): boolean {
    return this.#input.inFlight > 0;
  }

  async run(text: string): Promise<RemoteCommandEnd> {
    const { environment = {}, cwd, configurationName } = this.#options;
    const [channel, errorChannel] = this.numbers;
    const request = {
      channel,
      errorChannel,
      execId: randomUUID(),
      text,
      environment,
      limit: this.#stdout.receiver.limit,
      ...(cwd === undefined ? {} : { cwd }),
      ...(configurationName === undefined ? {} : { configurationName }),
    };
    const { attachment } = await this.#link.request('exec.start', request);
    this.#attachment = attachment;
    return Promise.race([this.#finish(), this.#lost.promise, failureOf(this.#feed())]);
  }

  /** Interrupts the command; kills it when it does not end soon; gives up on a host that does not answer. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const { killAfterMs } = this.#link.settings;
    const { cancelTimeoutMs = killAfterMs } = this.#options;
    const stopped = new RemotingError('OperationStopped', 'The command was stopped');
    if (cancelTimeoutMs > 0) {
      this.#timers = [
        setTimeout(() => void this.#signal('KILL'), cancelTimeoutMs),
        setTimeout(() => this.#lost.reject(stopped), cancelTimeoutMs + killAfterMs),
      ];
    }
    await this.#signal('INT');
  }

  dispose(): void {
    this.#over = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#link.remove(this);
    this.#stdout.receiver.dispose();
    this.#stderr.receiver.dispose();
    this.#lost.reject(new RemotingError('OperationStopped', 'The command is over'));
  }

  readonly nextFrame = (): Buffer | undefined => {
    return this.#attachment === undefined || this.#over ? undefined : this.#input.nextFrame();
  };

  readonly onFrame = (frame: ChannelFrame): void => {
    if (frame.kind === FrameKind.ack) {
      this.#input.onAck(frame.received, frame.limit);
      this.#link.wake(this);
    } else if (frame.kind === FrameKind.data) {
      const stream = frame.channel === this.numbers[0] ? this.#stdout : this.#stderr;
      stream.accept(frame.offset, frame.payload);
    }
  };

  readonly onEvent = (event: SessionEvent): void => {
    if (event.seq <= this.#eventsTo) return;
    this.#eventsTo = event.seq;
    if (event.type === 'exec.ended') this.#ended.resolve(event);
  };

  readonly resumeEntries = (): ResumeEntry[] => {
    if (this.#attachment === undefined || this.#over) return [];
    const { attachmentId, incarnation } = this.#attachment;
    return [this.#stdout, this.#stderr].map(({ receiver }) => {
      receiver.restart();
      const { channel, received: receivedTo, limit } = receiver;
      return { channel, attachmentId, incarnation, receivedTo, limit, eventsTo: this.#eventsTo };
    });
  };

  readonly onResumed = (entries: readonly ResumedEntry[]): void => {
    const input = entries.find((entry) => entry.channel === this.numbers[0]);
    if (input?.inputReceived === undefined) {
      const { error = 'AttachmentLost', message } = input?.error ?? {};
      const isGone = error === 'AttachmentLost' || message === undefined;
      const reason = isGone ? 'The host does not have the command any more: how it ended is not known' : message;
      this.#lost.reject(new RemotingError(isErrorId(error) ? error : 'InternalError', reason));
      return;
    }
    this.#input.resume(input.inputReceived);
    this.#link.wake(this);
  };

  readonly onConnectionClosed = (error: RemotingError): void => this.#lost.reject(error);

  async #finish(): Promise<RemoteCommandEnd> {
    const { at, errorAt, status, signal } = await this.#ended.promise;
    await Promise.all([this.#stdout.usedUpTo(at), this.#stderr.usedUpTo(errorAt)]);
    if (this.#stopped) throw new RemotingError('OperationStopped', 'The command was stopped');
    return signal === undefined ? { status } : { status, signal };
  }

  async #feed(): Promise<void> {
    for await (const bytes of this.#options.stdin ?? []) {
      if (this.#over) return;
      this.#input.append(Buffer.from(bytes));
      this.#link.wake(this);
      await Promise.race([this.#input.room(MAX_INPUT_BYTES), this.#ended.promise, this.#lost.promise]);
    }
    if (this.#over) return;
    try {
      await this.#link.request('channel.end', { channel: this.numbers[0], at: this.#input.end });
    } catch {
      // The command ended without reading all of its input, and its end says more.
    }
  }

  async #signal(signal: 'INT' | 'KILL'): Promise<void> {
    try {
      await this.#link.request('exec.signal', { channel: this.numbers[0], signal });
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Never resolves; rejects when `work` does, since a source of input that fails ends the command. */
async function failureOf(work: Promise<void>): Promise<never> {
  await work;
  return new Promise<never>(() => undefined);
}
