import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventOf, EventType, SessionEvent } from '@holdfast/protocol';
import { FifoPool } from '../session/fifo-pool.ts';
import { parseHostSettings } from '../session/host-settings.ts';
import { DEFAULT_CONFIGURATION } from '../session/session-configuration.ts';
import type { SessionRecording } from '../session/session-recording.ts';
import { SessionProgram } from '../session/session-program.ts';
import { testEnvironment } from './host-client.ts';

/** A session's program with a shell of its own, in a folder of its own. */
export class TestProgram implements AsyncDisposable {
  readonly program: SessionProgram;
  readonly seen: SessionEvent[] = [];
  /** Errors of ours that ended it. */
  readonly errors: unknown[] = [];
  /** Output that waits for a holder who looks. */
  backlogBytes: number | undefined;
  readonly #folder = mkdtempSync(join(tmpdir(), 'hf-program-'));
  readonly #pipes = new FifoPool(this.#folder);
  #waiters: (() => void)[] = [];

  /** @param options.outputFolder for output that memory does not hold; else the folder of its own */
  constructor(
    options: {
      outputBufferBytes?: number;
      mode?: 'Drop' | 'Block';
      outputFolder?: string;
      settings?: Record<string, number>;
      recording?: SessionRecording;
    } = {},
  ) {
    const { outputBufferBytes = DEFAULT_CONFIGURATION.outputBufferBytes, settings = {} } = options;
    this.program = new SessionProgram(
      {
        configuration: { ...DEFAULT_CONFIGURATION, outputBufferBytes },
        env: testEnvironment(),
        cwd: '/',
        columns: 80,
        rows: 24,
        mode: options.mode ?? 'Block',
        folders: { drivers: this.#folder, output: options.outputFolder ?? this.#folder },
        pipes: this.#pipes,
        settings: parseHostSettings(JSON.stringify(settings)),
        recording: options.recording,
      },
      {
        onNews: () => {
          this.seen.push(...this.program.events.tell(this.seen.length, ''));
          for (const wake of this.#waiters.splice(0)) wake();
        },
        onScreen: () => undefined,
        backlogBytes: () => this.backlogBytes,
        onInputWritten: () => undefined,
        onExited: () => undefined,
        onFailed: (error) => this.errors.push(error),
      },
    );
  }

  /** The first event of a type, now or later. */
  event<T extends EventType>(type: T, isWanted: (event: EventOf<T>) => boolean = () => true): Promise<EventOf<T>> {
    return this.until(() =>
      this.seen.find((event): event is EventOf<T> & SessionEvent => {
        // The type is compared just before.
        return event.type === type && isWanted(event as EventOf<T> & SessionEvent);
      }),
    );
  }

  /** Waits until `probe` gives something, looking after all that the program tells. */
  async until<T>(probe: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = probe();
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** What stands in the log from an offset to another, byte for byte. */
  log(from = 0, to = this.program.output.end): string {
    const pieces: Uint8Array[] = [];
    for (let at = from; at < to;) {
      const piece = this.program.output.readFrom(at, to - at) ?? Buffer.alloc(to - at);
      pieces.push(piece);
      at += piece.length;
    }
    return Buffer.concat(pieces).toString('latin1');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program.stop();
    this.program.dispose();
    await this.#pipes.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
