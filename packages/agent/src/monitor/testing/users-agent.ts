import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { AgentProcess, endProcess } from '../../gateway/testing/agent-process.ts';
import { TestClient, type ClientOptions } from '../../gateway/testing/test-client.ts';
import { TestHome } from '../../gateway/testing/test-gateway.ts';
import { openSession, outputOf } from './talk.ts';
import { UnixUser } from './unix-user.ts';

/** An agent for all users, run by root on loopback, and users of this machine that are made for it. */
export class UsersAgent implements AsyncDisposable {
  readonly home = new TestHome();
  readonly #users: UnixUser[] = [];
  readonly #hostPids = new Set<number>();
  #agent: AgentProcess | undefined;

  constructor() {
    chmodSync(this.home.folder, 0o711);
  }

  get process(): AgentProcess {
    if (this.#agent === undefined) throw new Error('The agent was not started');
    return this.#agent;
  }

  /**
   * @param config the agent's TOML
   * @param through a command that becomes the agent's, which follows it
   */
  async start(config: string, environment: NodeJS.ProcessEnv = {}, through: readonly string[] = []): Promise<void> {
    const file = path.join(this.home.folder, 'agent.toml');
    writeFileSync(file, config);
    this.#agent = await AgentProcess.start(this.home, ['--config', file], { allUsers: true, environment, through });
  }

  /** Makes a user; with options of useradd(8). */
  makeUser(...options: string[]): UnixUser {
    const user = new UnixUser(this.home, ...options);
    this.#users.push(user);
    return user;
  }

  connect(user: UnixUser, options: Partial<ClientOptions> = {}): Promise<TestClient> {
    return TestClient.connect({ port: this.process.port, key: user.key, user: user.name, ...options });
  }

  /** Opens a session on a channel and waits for its prompt. */
  async open(client: TestClient, channel: number) {
    const opened = await openSession(client, channel);
    for (const { pid } of (await client.link.request('agent.status', {})).hosts) this.#hostPids.add(pid);
    return opened;
  }

  /** What a command prints. */
  output(client: TestClient, channel: number, text: string): Promise<string> {
    return outputOf(client, channel, text);
  }

  /** Leaves no process and no user behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent?.stop('SIGTERM');
    for (const pid of this.#hostPids) await endProcess(pid);
    for (const user of this.#users) user[Symbol.dispose]();
    this.home[Symbol.dispose]();
  }
}
