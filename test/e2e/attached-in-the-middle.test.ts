import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HOLDFAST } from '../support/machine.ts';
import { needProgram } from '../support/need-program.ts';
import { startRemote } from '../support/remote.ts';
import { Tmux } from '../support/tmux.ts';

const FLAGS = [
  '#{cursor_x},#{cursor_y} #{alternate_on} #{cursor_flag} #{mouse_any_flag} #{mouse_sgr_flag} #{keypad_flag}',
  '#{keypad_cursor_flag} #{wrap_flag} #{origin_flag} #{insert_flag} #{scroll_region_upper}-#{scroll_region_lower}',
].join(' ');

/** A full-screen program in Node that draws all anew only when its size changes. */
const NODE_PROGRAM = `
process.stdin.setRawMode(true);
let keys = 0;
const draw = () => {
  const { columns, rows } = process.stdout;
  const bar = 'q'.repeat(columns - 2);
  process.stdout.write('\\x1b[2J\\x1b[H\\x1b[36m\\x1b(0l' + bar + 'k\\x1b[' + rows + ';1Hm' + bar + 'j\\x1b(B\\x1b[m');
  process.stdout.write('\\x1b[3;5H\\x1b[1;44m漢字 \\x1b[38;2;250;200;10mcolour\\x1b[m');
  count();
};
const count = () => process.stdout.write('\\x1b[5;5Hkeys: \\x1b[7m' + keys + '\\x1b[m\\x1b[K');
process.stdout.write('\\x1b[?1049h\\x1b[?25l\\x1b[?1002h\\x1b[?1006h\\x1b[?2004h');
process.stdout.on('resize', draw);
process.stdin.on('data', (text) => {
  keys += text.length;
  if (String(text) === 'q') { process.stdout.write('\\x1b[?1049l\\x1b[?25h\\x1b[?1002l\\x1b[?1006l\\x1b[?2004l'); process.exit(); }
  count();
});
draw();
`;

type Program = {
  readonly name: string;
  readonly needs: readonly string[];
  readonly command: string;
  /** On its screen as soon as it waits, and after the keys. */
  readonly begun: RegExp;
  readonly keys: string;
  readonly after: RegExp;
  /** What differs from moment to moment does not count. */
  readonly compared?: (cells: string) => string;
};

const PROGRAMS: readonly Program[] = [
  {
    name: 'vim',
    needs: ['vim'],
    command: "vim --clean -i NONE -n -c 'set nu mouse=a' -c 'syntax on' -c split lines.txt",
    begun: / 1 line 1[^0-9]/,
    keys: 'G',
    after: /300 line 300/,
  },
  { name: 'less', needs: ['less'], command: 'less -M lines.txt', begun: /lines\.txt/, keys: 'G', after: /line 300/ },
  {
    name: 'top',
    needs: ['top'],
    command: 'top -d 900 -p 1',
    begun: /PID USER/,
    keys: 'c',
    after: /PID USER/,
    compared: (cells) => cells.replaceAll(/[\s\d.:,]+/g, ' '),
  },
  {
    name: 'tmux inside',
    needs: ['tmux'],
    command:
      "tmux -L inside-$$ -f /dev/null new-session 'cat lines.txt - ' \\; set status-right '' \\; split-window 'cat'",
    begun: /line 300[^]*\[0\]/,
    keys: 'typed',
    after: /typed/,
  },
  {
    name: 'a full-screen program in Node',
    needs: [],
    command: 'node program.cjs',
    begun: /keys: 0/,
    keys: 'abc',
    after: /keys: 3/,
  },
];

describe('a program is shown to who attaches in the middle as to who never went', () => {
  test.each(PROGRAMS)('$name', async ({ needs, command, begun, keys, after, compared = (cells: string) => cells }) => {
    for (const program of ['tmux', ...needs]) needProgram(program);
    await using remote = await startRemote({ bashrc: "PS1='$ '\n" });
    const { home, env } = remote.host;
    writeFileSync(join(home, 'lines.txt'), Array.from({ length: 300 }, (_, at) => `line ${at + 1} 漢字 é\n`).join(''));
    writeFileSync(join(home, 'program.cjs'), NODE_PROGRAM);
    using never = new Tmux(['bash', '-c', command], { env: { ...env, TERM: 'xterm-256color' }, cwd: home });
    const enter = (take: boolean, columns: number, rows: number): Tmux =>
      new Tmux([HOLDFAST, 'enter', 'srv1', '--name=work', ...(take ? ['--take'] : [])], {
        env: remote.client.env,
        columns,
        rows,
      });
    using first = enter(false, 80, 24);
    await first.waitFor(/\[srv1\] ~>\s*$/);
    // With the type of terminal that the other one has.
    first.line(`clear; TERM=tmux-256color bash -c ${JSON.stringify(command)}`);
    await never.waitFor(begun);
    await first.waitFor(begun);

    async function same(attached: Tmux): Promise<void> {
      await expect.poll(() => compared(attached.cells()), { timeout: 20_000 }).toBe(compared(never.cells()));
      await expect.poll(() => attached.format(FLAGS)).toBe(never.format(FLAGS));
    }

    await same(first);
    using second = enter(true, 80, 24);
    await second.waitFor(begun);
    await same(second);
    for (const screen of [never, second]) screen.type(keys);
    for (const screen of [never, second]) await screen.waitFor(after);
    await same(second);
    never.resize(100, 30);
    using third = enter(true, 100, 30);
    await third.waitFor(after);
    await same(third);
    never.resize(60, 15);
    using fourth = enter(true, 60, 15);
    await same(fourth);
  });
});
