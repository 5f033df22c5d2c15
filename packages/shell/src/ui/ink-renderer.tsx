import { Readable, Writable } from 'node:stream';
import { type Instance, render } from 'ink';
import { wantsColour, withoutColour } from './colour.ts';
import { Frame, type FrameModel } from './frame.tsx';

/** A terminal for Ink that is none: it has a size, and each frame that is written is kept. */
class FrameSink extends Writable {
  readonly isTTY = true;
  readonly rows = 1000;
  columns: number;
  frame = '';

  constructor(columns: number) {
    super({ decodeStrings: false });
    this.columns = columns;
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.frame = chunk;
    done();
  }
}

/**
 * Ink as a renderer: a model in, rows of text out, at once. What reaches the real terminal, and when, is decided by
 * whoever owns it; Ink would leave a blank row below its frame and could not be taken away in the same turn.
 */
export class InkRenderer {
  readonly #sink: FrameSink;
  readonly #colour: boolean;
  #instance: Instance | undefined;

  constructor(columns: number, colour: boolean = wantsColour()) {
    this.#sink = new FrameSink(columns);
    this.#colour = colour;
  }

  /** @returns the rows of the frame, each no wider than `columns` */
  render(model: FrameModel, columns: number): string[] {
    this.#sink.columns = columns;
    const element = <Frame {...model} />;
    if (this.#instance === undefined) this.#instance = this.#mount(element);
    else this.#instance.rerender(element);
    const { frame } = this.#sink;
    return (this.#colour ? frame : withoutColour(frame)).split('\n');
  }

  [Symbol.dispose](): void {
    this.#instance?.unmount();
  }

  #mount(element: Parameters<typeof render>[0]): Instance {
    // `debug` writes every frame whole and unthrottled, which is what is wanted here.
    return render(element, {
      stdout: this.#sink,
      // Keys come from the terminal's one router; Ink never reads.
      stdin: new Readable({ read: () => {} }),
      debug: true,
      interactive: true,
      patchConsole: false,
      exitOnCtrlC: false,
    });
  }
}
