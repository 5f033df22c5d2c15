import { Machine, HOLDFAST } from '../../test/support/machine.ts';
import { TestAgent } from '../../test/support/test-agent.ts';
import { SshPeer } from './ssh-peer.ts';
import { Terminal } from './terminal.ts';

/** Both peers on loopback: an agent and an sshd, one client machine that both let in, and bash with the same plain prompt. */
export class Rig {
  readonly agent: TestAgent;
  readonly ssh: SshPeer;
  readonly client: Machine;
  readonly host: Machine;

  private constructor(parts: { agent: TestAgent; ssh: SshPeer; client: Machine; host: Machine }) {
    this.agent = parts.agent;
    this.ssh = parts.ssh;
    this.client = parts.client;
    this.host = parts.host;
  }

  static async start(): Promise<Rig> {
    const client = new Machine({ bashrc: "PS1='$ '\n" });
    const host = new Machine({ bashrc: "PS1='$ '\n" });
    const agent = await TestAgent.start(host, [client.publicKey()]);
    client.knows({ bench: { port: agent.port, hostKey: agent.hostKey } });
    return new Rig({ agent, ssh: await SshPeer.start(client), client, host });
  }

  /** Arguments of ssh for an interactive shell with the same plain prompt. */
  get sshShell(): string[] {
    return ['-tt', ...this.ssh.client, `HOME=${this.client.home} exec bash -i`];
  }

  /** An open interactive session on each side, at its prompt. */
  async sessions(): Promise<{ ours: Terminal; theirs: Terminal }> {
    const ours = new Terminal(HOLDFAST, ['enter', 'bench'], this.client.env);
    const theirs = new Terminal('ssh', this.sshShell, this.client.env);
    for (const terminal of [ours, theirs]) {
      await terminal.settle(400);
      const ready = terminal.seen('READY\r\n');
      // The quotes keep the echo of what is typed from looking like its output.
      terminal.type("echo READ''Y\r");
      await ready;
      await terminal.settle();
    }
    return { ours, theirs };
  }

  async stop(): Promise<void> {
    await this.agent.kill();
    await this.ssh.stop();
    this.client[Symbol.dispose]();
    this.host[Symbol.dispose]();
  }
}
