import { randomUUID } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { EventOf, EventType } from '@holdfast/protocol';
import { AgentProcess, endProcess } from '../../gateway/testing/agent-process.ts';
import { openRequest } from '../../gateway/testing/session-fixture.ts';
import { TestClient, type ClientOptions } from '../../gateway/testing/test-client.ts';
import { TestHome } from '../../gateway/testing/test-gateway.ts';
import { UnixUser } from './unix-user.ts';

/** More than any of these tests prints. */
export const LIMIT = 4 * 1024 * 1024;

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

  /** @param config the agent's TOML */
  async start(config: string, environment: NodeJS.ProcessEnv = {}): Promise<void> {
    const file = path.join(this.home.folder, 'agent.toml');
    writeFileSync(file, config);
    this.#agent = await AgentProcess.start(this.home, ['--config', file], { allUsers: true, environment });
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
    const { session, attachment } = await client.link.request('session.open', openRequest(channel));
    await client.link.request('session.show', { channel, columns: 200, rows: 24, limit: LIMIT, after: 0 });
    await this.#event(client, 'session.ready', () => true);
    for (const { pid } of (await client.link.request('agent.status', {})).hosts) this.#hostPids.add(pid);
    return { session, attachment };
  }

  /** What a command prints. */
  async output(client: TestClient, channel: number, text: string): Promise<string> {
    const commandId = randomUUID();
    await client.link.request('command.run', { channel, commandId, text });
    const isOurs = (event: { commandId?: string | undefined }): boolean => event.commandId === commandId;
    const { echoTo } = await this.#event(client, 'command.started', isOurs);
    const { at } = await this.#event(client, 'command.ended', isOurs);
    await this.#event(client, 'command.ready', isOurs);
    await client.until(() => (client.output(channel).length >= at ? true : undefined));
    return client.output(channel).subarray(echoTo, at).toString().replaceAll('\r\n', '\n');
  }

  async #event<T extends EventType>(
    client: TestClient,
    type: T,
    isWanted: (event: EventOf<T>) => boolean,
  ): Promise<EventOf<T>> {
    return client.until(() => {
      for (const { event } of client.events) {
        // The type is compared just before.
        const found = event.type === type ? (event as unknown as EventOf<T>) : undefined;
        if (found !== undefined && isWanted(found)) return found;
      }
      return undefined;
    });
  }

  /** Leaves no process and no user behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent?.stop('SIGTERM');
    for (const pid of this.#hostPids) await endProcess(pid);
    for (const user of this.#users) user[Symbol.dispose]();
    this.home[Symbol.dispose]();
  }
}
