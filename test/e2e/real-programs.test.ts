import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { penSequences } from '../../packages/agent/src/terminal/buffer-text.ts';
import { Viewer, rowTexts } from '../../packages/agent/src/testing/viewer.ts';
import { HOLDFAST, type Machine } from '../support/machine.ts';
import { needProgram } from '../support/need-program.ts';
import { makeSecondMachine, startRemote, type Remote } from '../support/remote.ts';
import { Tmux } from '../support/tmux.ts';

const SMALL = { columns: 80, rows: 24 };
const LARGE = { columns: 101, rows: 31 };

const MODES = `alternate_on cursor_flag insert_flag keypad_cursor_flag keypad_flag mouse_any_flag mouse_all_flag
  mouse_button_flag mouse_standard_flag mouse_sgr_flag origin_flag wrap_flag scroll_region_upper scroll_region_lower
  cursor_x cursor_y`
  .split(/\s+/)
  .map((name) => `${name}=#{${name}}`)
  .join(' ');

/** A full-screen program of our own: two colours, wide characters at the margin, a frame, a hidden cursor, the mouse. */
const FRAME = String.raw`
const out = (text) => process.stdout.write(text);
function draw() {
  const { columns, rows } = process.stdout;
  out('\x1b[?1049h\x1b[?25l\x1b[?1002h\x1b[?1006h\x1b[2J\x1b[3;' + (rows - 2) + 'r');
  out('\x1b[1;1H\x1b[44;97m 日本語 frame of ' + columns + ' x ' + rows + ' \x1b[K\x1b[m');
  for (let row = 3; row < rows - 1; row += 1) {
    out('\x1b[' + row + ';1H\x1b[3' + (row % 8) + 'm\x1b(0x\x1b(B \x1b[38;2;200;' + row * 5 + ';9mline ' + row + ' 語語\x1b[m');
    out('\x1b[' + row + ';' + (columns - 3) + 'H\x1b[7m漢字\x1b[m');
  }
  out('\x1b[' + rows + ';1H\x1b[4mready\x1b[24m\x1b[' + rows + ';' + (columns - 9) + 'H\x1b[1;35mé e\u0301 ✓ end\x1b[m\x1b[5;9H');
}
process.stdin.setRawMode(true).resume();
process.stdout.on('resize', draw);
draw();
`;

type Program = {
  /** What is run; in the home of the host. */
  command: string;
  /** The screen shows it. */
  shows: RegExp;
  /** Then these keys come, and the screen shows that. */
  keys?: string[];
  thenShows?: RegExp;
  needs: string[];
  /** What it shows changes by itself. */
  moves?: boolean;
};

const PROGRAMS: Record<string, Program> = {
  'vim with colours in three windows': {
    command: "vim --clean -n -i NONE -c 'set nomore mouse=a laststatus=2 | syntax on | split | vsplit' sample.c",
    shows: /sample\.c[^]*sample\.c/,
    keys: ['/', 'while', 'Enter', 'z', 't', 'A', '=', 'typed'],
    thenShows: /=typed/,
    needs: ['vim'],
  },
  'less in the middle of a file': {
    command: 'less -R -M lines.txt',
    shows: /line 15/,
    keys: ['4', '0', '0', 'g', '/', '4', '1', '7', 'Enter'],
    thenShows: /line 417/,
    needs: ['less'],
  },
  top: { command: 'top -d 900', shows: /PID +USER/, needs: ['top'], moves: true },
  'tmux inside': {
    command: 'tmux -L inner -f inner.conf new-session "cat lines.txt; exec cat" \\; split-window -h "exec cat"',
    shows: /│[^]*inner 0:/,
    needs: ['tmux'],
  },
  'a full-screen Node program': { command: `${process.execPath} frame.js`, shows: /ready[^]*end/, needs: [] },
};

let remote: Remote;
let second: Machine;

beforeAll(async () => {
  remote = await startRemote();
  second = makeSecondMachine(remote);
  for (const machine of [remote.client, second]) machine.clientSettings = { noticeMs: 1000 };
  const { home } = remote.host;
  const lines = Array.from(
    { length: 900 },
    (_, at) => `\x1b[3${at % 8}mline ${at}\x1b[m ${'日本 text '.repeat(at % 15)}`,
  );
  writeFileSync(join(home, 'lines.txt'), `${lines.join('\n')}\n`);
  const code = 'int main(void) {\n  int n = 1; /* 日本 */\n  while (n < 100) n *= 2;\n  return "text"[0];\n}\n';
  writeFileSync(join(home, 'sample.c'), `#include <stdio.h>\n${code.repeat(20)}`);
  writeFileSync(join(home, 'frame.js'), FRAME);
  writeFileSync(
    join(home, 'inner.conf'),
    "set -g status-right ''\nset -g status-left 'inner '\nset -g mouse on\nsetw -g automatic-rename off\n",
  );
}, 60_000);

afterAll(async () => {
  second[Symbol.dispose]();
  await remote[Symbol.asyncDispose]();
});

type Look = { cells: string[]; modes: string };

/** All that tmux can tell of its window: cells with their colours, cursor, modes. */
async function look(window: Tmux, { columns, rows }: typeof SMALL): Promise<Look> {
  // tmux tells blanks that were written from cells where nothing is; nobody sees it.
  const viewer = new Viewer(columns, rows, 0);
  const { emulator } = viewer;
  const plain = `{${penSequences(emulator, emulator.pen)}}`;
  // Line drawing comes between SO and SI.
  await viewer.show(`\x1b[?7l\x1b)0${window.cells().trimEnd().replaceAll('\n', '\r\n')}`);
  const cells = rowTexts(emulator, emulator.terminal.buffer.active, 0);
  const seen = cells.map((row) => row.replaceAll(plain, '{0}').replaceAll(' ', '·'));
  return { cells: seen, modes: window.format(MODES) };
}

/** A client that takes the session; resolves when the line on what runs there has gone, and what it covered has come again. */
class Taker extends Tmux {
  readonly #record = join(remote.client.home, `${randomUUID()}.bytes`);
  readonly #size: typeof SMALL;

  constructor(enter: readonly string[], machine: Machine, size: typeof SMALL) {
    super([...enter, '--take'], { env: machine.env, ...size });
    this.#size = size;
    this.record(this.#record);
  }

  async settled(): Promise<Look> {
    // Each snapshot begins so.
    const snapshots = (): number => readFileSync(this.#record, 'latin1').split('\x18\x1b\\').length - 1;
    await expect.poll(snapshots).toBe(2);
    return settled(this, this.#size);
  }
}

/** The window as it is when it has stopped changing. */
async function settled(window: Tmux, size: typeof SMALL): Promise<Look> {
  let before = '';
  for (let same = 0; same < 4;) {
    // Nobody tells when a program has drawn all of it.
    await delay(50);
    const now = window.cells() + window.format(MODES);
    same = now === before ? same + 1 : 0;
    before = now;
  }
  return look(window, size);
}

function withoutCursor({ modes }: Look): string {
  return modes.replace(/cursor_x.*/, '');
}

async function start(window: Tmux, program: Program): Promise<void> {
  window.line(`clear; ${program.command}`);
  await window.waitFor(program.shows);
  for (const key of program.keys ?? []) window.keys(key);
  if (program.thenShows !== undefined) await window.waitFor(program.thenShows);
}

describe('a program that another client attaches in the middle', () => {
  test.concurrent.each(Object.entries(PROGRAMS))('%s', async (title, program) => {
    for (const need of ['tmux', ...program.needs]) needProgram(need);
    const enter = [HOLDFAST, 'enter', 'srv1', '--name', `w${title.length}`];
    using here = new Tmux(enter, { env: remote.client.env, ...SMALL });
    await here.waitFor(/\[srv1\] ~>\s*$/);
    await start(here, program);
    const shown = await settled(here, SMALL);

    // One of the same size sees the same, without a repaint of the program.
    using there = new Taker(enter, second, SMALL);
    expect(await there.settled()).toEqual(shown);

    // One of another size sees what the program draws for it, as if it had run in that terminal.
    using larger = new Taker(enter, remote.client, LARGE);
    const repainted = await larger.settled();
    if (program.moves === true) {
      expect(withoutCursor(repainted)).toBe(withoutCursor(shown).replace('lower=23', 'lower=30'));
    } else {
      using straight = new Tmux(['bash', '--norc'], { env: remote.host.env, cwd: remote.host.home, ...SMALL });
      await start(straight, { ...program, command: program.command.replace('-L inner', '-L straight') });
      await settled(straight, SMALL);
      straight.resize(LARGE.columns, LARGE.rows);
      expect(repainted).toEqual(await settled(straight, LARGE));
    }
  });
});
