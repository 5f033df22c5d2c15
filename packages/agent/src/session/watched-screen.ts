import type { Corner, Painting, Size } from '../terminal/painting.ts';
import { snapshotFrames } from './snapshot-frames.ts';

/** Paints the screen as it is now; `offset` is behind the last byte that it shows. */
export type Painter = (size: Size, corner: Corner) => { offset: number; painting: Painting };

/** Begins and ends what a terminal that can do so shows at once. */
const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';
const FRESH = '\x1b[?7l\x1b[m\x1b[2J';

/**
 * What a watcher is sent of the screen: snapshots, each of the rows that changed since the one before. The next one waits
 * until the last was acknowledged, and for a moment; whatever was on the screen between is left out.
 */
export class WatchedScreen {
  readonly #channel: number;
  readonly #paint: Painter;
  readonly #intervalMs: number;
  readonly #wake: () => void;
  #size: Size | undefined;
  #corner: Corner = { left: 0, top: 0 };
  /** What the client's terminal shows; undefined when that is not known. */
  #shown: readonly string[] | undefined;
  #cursor = '';
  #frames: Buffer[] = [];
  #changed = false;
  /** Offset of the snapshot that is not acknowledged. */
  #sentTo: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param options.wake there may be frames to send */
  constructor(channel: number, options: { paint: Painter; intervalMs: number; wake: () => void }) {
    this.#channel = channel;
    this.#paint = options.paint;
    this.#intervalMs = options.intervalMs;
    this.#wake = options.wake;
  }

  /** Paints the whole screen on a terminal of this size next, and then what changes; also over a new link. */
  begin(size: Size | undefined = this.#size): void {
    this.stop();
    this.#size = size;
    this.#changed = size !== undefined;
  }

  /** Nobody looks. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#size = undefined;
    this.#shown = undefined;
    this.#frames = [];
    this.#sentTo = undefined;
  }

  /** The screen may look different. */
  changed(): void {
    if (this.#size === undefined) return;
    this.#changed = true;
    this.#wakeIfDue();
  }

  nextFrame(): Buffer | undefined {
    if (this.#frames.length === 0 && this.#size !== undefined && this.#isDue) this.#paintNext(this.#size);
    return this.#frames.shift();
  }

  onAck(received: number): void {
    if (this.#sentTo === undefined || received < this.#sentTo) return;
    this.#sentTo = undefined;
    this.#wakeIfDue();
  }

  get #isDue(): boolean {
    return this.#changed && this.#sentTo === undefined && this.#timer === undefined;
  }

  #wakeIfDue(): void {
    if (this.#isDue) this.#wake();
  }

  #paintNext(size: Size): void {
    const { offset, painting } = this.#paint(size, this.#corner);
    const text = this.#difference(painting);
    this.#corner = painting.corner;
    this.#shown = painting.rows;
    this.#cursor = painting.cursor;
    this.#changed = false;
    this.#sentTo = offset;
    this.#frames = snapshotFrames(this.#channel, offset, Buffer.from(text));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#wakeIfDue();
    }, this.#intervalMs);
  }

  #difference({ rows, cursor }: Painting): string {
    const before = this.#shown;
    const changed = rows.flatMap((text, at) => {
      if (before === undefined) return text === '' ? [] : [`\x1b[${at + 1};1H${text}`];
      return before[at] === text ? [] : [`\x1b[${at + 1};1H\x1b[m\x1b[2K${text}`];
    });
    if (before !== undefined && changed.length === 0 && cursor === this.#cursor) return '';
    return `${BEGIN}${before === undefined ? FRESH : ''}${changed.join('')}${cursor}${END}`;
  }
}
