import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallerStamp } from '@holdfast/protocol';
import { readConfig, type AgentConfig } from '../config.ts';
import { SessionHost } from '../host/session-host.ts';
import { parseHostSettings } from '../session/host-settings.ts';
import { HostClient } from './host-client.ts';

/** A session host in this process with folders of its own, and clients that are closed with it. */
export class TestHost {
  readonly folder: string;
  /** What the host logged. */
  readonly log: string[] = [];
  readonly #isGiven: boolean;
  readonly #clients: HostClient[] = [];
  #host: SessionHost | undefined;

  private constructor(folder: string | undefined) {
    this.#isGiven = folder !== undefined;
    this.folder = folder ?? mkdtempSync(join(tmpdir(), 'hf-host-'));
  }

  /** @param settings as in HOLDFAST_HOST_SETTINGS @param options.folder of the test's own, which it removes */
  static async start(
    settings: Record<string, number> = {},
    options: { config?: AgentConfig; onIdle?: () => void; folder?: string } = {},
  ): Promise<TestHost> {
    const test = new TestHost(options.folder);
    test.#host = await SessionHost.start({
      runtimeFolder: join(test.folder, 'run'),
      stateFolder: test.folder,
      config: () => options.config ?? readConfig(undefined),
      settings: parseHostSettings(JSON.stringify(settings)),
      version: '0',
      buildId: 'test',
      kind: 'test',
      log: (line) => test.log.push(line),
      onIdle: options.onIdle ?? ((): void => undefined),
    });
    test.#host.open();
    return test;
  }

  get socket(): string {
    return this.#host?.place.socket ?? '';
  }

  async connect(caller?: CallerStamp, name?: string): Promise<HostClient> {
    const client = await HostClient.connect(this.socket, caller, name);
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.#host?.close();
    if (!this.#isGiven) rmSync(this.folder, { recursive: true, force: true });
  }
}
