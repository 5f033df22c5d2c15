import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { needProgram } from '../../../../test/support/need-program.ts';
import { stdioWithoutMasters } from './master-descriptors.ts';
import { Pty } from './pty.ts';
import type { PtyExit, PtyOptions } from './pty.ts';

const env = { PATH: process.env['PATH'] ?? '/bin:/usr/bin', TERM: 'xterm-256color', LC_ALL: 'C.UTF-8' };
const folder = mkdtempSync(join(tmpdir(), 'holdfast-pty-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program on a PTY whose output is kept, with waits on what it prints. */
class Program {
  readonly pty: Pty;
  readonly exited: Promise<PtyExit>;
  length = 0;
  #output = '';
  #keep: boolean;
  #look: (() => void) | undefined;

  constructor(file: string, args: string[], options: Partial<PtyOptions> & { keep?: boolean } = {}) {
    this.#keep = options.keep ?? true;
    const { promise, resolve } = Promise.withResolvers<PtyExit>();
    this.exited = promise;
    this.pty = Pty.spawn({
      file,
      args,
      env,
      cwd: '/',
      columns: 80,
      rows: 24,
      onExit: resolve,
      onData: (chunk) => this.#onData(chunk),
      ...options,
    });
  }

  get output(): string {
    return this.#output;
  }

  async shows(text: string): Promise<void> {
    while (!this.#output.includes(text)) await new Promise<void>((resolve) => (this.#look = resolve));
  }

  #onData(chunk: Buffer): void {
    this.length += chunk.length;
    if (this.#keep) this.#output += chunk.toString('latin1');
    this.#look?.();
  }
}

const sh = (script: string, options: Partial<PtyOptions> & { keep?: boolean } = {}): Program =>
  new Program('/bin/sh', ['-c', script], options);

describe('Pty.spawn()', () => {
  test('gives the exit status', async () => {
    const program = sh('printf hello; exit 3');
    expect(await program.exited).toEqual({ status: 3 });
    expect(program.output).toBe('hello');
    expect(program.pty.closed).toBe(true);
  });

  test('gives the signal that killed the program', async () => {
    expect(await sh('kill -TERM $$').exited).toEqual({ status: 128 + 15, signal: 15 });
  });

  test('gives its arguments, environment, directory and size', async () => {
    const program = new Program('sh', ['-c', 'echo "$0 $1 $MINE $PWD"; stty size', 'a b', "c'd"], {
      env: { ...env, MINE: 'x=y' },
      cwd: '/usr',
      columns: 101,
      rows: 37,
    });
    await program.exited;
    expect(program.output).toBe("a b c'd x=y /usr\r\n37 101\r\n");
  });

  test.each([
    ['a program that is not there', { file: '/nowhere/program' }],
    ['a program that is not in PATH', { file: 'no-such-program' }],
    ['a file that cannot be run', { file: '/etc/passwd' }],
    ['a directory as program', { file: '/usr' }],
    ['a directory that is not there', { cwd: '/nowhere' }],
  ])('refuses %s', (_, options) => {
    expect(() => sh('true', options)).toThrow(expect.objectContaining({ id: 'ProgramNotStarted' }));
  });
});

describe('Pty output', () => {
  const sizes = [1, 100, 4095, 4096, 5000, 19_000, 65_536, 100_000, 1_000_000];

  test.each([
    ['read at once', undefined],
    ['paused over the exit', 15],
  ])('is complete when the program exits at once, %s', async (_, pauseMs) => {
    for (let run = 0; run < 150; run += 1) {
      const size = sizes[run % sizes.length] ?? 1;
      const program = sh(`head -c ${size} /dev/zero | tr '\\0' x`, { keep: false });
      if (pauseMs !== undefined) {
        program.pty.pause();
        await sleep(pauseMs);
        program.pty.resume();
      }
      await program.exited;
      expect(program.length).toBe(size);
    }
  });

  test('is complete after a pause of a second, and the exit waits for it', async () => {
    const program = sh('head -c 3000 /dev/zero | tr "\\0" x');
    program.pty.pause();
    const first = await Promise.race([program.exited, sleep(1000, 'still paused')]);
    expect(first).toBe('still paused');
    expect(program.length).toBe(0);
    program.pty.resume();
    await program.exited;
    expect(program.length).toBe(3000);
  });

  test('stops at pause() within one chunk', async () => {
    const program = sh('yes', { keep: false });
    await sleep(50);
    program.pty.pause();
    const before = program.length;
    await sleep(100);
    expect(program.length).toBe(before);
    program.pty.kill('SIGKILL');
    program.pty.resume();
    await program.exited;
  });

  test('of many programs at once is complete', async () => {
    const programs = Array.from({ length: 40 }, () => sh('seq 1 20000', { keep: false }));
    await Promise.all(programs.map((program) => program.exited));
    expect(programs.map((program) => program.length)).toEqual(programs.map(() => 128_894));
  });

  test.each([
    ['capital letters only', 'stty olcuc; printf hello', 'HELLO'],
    ['a terminal stopped by Ctrl-S', 'printf hello', 'hello'],
  ])('ends with %s', async (name, script, expected) => {
    const program = sh(`${script}; read x`);
    await program.shows(expected);
    program.pty.write(Buffer.from(name.includes('Ctrl-S') ? '\x13\n' : '\n'));
    await program.exited;
    expect(program.output.startsWith(expected)).toBe(true);
  });

  test('ends with the program, though a child in the background floods the terminal', async () => {
    const program = sh('trap "" HUP; yes & sleep 0.2; echo $!', { keep: false });
    expect(await program.exited).toEqual({ status: 0 });
  });

  test('ends within its time with a child that keeps a stopped terminal, and has all that the child printed before', async () => {
    const printed = join(folder, 'printed');
    const script = `(head -c 300000 /dev/zero | tr "\\0" x; touch ${printed}; exec sleep 60) &
      until [ -e ${printed} ]; do sleep 0.01; done; read x; exit 7`;
    const program = sh(script, { keep: false, endSilenceMs: 50 });
    while (!existsSync(printed)) await sleep(5);
    program.pty.write(Buffer.from('\x13\n'));
    expect(await program.exited).toEqual({ status: 7 });
    expect(program.length).toBeGreaterThanOrEqual(300_000);
  });

  test('of a terminal hung up from inside ends with the exit of the program', async () => {
    needProgram('python3');
    const hangUp = 'import ctypes, signal, sys; signal.signal(1, 1); ctypes.CDLL(None).vhangup(); sys.exit(5)';
    expect(await new Program('python3', ['-c', hangUp]).exited).toEqual({ status: 5 });
  });

  test('comes fast', async () => {
    const file = join(folder, 'big');
    await once(spawn('sh', ['-c', `yes ${'x'.repeat(99)} | head -c 60000000 > ${file}`]), 'close');
    const program = sh(`cat ${file}`, { keep: false });
    const cpu = process.cpuUsage();
    await program.exited;
    const { user, system } = process.cpuUsage(cpu);
    expect(program.length).toBe(60_600_000);
    expect((user + system) / 1e6).toBeLessThan(2);
  });
});

describe('Pty input', () => {
  test('of 2 MiB arrives unchanged in a raw program', async () => {
    const data = randomBytes(2 * 1024 * 1024);
    const totals: number[] = [];
    const program = sh(`stty raw -echo; echo ready; head -c ${data.length} | sha256sum`, {
      onWritten: (total) => totals.push(total),
    });
    await program.shows('ready');
    for (let at = 0; at < data.length; at += 100_000) program.pty.write(data.subarray(at, at + 100_000));
    await program.exited;
    expect(program.output).toContain(createHash('sha256').update(data).digest('hex'));
    expect(totals.at(-1)).toBe(data.length);
    expect(totals).toEqual(totals.toSorted((a, b) => a - b));
  });

  test('that nobody reads neither spins a core nor stops the loop', async () => {
    const program = sh('stty raw -echo; echo ready; sleep 100');
    await program.shows('ready');
    const cpu = process.cpuUsage();
    let longest = 0;
    let last = performance.now();
    const ticker = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 10);
    program.pty.write(Buffer.alloc(1024 * 1024));
    await sleep(1000);
    clearInterval(ticker);
    const { user, system } = process.cpuUsage(cpu);
    expect((user + system) / 1000).toBeLessThan(300);
    expect(longest).toBeLessThan(500);
    const { queuedBytes } = program.pty;
    expect(queuedBytes).toBeGreaterThan(900_000);
    expect(program.pty.dropQueued()).toBe(queuedBytes);
    expect(program.pty.queuedBytes).toBe(0);
    program.pty.kill('SIGKILL');
    await program.exited;
  });

  test('of a dead session never reaches a new one', async () => {
    for (let run = 0; run < 10; run += 1) {
      const dead = sh('stty raw -echo; echo ready; sleep 100');
      await dead.shows('ready');
      dead.pty.write(Buffer.alloc(1024 * 1024, 'D'));
      dead.pty.kill('SIGKILL');
      dead.pty.dispose();
      const fresh = sh('stty raw -echo; echo ready; head -c 5');
      await fresh.shows('ready');
      dead.pty.write(Buffer.from('D'));
      dead.pty.resize(1, 1);
      await sleep(20);
      fresh.pty.write(Buffer.from('fresh'));
      await fresh.exited;
      expect(fresh.output).toBe('ready\nfresh');
    }
  });
});

describe('Pty.interrupt()', () => {
  test('raises SIGINT in a cooked program', async () => {
    const program = sh('echo ready; exec sleep 100');
    await program.shows('ready');
    program.pty.interrupt();
    expect(await program.exited).toEqual({ status: 128 + 2, signal: 2 });
  });

  test('ends the foreground job of an interactive bash, which goes on', async () => {
    const program = new Program('bash', ['--norc', '--noprofile', '-i'], { env: { ...env, PS1: 'P> ' } });
    await program.shows('P> ');
    // bash itself loses a SIGINT that comes between two commands of a list: wait for the job's own output.
    program.pty.write(Buffer.from(`sh -c 'echo run"ning"; exec sleep 100'\r`));
    await program.shows('running\r\n');
    program.pty.interrupt();
    await program.shows('^C');
    program.pty.write(Buffer.from('echo status $?; exit 4\r'));
    expect(await program.exited).toEqual({ status: 4 });
    expect(program.output).toContain('status 130');
  });

  test('is the byte 3 for a raw program', async () => {
    const program = sh('stty raw -echo; printf ready; head -c 1 | od -An -tx1');
    await program.shows('ready');
    program.pty.interrupt();
    expect(await program.exited).toEqual({ status: 0 });
    expect(program.output).toContain('03');
  });

  test('reaches a program that does not read, behind any amount of input', async () => {
    const program = sh('stty -icanon -echo; echo ready; exec sleep 100');
    await program.shows('ready');
    program.pty.write(Buffer.alloc(1024 * 1024, 'x'));
    await sleep(50);
    program.pty.dropQueued();
    program.pty.interrupt();
    expect(await program.exited).toEqual({ status: 128 + 2, signal: 2 });
  });

  test('waits in front of the queue of a raw program that does not read yet', async () => {
    const totals: number[] = [];
    const program = sh('stty raw -echo; echo ready; sleep 0.5; head -c 1000000 | tr -d x | od -An -tx1', {
      onWritten: (total) => totals.push(total),
    });
    await program.shows('ready');
    program.pty.write(Buffer.alloc(1_000_000, 'x'));
    await sleep(50);
    program.pty.interrupt();
    expect(await program.exited).toEqual({ status: 0 });
    expect(program.output.trim()).toContain(' 03');
    expect(totals.at(-1)).toBeLessThanOrEqual(1_000_000);
  });

  test('leaves vim running', async () => {
    needProgram('vim');
    const program = new Program('vim', ['--clean', join(folder, 'new')]);
    program.pty.write(Buffer.from('ihello'));
    await program.shows('1,6');
    program.pty.interrupt();
    // Back in normal mode the cursor goes one to the left; what vim reads before that it throws away.
    await program.shows('1,5');
    program.pty.write(Buffer.from(':wq\r'));
    await program.exited;
    expect(readFileSync(join(folder, 'new'), 'utf8')).toBe('hello\n');
  });
});

describe('Pty.resize(), kill(), dispose()', () => {
  test('resize() reaches the program', async () => {
    const program = sh('trap "stty size; exit" WINCH; echo ready; while :; do sleep 0.05; done');
    await program.shows('ready');
    program.pty.resize(132, 50);
    await program.exited;
    expect(program.output).toContain('50 132');
    expect(() => program.pty.resize(80, 24)).not.toThrow();
  });

  test('kill() reaches the shell and its foreground job', async () => {
    const program = new Program('bash', ['--norc', '--noprofile', '-i'], { env: { ...env, PS1: 'P> ' } });
    await program.shows('P> ');
    program.pty.write(Buffer.from('echo run"ning"; sleep 100\r'));
    await program.shows('running\r\n');
    program.pty.kill('SIGKILL');
    expect(await program.exited).toEqual({ status: 128 + 9, signal: 9 });
    program.pty.kill('SIGKILL');
  });

  test('kill() works on a program that has just been started', async () => {
    const program = sh('sleep 100');
    program.pty.kill('SIGKILL');
    expect(await program.exited).toEqual({ status: 128 + 9, signal: 9 });
  });

  test('dispose() hangs up the program and calls no listener any more', async () => {
    const program = sh('echo ready; exec sleep 100');
    await program.shows('ready');
    program.pty.dispose();
    program.pty.dispose();
    await expect.poll(() => isAlive(program.pty.pid)).toBe(false);
    expect(await Promise.race([program.exited, sleep(50, 'silent')])).toBe('silent');
  });
});

describe('PTY descriptors', () => {
  /** Counts descriptors of masters, and of slaves but for the standard three. */
  const listing = `ls -l /proc/self/fd | awk '/ptmx/ || (/pts/ && $9 > 2)' | wc -l`;

  test('of other sessions are not in a session, whatever gaps the numbers have', async () => {
    const fillers = Array.from({ length: 30 }, () => openSync('/dev/null', 'r'));
    const holders = Array.from({ length: 3 }, () => sh('sleep 100'));
    for (const filler of fillers) closeSync(filler);
    const programs = Array.from({ length: 5 }, () => sh(listing));
    await Promise.all(programs.map((program) => program.exited));
    expect(programs.map((program) => program.output.trim())).toEqual(['0', '0', '0', '0', '0']);
    holders.forEach((holder) => holder.pty.dispose());
  });

  test('are not in a child process that was given stdioWithoutMasters()', async () => {
    const fillers = Array.from({ length: 7 }, () => openSync('/dev/null', 'r'));
    const holders = Array.from({ length: 3 }, () => sh('sleep 100'));
    for (const filler of fillers) closeSync(filler);
    using descriptors = stdioWithoutMasters(['ignore', 'pipe', 'inherit']);
    const child = spawn('sh', ['-c', listing], { stdio: descriptors.stdio });
    const [output] = await once(child.stdout ?? child, 'data');
    expect(String(output).trim()).toBe('0');
    holders.forEach((holder) => holder.pty.dispose());
  });

  test('are all closed at the end', async () => {
    await sh('true').exited;
    const before = descriptorCount();
    for (let run = 0; run < 20; run += 1) await sh('true').exited;
    expect(descriptorCount()).toBe(before);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function descriptorCount(): number {
  const first = openSync('/dev/null', 'r');
  closeSync(first);
  return first;
}
