import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Machine } from '../../test/support/machine.ts';

/** A private sshd on loopback with keys of its own, the peer that every figure is measured against. */
export class SshPeer {
  readonly server: ChildProcess;
  /** Arguments of `ssh` that reach it, the host's name last. */
  readonly client: readonly string[];

  private constructor(server: ChildProcess, client: readonly string[]) {
    this.server = server;
    this.client = client;
  }

  static async start(machine: Machine): Promise<SshPeer> {
    const folder = join(machine.home, 'sshd');
    mkdirSync(folder);
    const hostKey = join(folder, 'host_key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey]);
    writeFileSync(join(folder, 'authorized_keys'), `${machine.publicKey()}\n`, { mode: 0o600 });
    const port = await freePort();
    const known = join(folder, 'known_hosts');
    writeFileSync(known, `[127.0.0.1]:${port} ${readFileSync(`${hostKey}.pub`, 'utf8')}`);
    writeFileSync(
      join(folder, 'sshd_config'),
      `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${hostKey}\nAuthorizedKeysFile ${folder}/authorized_keys\n` +
        `StrictModes no\nUsePAM no\nPasswordAuthentication no\nPidFile none\nSetEnv HOME=${machine.home}\n`,
    );
    // sshd's separation of privileges wants its folder when root runs it.
    if (process.getuid?.() === 0 && !existsSync('/run/sshd')) mkdirSync('/run/sshd', { recursive: true });
    const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], {
      stdio: 'ignore',
      env: machine.env,
    });
    await reachable(port);
    const key = join(machine.home, '.ssh/id_ed25519');
    const options = [
      '-F',
      'none',
      '-p',
      String(port),
      '-i',
      key,
      '-o',
      `UserKnownHostsFile=${known}`,
      '-o',
      'LogLevel=ERROR',
    ];
    return new SshPeer(server, [...options, '127.0.0.1']);
  }

  async stop(): Promise<void> {
    if (this.server.exitCode !== null || this.server.signalCode !== null) return;
    const gone = once(this.server, 'exit');
    this.server.kill('SIGKILL');
    await gone;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function reachable(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const socket = connect(port, '127.0.0.1');
    const connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (connected) return;
    await delay(25);
  }
  throw new Error(`sshd never listened on ${port}`);
}
