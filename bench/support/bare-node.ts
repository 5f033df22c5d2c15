import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Machine } from '../../test/support/machine.ts';
import { Terminal } from './terminal.ts';

const FLOOR = fileURLToPath(new URL('../floor', import.meta.url));

/**
 * The same three processes as ours, client, gateway and session host, on Node, with TLS and a PTY, but without
 * anything of what we do in them: nothing on this architecture can be faster.
 */
export class BareNode {
  readonly terminal: Terminal;
  readonly #servers: ChildProcess[];

  private constructor(terminal: Terminal, servers: ChildProcess[]) {
    this.terminal = terminal;
    this.#servers = servers;
  }

  /** Starts them with a text for /bin/sh, and waits until the terminal shows `ready`. */
  static async start(machine: Machine, program: string, ready: string): Promise<BareNode> {
    const socket = join(machine.home, `floor-${process.hrtime.bigint()}.sock`);
    const host = await start('bare-host.ts', machine, socket, program);
    const relay = await start('bare-relay.ts', machine, socket);
    const terminal = new Terminal(process.execPath, [join(FLOOR, 'bare-client.ts'), relay.line], machine.env);
    await terminal.seen(ready);
    return new BareNode(terminal, [host.server, relay.server]);
  }

  stop(): void {
    this.terminal.close();
    for (const server of this.#servers) server.kill('SIGKILL');
  }
}

async function start(
  file: string,
  { env }: Machine,
  ...args: string[]
): Promise<{ server: ChildProcess; line: string }> {
  const server = spawn(process.execPath, [join(FLOOR, file), ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(server, 'exit').then(() => Promise.reject(new Error(`${file} ended before it was ready`)));
  const [line] = await Promise.race([once(server.stdout.setEncoding('utf8'), 'data'), ended]);
  ended.catch(() => undefined);
  return { server, line: String(line).trim() };
}
