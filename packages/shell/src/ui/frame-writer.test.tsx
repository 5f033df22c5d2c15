import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Emulator } from '../../../agent/src/terminal/emulator.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { InkRenderer } from './ink-renderer.tsx';
import { layoutPrompt } from './prompt-layout.ts';
import { PromptScreen } from './prompt-screen.ts';

const COLUMNS = 20;
const ROWS = 8;

/** A prompt screen on an emulated terminal. */
function setup() {
  const emulator = new Emulator(COLUMNS, ROWS, 100);
  let written = '';
  const terminal: Terminal = {
    columns: COLUMNS,
    rows: ROWS,
    typedAt: -Infinity,
    waiting: false,
    write: (data, done) => {
      written += Buffer.from(data).toString();
      done?.();
    },
    read: () => {},
    unread: () => {},
    onResize: () => () => {},
  };
  const renderer = new InkRenderer(COLUMNS);
  const screen = new PromptScreen(terminal, renderer);
  const type = (text: string, cursor = text.length): void => {
    const layout = layoutPrompt({ prompt: '~> ', text, cursor }, COLUMNS, ROWS - 1);
    screen.show({ kind: 'prompt', layout });
  };
  /** The screen's rows without blanks at their ends, and the cursor. */
  const look = async (): Promise<string[]> => {
    await new Promise<void>((resolve) => emulator.terminal.write(written, resolve));
    written = '';
    const { active } = emulator.terminal.buffer;
    const rows = Array.from(
      { length: ROWS },
      (_, y) => active.getLine(active.baseY + y)?.translateToString(true) ?? '',
    );
    return [...rows, `${active.cursorX},${active.cursorY}`];
  };
  return { screen, type, look, dispose: () => renderer[Symbol.dispose]() };
}

test('PromptScreen draws at the end of the output without a row below, and scrolls when it must', async () => {
  const { screen, type, look, dispose } = setup();
  screen.print('one\ntwo\n');
  type('ls');
  expect(await look()).toEqual(['one', 'two', '~> ls', '', '', '', '', '', '5,2']);
  screen.print('a\nb\nc\nd\ne\n');
  expect(await look()).toEqual(['one', 'two', 'a', 'b', 'c', 'd', 'e', '~> ls', '5,7']);
  type('x'.repeat(20), 0);
  expect(await look()).toEqual(['two', 'a', 'b', 'c', 'd', 'e', `~> ${'x'.repeat(17)}`, 'xxx', '3,6']);
  screen.setStatus('link lost');
  expect((await look()).slice(-4)).toEqual([`~> ${'x'.repeat(17)}`, 'xxx', 'link lost', '3,5']);
  screen.setStatus(undefined);
  screen.hide('~> done');
  expect((await look()).slice(-5)).toEqual(['e', '~> done', '', '', '0,6'].slice(-5));
  dispose();
});

test('PromptScreen marks output that lacks its newline', async () => {
  const { screen, type, look, dispose } = setup();
  screen.printBytes(Buffer.from('no newline'));
  type('ls');
  expect((await look()).slice(0, 2).map((row) => row.trimEnd())).toEqual(['no newline%', '~> ls']);
  dispose();
});

test('PromptScreen shows after any changes what it would show at once', async () => {
  const lines = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '語', '\t'), maxLength: 50 });
  await fc.assert(
    fc.asyncProperty(fc.array(lines, { minLength: 1, maxLength: 6 }), fc.nat(), async (texts, at) => {
      const changed = setup();
      for (const text of texts) changed.type(text, text.length);
      const last = texts.at(-1) ?? '';
      const cursor = at % (last.length + 1);
      changed.type(last, cursor);
      const fresh = setup();
      fresh.type(last, cursor);
      const visible = (rows: string[]): string => rows.slice(0, -1).join('\n').trim();
      const [now, then] = [await changed.look(), await fresh.look()];
      expect(visible(now)).toBe(visible(then));
      expect(now.at(-1)?.split(',')[0]).toBe(then.at(-1)?.split(',')[0]);
      changed.dispose();
      fresh.dispose();
    }),
    { numRuns: 150 },
  );
});
