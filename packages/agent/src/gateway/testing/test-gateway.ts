import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Signer } from '@holdfast/protocol';
import type { LogFields } from '../../log/log.ts';
import type { MetricsPlace } from '../metrics/metrics-settings.ts';
import { readGatewaySettings, type GatewaySettings } from '../settings.ts';
import { startGateway, type RunningGateway } from '../start-gateway.ts';
import { readKey } from './test-client.ts';

/** A folder of a test's own, with a user's key made by ssh-keygen that is let in. */
export class TestHome {
  readonly folder: string;
  readonly stateDir: string;
  readonly runtimeDir: string;
  readonly authorizedKeys: string;
  readonly key: Signer;

  constructor() {
    this.folder = mkdtempSync(path.join(tmpdir(), 'holdfast-gateway-'));
    this.stateDir = path.join(this.folder, 'state');
    this.runtimeDir = path.join(this.folder, 'run');
    this.authorizedKeys = path.join(this.folder, 'authorized_keys');
    mkdirSync(this.runtimeDir, { mode: 0o700 });
    this.key = this.makeKey('id_ed25519');
    copyFileSync(path.join(this.folder, 'id_ed25519.pub'), this.authorizedKeys);
  }

  /** For processes that are to have nothing else of this machine's. */
  get environment(): NodeJS.ProcessEnv {
    const { PATH, LANG } = process.env;
    return {
      ...(PATH === undefined ? {} : { PATH }),
      ...(LANG === undefined ? {} : { LANG }),
      HOME: this.folder,
      SHELL: '/bin/bash',
      HOLDFAST_RUNTIME_DIR: this.runtimeDir,
      HOLDFAST_HOST_SETTINGS: '{"graceMs":20000,"idleExitMs":500,"termAfterMs":300,"killAfterMs":300}',
    };
  }

  makeKey(name: string): Signer {
    const file = path.join(this.folder, name);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
    return readKey(file);
  }

  authorize(line: string): void {
    appendFileSync(this.authorizedKeys, `${line}\n`);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** What the gateway logged. */
export type LogLine = { event: string } & LogFields;

/** A gateway in this process, on a free port. */
export async function startTestGateway(
  home: TestHome,
  options: {
    settings?: Partial<GatewaySettings>;
    hostCommand?: readonly string[];
    buildId?: string;
    /** Else the home's. */
    runtimeDir?: string;
    metrics?: MetricsPlace;
  } = {},
): Promise<RunningGateway & { lines: LogLine[] }> {
  const lines: LogLine[] = [];
  const gateway = await startGateway({
    listen: '127.0.0.1:0',
    stateDir: home.stateDir,
    runtimeDir: options.runtimeDir ?? home.runtimeDir,
    authorizedKeys: home.authorizedKeys,
    buildId: options.buildId ?? 'testbuild',
    hostCommand: options.hostCommand ?? ['/bin/false'],
    settings: { ...readGatewaySettings(), ...options.settings },
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
    log: (event, fields) => lines.push({ event, ...fields }),
  });
  return { ...gateway, lines };
}
