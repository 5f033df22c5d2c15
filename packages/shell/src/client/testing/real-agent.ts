import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const AGENT = fileURLToPath(new URL('../../../../agent/src/main.ts', import.meta.url));

/** A HOME of its own with an SSH key that opens it, for a real agent and its clients. */
export class RealAgent implements AsyncDisposable {
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly identity: string;
  port = 0;
  /** `SHA256:...` of its host key. */
  fingerprint = '';
  #process: ChildProcess | undefined;

  /** @param homeBytes makes the HOME's path at least so long */
  constructor(homeBytes = 0) {
    const base = mkdtempSync(join(tmpdir(), 'client-'));
    this.home = base.padEnd(homeBytes, '/a-folder-of-a-long-path').replace(/\/$/, '_');
    this.identity = join(this.home, '.ssh', 'id_ed25519');
    mkdirSync(join(this.home, '.ssh'), { recursive: true, mode: 0o700 });
    writeFileSync(join(this.home, '.bashrc'), '');
    const { PATH = '', USER = 'root' } = process.env;
    this.environment = {
      HOME: this.home,
      PATH,
      USER,
      LOGNAME: USER,
      SHELL: '/bin/bash',
      LANG: 'C.UTF-8',
      TERM: 'xterm',
    };
  }

  /** Starts the gateway, again on the port that it had. */
  async serve(): Promise<void> {
    const keys = join(this.home, 'authorized_keys');
    if (this.port === 0) {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', this.identity]);
      copyFileSync(`${this.identity}.pub`, keys);
    }
    const folders = ['--state-dir', join(this.home, 'agent'), '--authorized-keys', keys];
    const child = spawn(process.execPath, [AGENT, 'serve', '--listen', `127.0.0.1:${this.port}`, ...folders], {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#process = child;
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const [, port, fingerprint = ''] = /:(\d+)\s.*(SHA256:\S+)/.exec(String(line)) ?? [];
    this.port = Number(port);
    this.fingerprint = fingerprint;
  }

  /** Kills the gateway with -9; the sessions stay. */
  async killGateway(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Processes that were started with this HOME. */
  pids(): number[] {
    const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return all.filter((pid) => environmentOf(pid).includes(`HOME=${this.home}\0`)).map(Number);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let round = 0; round < 20 && this.pids().length > 0; round += 1) {
      for (const pid of this.pids()) kill(pid);
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
    const [base = this.home] = /^.*\/client-[^/]+/.exec(this.home) ?? [];
    rmSync(base.slice(0, join(tmpdir(), 'client-XXXXXX').length), { recursive: true, force: true });
  }
}

/** A TCP relay in front of a port, which a test cuts and freezes. */
export class CuttableProxy implements Disposable {
  port = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Those of them that lead to the target. */
  readonly #targets = new Set<Socket>();
  #frozen = false;

  private constructor(targetPort: () => number) {
    this.#server = createServer({ noDelay: true }, (client) => {
      const target = connect({ port: targetPort(), host: '127.0.0.1', noDelay: true });
      this.#targets.add(target);
      target.on('close', () => this.#targets.delete(target));
      this.#relay(client, target);
      this.#relay(target, client);
    });
  }

  static async start(targetPort: () => number): Promise<CuttableProxy> {
    const proxy = new CuttableProxy(targetPort);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    proxy.port = (proxy.#server.address() as AddressInfo).port;
    return proxy;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Nothing goes through, neither way, on any link. */
  freeze(): void {
    this.#frozen = true;
    for (const socket of this.#sockets) socket.pause();
  }

  thaw(): void {
    this.#frozen = false;
    for (const socket of this.#sockets) socket.resume();
  }

  /** Nothing of the target comes through on the links that are there; what the client says still gets to it. */
  mute(): void {
    for (const socket of this.#targets) socket.pause();
  }

  [Symbol.dispose](): void {
    this.cut();
    this.#server.close();
  }

  #relay(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (bytes) => {
      if (!to.write(bytes)) from.pause();
    });
    to.on('drain', () => {
      if (!this.#frozen) from.resume();
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    if (this.#frozen) from.pause();
  }
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    // It has ended.
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
