import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RemotingError } from '@holdfast/protocol';
import type { RecordingSettings } from './recording-settings.ts';
import { SessionRecording, type RecordingHeader } from './session-recording.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A recording that was not written or touched for so long is over, whichever process wrote it: see RecordingFile. */
const OVER_MS = 60 * 60 * 1000;
const NAME_LENGTH = 64;

/** Which recordings of ended sessions are kept. */
type Limits = { recordingDays: number; recordingBytes: number };

/** Whose recording begins. */
type Recorded = { sessionId: number; instanceId: string; name: string; columns: number; rows: number };

/** The recordings of one user's sessions: a file each, in a folder of their own. */
export class Recordings {
  readonly #folder: string;
  readonly #limits: () => Limits;
  readonly #flushMs: number;

  constructor(options: { folder: string; limits: () => Limits; flushMs: number }) {
    this.#folder = options.folder;
    this.#limits = options.limits;
    this.#flushMs = options.flushMs;
  }

  /**
   * Begins a recording if the configuration wants one, and removes old ones.
   * @throws RemotingError OutOfResources when it cannot be written and no session is to be without
   */
  begin(
    settings: RecordingSettings | undefined,
    { sessionId, instanceId, name, columns, rows }: Recorded,
    env: Record<string, string>,
  ): SessionRecording | undefined {
    if (settings?.enabled !== true) return undefined;
    const [date = ''] = new Date().toISOString().replaceAll(/[-:]/g, '').split('.', 1);
    const path = join(this.#folder, `${date}Z-${sessionId}-${fileName(name)}-${instanceId.slice(0, 8)}.cast`);
    const header: RecordingHeader = {
      columns,
      rows,
      title: `${name} (session ${sessionId})`,
      terminal: env['TERM'],
      shell: env['SHELL'] ?? '',
    };
    this.#prepare();
    const recording = new SessionRecording({ path, settings, flushMs: this.#flushMs, header });
    if (recording.problem === undefined || !recording.stopsSession) return recording;
    throw new RemotingError('OutOfResources', `No session can be opened: it cannot be recorded: ${recording.problem}`);
  }

  /** What goes wrong here shows when the file is made. */
  #prepare(): void {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      this.#removeOld();
    } catch {
      // See above.
    }
  }

  #removeOld(): void {
    const { recordingDays, recordingBytes } = this.#limits();
    const now = Date.now();
    const files = readdirSync(this.#folder)
      .filter((name) => name.endsWith('.cast'))
      .flatMap((name) => {
        const path = join(this.#folder, name);
        const stat = statSync(path, { throwIfNoEntry: false });
        return stat === undefined ? [] : [{ path, bytes: stat.size, age: now - stat.mtimeMs }];
      })
      .toSorted((a, b) => a.age - b.age);
    let kept = 0;
    for (const { path, bytes, age } of files) {
      kept += bytes;
      const isOld = age > recordingDays * DAY_MS || kept > recordingBytes;
      if (isOld && age > OVER_MS) rmSync(path, { force: true });
    }
  }
}

/** A session's name as a part of a file's. */
function fileName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, NAME_LENGTH);
}
