import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { connect } from '../../client/connect.ts';

const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url));

export type ProgramEnd = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** A home of its own with its own session host, which is ended with it. */
export class LocalMachine implements AsyncDisposable {
  readonly home = mkdtempSync(join(tmpdir(), 'hf-shell-'));
  readonly environment: NodeJS.ProcessEnv = {
    HOME: this.home,
    PATH: process.env['PATH'],
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
  };

  /** Starts `holdfast` from its source. */
  start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcessWithoutNullStreams {
    return spawn(process.execPath, [MAIN, ...args], { env: { ...this.environment, ...environment } });
  }

  /** Runs a script of bash in which `holdfast` is the program from its source. */
  async script(commands: string): Promise<string> {
    const prologue = `holdfast() { '${process.execPath}' '${MAIN}' "$@"; }`;
    const child = spawn('bash', ['-c', `${prologue}\n${commands}`], {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return text(child.stdout);
  }

  /** Runs `holdfast` from its source; its stdin is `input`, or nothing. */
  async holdfast(
    args: readonly string[],
    options: { input?: string; environment?: NodeJS.ProcessEnv } = {},
  ): Promise<ProgramEnd> {
    const child = this.start(args, options.environment);
    // It may end without reading its input.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input);
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { status: child.exitCode ?? -1, stdout, stderr };
  }

  /** Runs `holdfast` on a terminal that script(1) makes; types `keys` when `prompt` shows. What it wrote has no stderr of its own. */
  async holdfastOnTerminal(
    args: readonly string[],
    { prompt, keys }: { prompt: string; keys: string },
  ): Promise<ProgramEnd> {
    const line = [process.execPath, MAIN, ...args]
      .map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`)
      .join(' ');
    const child = spawn('script', ['-qec', line, '/dev/null'], { env: this.environment });
    const ended = once(child, 'close');
    let stdout = '';
    let typed = false;
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      stdout += piece;
      if (typed || !stdout.includes(prompt)) return;
      typed = true;
      child.stdin.write(keys);
    });
    await ended;
    return { status: child.exitCode ?? -1, stdout, stderr: '' };
  }

  /** Kills the session host by its pid and removes the home. */
  async [Symbol.asyncDispose](): Promise<void> {
    const connection = await connect('localhost', { environment: this.environment });
    const { pid } = await connection.status();
    connection.close();
    process.kill(pid, 'SIGKILL');
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  }
}
