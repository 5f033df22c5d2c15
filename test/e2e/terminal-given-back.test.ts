import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Viewer } from '../../packages/agent/src/testing/viewer.ts';
import { HOLDFAST, type Machine, processesWith } from '../support/machine.ts';
import { makeSecondMachine, startRemote, type Remote } from '../support/remote.ts';
import { Tmux } from '../support/tmux.ts';

/** What a program may do to a terminal, all of it: keyboard, screen, mouse, focus, paste, cursor, margins, colours. */
const RUDE = [
  '\x1b]2;a rude program\x07\x1b[>5u\x1b[>4;2m\x1b[?1049h\x1b[>7u\x1b[2J\x1b[3;1Hall set',
  '\x1b[?1000h\x1b[?1002h\x1b[?1003h\x1b[?1006h\x1b[?1004h\x1b[?2004h\x1b[?2031h\x1b[?5h',
  '\x1b[?25l\x1b[5 q\x1b[?1h\x1b=\x1b[?7l\x1b[4h\x1b[20h\x1b[3;10r\x1b[?6h\x1b[3g',
  '\x1b(0\x1b)0\x0e\x1b[31;44;1m\x1b]4;1;#00ff00\x07\x1b]11;#332211\x07\x1b]8;;http://x\x1b\\',
].join('');

/** What tmux itself knows of its window's terminal. */
const TMUX_KNOWS = `alternate_on cursor_flag insert_flag keypad_cursor_flag keypad_flag mouse_any_flag mouse_all_flag
  mouse_button_flag mouse_standard_flag mouse_sgr_flag origin_flag wrap_flag scroll_region_upper scroll_region_lower
  pane_tabs pane_title`
  .split(/\s+/)
  .map((name) => `${name}=#{${name}}`)
  .join(' ');

type Modes = Record<string, unknown>;

let remote: Remote;
let second: Machine;

beforeAll(async () => {
  remote = await startRemote();
  second = makeSecondMachine(remote);
  writeFileSync(join(remote.host.home, 'rude.bytes'), RUDE);
  writeFileSync(join(remote.host.home, 'rude'), 'cat rude.bytes; read -r line\n');
}, 60_000);

afterAll(async () => {
  second[Symbol.dispose]();
  await remote[Symbol.asyncDispose]();
});

/** A person's terminal: a plain shell in tmux, and all that it was ever sent. */
class Window extends Tmux {
  readonly #record: string;
  /** Before Holdfast began, and before the program did. */
  shell: Modes = {};
  prompt: Modes = {};
  #stty = '';

  constructor(name: string) {
    const env = { ...remote.client.env, PS1: 'sh$ ' };
    super(['sh', '-c', 'read -r _; exec sh'], { env, cwd: remote.client.home });
    this.#record = join(remote.client.home, `${name}.bytes`);
    this.record(this.#record);
    this.keys('Enter');
  }

  /** All that can be told of the terminal's modes: by tmux, and by an emulator that is sent the same. */
  async modes(): Promise<Modes> {
    const viewer = new Viewer(80, 24, 100);
    await viewer.show(readFileSync(this.#record));
    // A stop in the first column is none: nothing goes there by a tab.
    return { tmux: this.format(TMUX_KNOWS).replace('tabs=0,', 'tabs='), ...viewer.modes };
  }

  /** Enters a session of this name and starts the program there. */
  async begin(name: string): Promise<void> {
    await this.waitFor(/sh\$\s*$/);
    this.shell = await this.modes();
    this.#stty = this.#settings();
    this.line(HOLDFAST);
    await this.waitFor('local session ready');
    this.line(`New-PSSession -ComputerName srv1 -Name ${name}`);
    await this.waitFor(new RegExp(`${name} +srv1 +Opened`));
    this.line(`Enter-PSSession -Name ${name}`);
    await this.waitFor(/\[srv1\] ~>\s*$/);
    this.prompt = await this.modes();
    this.line('sh rude');
    await this.waitFor('all set');
    // As its last bytes had it: the test would mean nothing otherwise.
    await expect
      .poll(() => this.modes())
      .toMatchObject({ isAlternate: true, pen: expect.stringContaining('http://x') });
    expect(this.format(TMUX_KNOWS)).not.toBe(this.prompt['tmux']);
  }

  /** The terminal is at a prompt as the one before the program. */
  async isAtPrompt(modes: Modes): Promise<void> {
    await this.waitFor(/(?:~>|sh\$)\s*$/);
    await expect.poll(() => this.modes()).toEqual(modes);
  }

  /** The client has ended, and the shell that started it has its terminal as it was. */
  async isGivenBack(): Promise<void> {
    await this.waitFor(/sh\$\s*$/);
    await this.isAtPrompt(this.shell);
    expect(this.#settings()).toBe(this.#stty);
  }

  #settings(): string {
    return execFileSync('stty', ['-g', '-F', this.format('#{pane_tty}')], { encoding: 'utf8' });
  }
}

/** The process of the prompt on a machine. */
function promptOf(machine: Machine): number {
  const [pid = 0] = processesWith(`HOME=${machine.home}`).filter((one) =>
    readFileSync(`/proc/${one}/cmdline`, 'utf8').includes('shell/dist/main.js'),
  );
  return pid;
}

function hosts(machine: Machine): number[] {
  return processesWith(`HOME=${machine.home}`).filter((one) => {
    const words = readFileSync(`/proc/${one}/cmdline`, 'utf8').split('\0');
    return words.includes('host');
  });
}

function holdfast(machine: Machine, ...args: string[]): void {
  execFileSync(HOLDFAST, args, { env: machine.env, stdio: 'pipe' });
}

describe('a terminal is as it was before the program when', () => {
  test.each<[string, (window: Window, name: string) => void | Promise<void>]>([
    [
      'the program ends, and then the prompt',
      async (window) => {
        window.keys('Enter');
        await window.waitFor(/sh rude\s+\[srv1\] ~>\s*$/);
        // What the window is called is the session's until it is left.
        const { tmux, tracked, ...others } = window.prompt;
        expect(String(tmux) + String(tracked)).not.toContain('rude');
        await expect.poll(() => window.modes()).toMatchObject(others);
        window.line('exit');
      },
    ],
    [
      'the person leaves it running',
      async (window) => {
        window.keys('C-]');
        await window.waitFor('leave it running');
        window.type('l');
      },
    ],
    [
      'the person disconnects',
      async (window) => {
        window.keys('C-]');
        await window.waitFor('disconnect');
        window.type('d');
      },
    ],
    [
      'another client takes the session',
      (_, name) => holdfast(second, '-c', `Connect-PSSession -ComputerName srv1 -Name ${name} -Force`),
    ],
    ['somebody stops the session', (_, name) => holdfast(second, 'stop', 'srv1', name)],
    ['the session host is killed', () => hosts(remote.host).forEach((pid) => process.kill(pid, 'SIGKILL'))],
  ])('%s', async (how, leave) => {
    const name = `s${how.length}`;
    using window = new Window(name);
    await window.begin(name);
    await leave(window, name);
    await window.isAtPrompt(window.prompt);
    window.line('exit 0');
    await window.isGivenBack();
  });

  test.each(['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)('the client gets %s', async (signal) => {
    using window = new Window(signal);
    await window.begin(signal);
    process.kill(promptOf(remote.client), signal);
    await window.isGivenBack();
  });
});
