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

  /** Starts them; the terminal shows a raw program that writes back what it reads. */
  static async start(machine: Machine): Promise<BareNode> {
    const socket = join(machine.home, 'floor.sock');
    const host = await start('bare-host.ts', socket);
    const relay = await start('bare-relay.ts', socket);
    const terminal = new Terminal(process.execPath, [join(FLOOR, 'bare-client.ts'), relay.line], machine.env);
    await terminal.seen('RAW');
    return new BareNode(terminal, [host.server, relay.server]);
  }

  stop(): void {
    this.terminal.close();
    for (const server of this.#servers) server.kill('SIGKILL');
  }
}

async function start(file: string, argument: string): Promise<{ server: ChildProcess; line: string }> {
  const server = spawn(process.execPath, [join(FLOOR, file), argument], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(server.stdout.setEncoding('utf8'), 'data');
  return { server, line: String(line).trim() };
}
