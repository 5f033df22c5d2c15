import { FrameKind, decodeFrame } from '@holdfast/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WatchedScreen } from '../session/watched-screen.ts';
import { Viewer } from '../testing/viewer.ts';
import { cellAt } from './buffer-text.ts';
import type { Corner, Size } from './painting.ts';
import { rendition } from './rendition.ts';
import { Screen } from './screen.ts';

/** `npm run soak` sets more. */
const RUNS = Number(process.env['HOLDFAST_PROPERTY_RUNS'] ?? 60);
const WHOLE = { columns: 20, rows: 6 };

const number = fc.integer({ min: 1, max: 25 });
const step = fc.oneof(
  fc
    .constantFrom('word ', '漢字', 'é', 'a\u0301', '\r\n', '\t', 'x'.repeat(30), '\n\n\n', '🙂')
    .map((text) => ({ text })),
  fc.tuple(number, number).map(([y, x]) => ({ text: `\x1b[${y};${x}H` })),
  fc.tuple(number, fc.constantFrom(...'ABCDGJKLMPSTX@'.split(''))).map(([n, end]) => ({ text: `\x1b[${n}${end}` })),
  fc.constantFrom('0', '1', '7', '31', '44', '38;5;200', '48;2;1;2;3', '4:3').map((pen) => ({ text: `\x1b[${pen}m` })),
  fc
    .constantFrom('[?1049h', '[?1049l', '[?25l', '[?25h', '[5 q', '[2;4r', '[r', '[?1003h', '[?2004h', '7', '8', 'M')
    .map((end) => ({ text: `\x1b${end}` })),
  fc
    .constantFrom('\x07', '\x1b[c', '\x1b[6n', '\x1b]52;c;YWJj\x07', '\x1b]11;?\x07', '\x1b[>q')
    .map((text) => ({ text })),
  fc.record({ columns: fc.integer({ min: 4, max: 30 }), rows: fc.integer({ min: 2, max: 9 }) }),
);
const size = fc.record({ columns: fc.integer({ min: 3, max: 30 }), rows: fc.integer({ min: 2, max: 10 }) });

/** A watcher's terminal, and what is painted on it. */
class Painted {
  readonly viewer: Viewer;
  corner: Corner = { left: 0, top: 0 };
  readonly #screen: WatchedScreen;
  #wake = Promise.withResolvers<void>();

  constructor(screen: Screen, of: Size) {
    this.viewer = new Viewer(of.columns, of.rows, 0);
    this.#screen = new WatchedScreen(1, {
      paint: (asked, corner) => {
        const painted = screen.paint(asked, corner);
        this.corner = painted.painting.corner;
        return painted;
      },
      intervalMs: 0,
      wake: () => this.#wake.resolve(),
    });
    this.#screen.begin(of);
  }

  changed(): void {
    this.#screen.changed();
  }

  async update(): Promise<void> {
    for (let first = this.#screen.nextFrame(); ; first = this.#screen.nextFrame()) {
      if (first !== undefined) return this.#show(first);
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
  }

  async #show(first: Buffer): Promise<void> {
    for (let frame: Buffer | undefined = first; frame !== undefined; frame = this.#screen.nextFrame()) {
      const { kind, ...rest } = decodeFrame(frame);
      if (kind !== FrameKind.snapshot || !('offset' in rest)) throw new Error('No snapshot');
      await this.viewer.show(rest.payload);
      if (rest.payload.length === 0) this.#screen.onAck(rest.offset);
    }
  }
}

/** Characters and looks of a terminal's window; of a wide character that the window cuts, a blank. */
function seen({ emulator }: Viewer, { left, top }: Corner, { columns, rows }: Size): string[] {
  const { active } = emulator.terminal.buffer;
  return Array.from({ length: rows }, (_, row) => {
    const line = active.getLine(active.baseY + top + row);
    const cells = Array.from({ length: columns }, (_none, at) => {
      const cell = line && cellAt(line, left + at);
      if (cell === undefined) return ' ';
      const isCut = (at === 0 && cell.getWidth() === 0) || at + cell.getWidth() > columns;
      const characters = isCut || cell.getChars() === '' ? ' ' : cell.getChars();
      // Of a blank nothing is seen but what is behind it.
      const isPlain = characters === ' ' && cell.isBgDefault() && cell.isInverse() === 0 && cell.isUnderline() === 0;
      return isPlain ? ' ' : `{${rendition(cell)}}${characters}`;
    });
    return cells.join('');
  });
}

async function expectSeen(steps: readonly ({ text: string } | Size)[], of: Size): Promise<void> {
  const original = new Viewer(WHOLE.columns, WHOLE.rows, 10);
  const screen = new Screen(WHOLE.columns, WHOLE.rows, { scrollback: 10, onChanged: () => painted.changed() });
  const painted = new Painted(screen, of);
  let end = 0;
  await painted.update();
  for (const one of steps) {
    if ('text' in one) {
      const bytes = Buffer.from(one.text);
      await original.show(bytes);
      screen.write(bytes, (end += bytes.length));
    } else {
      original.emulator.terminal.resize(one.columns, one.rows);
      screen.resize(one.columns, one.rows);
    }
    await screen.snapshot();
    await painted.update();
    const { cols, rows, buffer } = original.emulator.terminal;
    const shared = { columns: Math.min(cols, of.columns), rows: Math.min(rows, of.rows) };
    expect(seen(painted.viewer, { left: 0, top: 0 }, shared)).toEqual(seen(original, painted.corner, shared));
    const { cursorX, cursorY } = painted.viewer.emulator.terminal.buffer.active;
    expect(painted.viewer.emulator.cursorHidden).toBe(original.emulator.cursorHidden);
    if (!original.emulator.cursorHidden) {
      const { left, top } = painted.corner;
      const at = [Math.min(buffer.active.cursorX, cols - 1) - left, buffer.active.cursorY - top];
      expect([cursorX, cursorY]).toEqual(at);
    }
  }
  screen.dispose();
  expect([painted.viewer.typed, painted.viewer.noise, painted.viewer.modes['mouseEncoding']]).toEqual([
    '',
    [],
    'DEFAULT',
  ]);
  const { mouseTrackingMode, bracketedPasteMode } = painted.viewer.emulator.terminal.modes;
  expect([mouseTrackingMode, bracketedPasteMode]).toEqual(['none', false]);
}

test('what a watcher’s terminal of any size shows is its part of the screen, after every step of any program', async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 25 }), size, expectSeen);
  await fc.assert(property, { numRuns: RUNS, seed: Number(process.env['HOLDFAST_TEST_SEED'] ?? 11) });
}, 600_000);
