import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Viewer } from '../../packages/agent/src/testing/viewer.ts';
import { connectFrom } from '../support/client.ts';
import { HOLDFAST, Machine, processesWith } from '../support/machine.ts';
import { startRemote, type Remote } from '../support/remote.ts';
import { Tmux } from '../support/tmux.ts';

/** Sets everything that a program can set at a terminal, so that it shows at its end. */
const SET_ALL = [
  ['\\e[22;2t', '\\e]2;remote title\\a', '\\e]4;1;#123456\\a', '\\e]10;#aabbcc\\a\\e]11;#112233\\a\\e]12;#445566\\a'],
  [
    '\\e[>1u',
    '\\e[?1049h\\e[2J',
    '\\e[>5u',
    '\\e[>4;2m',
    '\\e[?1h\\e=',
    '\\e[?1003h\\e[?1006h\\e[?1015h',
    '\\e[?1004h',
  ],
  ['\\e[?2004h', '\\e[?25l', '\\e[3 q', '\\e[?12h', '\\e[?5h', '\\e[3g', '\\e[2;10r', '\\e[?6h', '\\e[?7l', '\\e[4h'],
  ['\\e[?2031h', '\\e[1;31m', '\\e]8;;http://x\\e\\\\', '\\e)0\\e(0', 'ALL SET'],
].flat();

/** tmux changes the modes of a window whose program is gone. */
const ENDED = 'the client has ended';

const FLAGS = [
  'alternate_on mouse_any_flag mouse_all_flag mouse_sgr_flag cursor_flag cursor_shape keypad_flag keypad_cursor_flag',
  'wrap_flag origin_flag insert_flag scroll_region_upper scroll_region_lower pane_title pane_tabs',
]
  .join(' ')
  .split(' ')
  .map((name) => `${name}=#{${name}}`)
  .join(' ');

/** The terminal as tmux tells it, and as our own emulator has it that is fed with everything the client wrote. */
class Witness implements Disposable {
  readonly screen: Tmux;
  readonly #file: string;

  constructor({ client }: Remote, args: readonly string[]) {
    this.#file = join(client.home, `written-${crypto.randomUUID()}`);
    const command = [
      'sh',
      '-c',
      'read -r _; "$@"; echo "the client has ended"; exec sleep 1000',
      'sh',
      HOLDFAST,
      ...args,
    ];
    this.screen = new Tmux(command, { env: client.env, cwd: client.home });
  }

  /** Begins to record, then the client. */
  begin(): void {
    this.screen.record(this.#file);
    this.screen.keys('Enter');
  }

  async modes(): Promise<unknown> {
    const viewer = new Viewer(80, 24, 100);
    await viewer.show(readFileSync(this.#file));
    return { tmux: this.screen.format(FLAGS), emulator: viewer.modes };
  }

  /** Waits for the terminal to be as it was: what tmux records comes a little later than what it shows. */
  async expectModes(wanted: unknown): Promise<void> {
    await expect.poll(() => this.modes(), { timeout: 20_000 }).toEqual(wanted);
  }

  [Symbol.dispose](): void {
    this.screen[Symbol.dispose]();
  }
}

function pidOfPrompt({ client }: Remote): number {
  const isPrompt = (pid: number): boolean =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .some((word) => word.endsWith('shell/dist/main.js'));
  const [pid] = processesWith(`HOME=${client.home}`).filter(isPrompt);
  if (pid === undefined) throw new Error('No prompt runs');
  return pid;
}

type Way = { name: string; leave: (remote: Remote, screen: Tmux) => void | Promise<void>; ends: boolean };

const WAYS: readonly Way[] = [
  { name: 'by the menu', ends: false, leave: (_, screen) => leaveBy(screen, 'l') },
  { name: 'by disconnecting', ends: false, leave: (_, screen) => leaveBy(screen, 'd') },
  {
    name: 'when the session is taken',
    ends: false,
    leave: async ({ agent, client }) => {
      using second = new Machine({ key: false });
      second.takeKeyOf(client);
      second.knows({ srv1: { port: agent.port, hostKey: agent.hostKey } });
      const connection = await connectFrom(second, 'srv1');
      const [session] = await connection.listSessions();
      await connection.connectSession(session?.instanceId ?? '', { force: true });
      connection.close();
    },
  },
  {
    name: 'when the session is over',
    ends: false,
    leave: ({ client }) => {
      const listed: unknown = JSON.parse(
        execFileSync(HOLDFAST, ['sessions', 'srv1', '--json'], { env: client.env, encoding: 'utf8' }),
      );
      const id = /[0-9a-f-]{36}/.exec(JSON.stringify(listed))?.[0] ?? '';
      for (const pid of processesWith(`HOLDFAST_INSTANCE_ID=${id}`)) process.kill(pid, 'SIGKILL');
    },
  },
  { name: 'by SIGTERM', ends: true, leave: (remote) => void process.kill(pidOfPrompt(remote), 'SIGTERM') },
  { name: 'by SIGHUP', ends: true, leave: (remote) => void process.kill(pidOfPrompt(remote), 'SIGHUP') },
];

function leaveBy(screen: Tmux, key: string): void {
  screen.keys('C-]');
  screen.type(key);
}

describe('the terminal is as it was before, however a program that set everything is left', () => {
  test.each(WAYS)('$name', async ({ leave, ends }) => {
    await using remote = await startRemote();
    using witness = new Witness(remote, []);
    const { screen } = witness;
    const before = screen.format(FLAGS);
    witness.begin();
    await screen.waitFor('local session ready');
    screen.line('New-PSSession -ComputerName srv1 -Name work | Enter-PSSession');
    await screen.waitFor(/\[srv1\] ~>\s*$/);
    screen.line("printf 'at the %s\\n' prompt");
    await screen.waitFor(/^at the prompt$[^]*~>\s*$/m);
    const atPrompt = await witness.modes();
    screen.line(`printf '${SET_ALL.join('')}'; sleep 1000`);
    await screen.waitFor('ALL SET');
    await expect.poll(() => witness.modes()).not.toEqual(atPrompt);
    await leave(remote, screen);
    if (!ends) {
      await screen.waitFor(/ on srv1[^]*~>\s*$|^~\S*>\s*$/m);
      await witness.expectModes(atPrompt);
      return;
    }
    await screen.waitFor(ENDED);
    const fresh = new Viewer(80, 24, 100);
    await witness.expectModes({ tmux: before, emulator: fresh.modes });
  });

  test('attached afresh, by the menu and by SIGTERM', async () => {
    await using remote = await startRemote();
    using first = new Tmux([HOLDFAST, 'enter', 'srv1', '--name=work'], { env: remote.client.env });
    await first.waitFor(/\[srv1\] ~>\s*$/);
    first.line(`printf '${SET_ALL.join('')}'; sleep 1000`);
    await first.waitFor('ALL SET');
    leaveBy(first, 'd');
    await expect.poll(() => first.alive).toBe(false);
    for (const how of ['menu', 'SIGTERM']) {
      using witness = new Witness(remote, ['enter', 'srv1', '--name=work', '--take']);
      const before = witness.screen.format(FLAGS);
      witness.begin();
      await witness.screen.waitFor('ALL SET');
      expect(witness.screen.format('#{alternate_on} #{mouse_all_flag} #{cursor_flag}')).toBe('1 1 0');
      if (how === 'menu') leaveBy(witness.screen, 'd');
      else process.kill(pidOfPrompt(remote), 'SIGTERM');
      await witness.screen.waitFor(ENDED);
      await witness.expectModes({ tmux: before, emulator: new Viewer(80, 24, 100).modes });
    }
  });

  test('run -t, by SIGTERM', async () => {
    await using remote = await startRemote();
    using witness = new Witness(remote, [
      'run',
      '-t',
      'srv1',
      '--',
      `printf '${SET_ALL.join('').replace('\\e]2;remote title\\a', '')}'; sleep 1000`,
    ]);
    const before = witness.screen.format(FLAGS);
    witness.begin();
    await witness.screen.waitFor('ALL SET');
    process.kill(pidOfPrompt(remote), 'SIGTERM');
    await witness.screen.waitFor(ENDED);
    await witness.expectModes({ tmux: before, emulator: new Viewer(80, 24, 100).modes });
  });
});
