import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { Pty, type PtyExit } from '../../../agent/src/terminal/pty.ts';

const PROGRAM = fileURLToPath(new URL('./raw-terminal.fixture.ts', import.meta.url));

/** The program on a real terminal, and what it wrote. */
class Console {
  readonly pty: Pty;
  readonly exit: Promise<PtyExit>;
  #output = '';
  #wake = (): void => {};

  constructor() {
    const exit = Promise.withResolvers<PtyExit>();
    this.exit = exit.promise;
    this.pty = Pty.spawn({
      file: process.execPath,
      args: [PROGRAM],
      env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color' },
      cwd: '/',
      columns: 80,
      rows: 24,
      onData: (chunk) => {
        this.#output += chunk.toString('latin1');
        this.#wake();
      },
      onExit: exit.resolve,
    });
  }

  type(text: string | Buffer): void {
    this.pty.write(Buffer.from(text));
  }

  /** Waits for a text in what the program wrote. */
  async see(text: string): Promise<string> {
    while (!this.#output.includes(text)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#output;
  }
}

const consoles: Console[] = [];

async function open(): Promise<Console> {
  const console = new Console();
  consoles.push(console);
  await console.see('ready');
  return console;
}

afterEach(() => {
  for (const console of consoles.splice(0)) console.pty.dispose();
});

describe('RawTerminal', () => {
  test('hands over raw bytes: no echo, no signals, nothing that is no UTF-8 lost', async () => {
    const console = await open();
    console.type(Buffer.from([0x03, 0x1a, 0x0d, 0xff, 0xfe, 0x80]));
    const output = await console.see('first');
    expect(output).toContain(String.raw`{"first":"\u0003\u001a\r`);
    expect(output).not.toContain('^C');
  });

  test('holds keys while it is undecided whose they are', async () => {
    const console = await open();
    console.type('hold');
    await console.see('"first":"hold"');
    console.type('typed meanwhile');
    await console.see('{"second":"typed meanwhile"}');
  });

  test('gives bytes that were put back to the next reader', async () => {
    const console = await open();
    console.type('split');
    await console.see('{"next":"back"}');
  });

  test('tells a new size', async () => {
    const console = await open();
    console.pty.resize(100, 30);
    await console.see('{"columns":100,"rows":30}');
  });

  test('a terminal that takes nothing does not stop the program', async () => {
    const console = await open();
    console.pty.pause();
    console.type('flood');
    await new Promise((resolve) => setTimeout(resolve, 300));
    console.pty.resume();
    const output = await console.see('flooded');
    const ticks = Number(/"ticks":(\d+)/.exec(output)?.[1]);
    expect(ticks).toBeGreaterThan(3);
  });

  test('gives the terminal back cooked', async () => {
    const console = await open();
    console.type('quit');
    await console.see('stopped');
    expect((await console.exit).status).toBe(0);
  });
});
