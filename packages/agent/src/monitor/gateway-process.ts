import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT_PATH } from '../auth/as-user.ts';
import type { Identity } from '../auth/identity.ts';
import type { GatewaySettings } from '../gateway/settings.ts';
import { eachLine } from '../log/each-line.ts';
import type { LogOutput } from '../log/log-output.ts';
import type { Log, LogLevel } from '../log/log.ts';
import type { FromMonitor } from './messages.ts';

export type GatewayProcessOptions = {
  /** What is run, with no rights but those of `user`. */
  command: readonly string[];
  /** It listens on a port below 1024, which takes a capability: the only one it is given. */
  hasLowPort: boolean;
  user: Identity;
  /** A new process is there: whom its messages go to, and what is done when it has ended. */
  onStart: (send: (message: FromMonitor, socket?: Socket) => void) => {
    /** False for a message that only a gateway in strange hands sends: it is ended. */
    take: (message: unknown) => boolean;
    close: () => void;
  };
  /** What the gateway logs goes where the monitor's own log does. */
  logging: { log: Log; level: LogLevel; output: LogOutput };
  limits: Pick<GatewaySettings, 'gatewayStopMs' | 'restartPauseMs' | 'restartLongestPauseMs' | 'restartSteadyMs'>;
};

const MAX_LOG_LINE = 64 * 1024;

/** Keeps a gateway running: whenever it ends, another one is started, until stop(). */
export class GatewayProcess {
  readonly #options: GatewayProcessOptions;
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: GatewayProcessOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#keep();
  }

  /** Lets the gateway say goodbye to its clients, and waits until it has ended; it is killed after `gatewayStopMs`. */
  async stop(reason: string): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    if (child !== undefined) send(child, { type: 'gateway.stop', reason });
    const timer = setTimeout(() => child?.kill('SIGKILL'), this.#options.limits.gatewayStopMs);
    await this.#running;
    clearTimeout(timer);
  }

  async #keep(): Promise<void> {
    const { restartPauseMs, restartLongestPauseMs, restartSteadyMs } = this.#options.limits;
    let pauseMs = restartPauseMs;
    for (;;) {
      const startedAt = performance.now();
      const how = await this.#run();
      if (this.#stopping.signal.aborted) return;
      this.#options.logging.log('gateway.ended', { how });
      pauseMs = performance.now() - startedAt > restartSteadyMs ? restartPauseMs : pauseMs;
      await delay(pauseMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      pauseMs = Math.min(2 * pauseMs, restartLongestPauseMs);
      if (this.#stopping.signal.aborted) return;
    }
  }

  /** @returns how it ended */
  async #run(): Promise<string> {
    const { onStart, logging } = this.#options;
    const { log, level, output } = logging;
    const [program = '', ...args] = confined(this.#options);
    const child = spawn(program, args, {
      cwd: '/',
      env: { PATH: ROOT_PATH, HOME: '/', LANG: process.env['LANG'], HOLDFAST_LOG_LEVEL: level },
      // The last one is for the log, see LOG_DESCRIPTOR of run-gateway.ts.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc', 'pipe'],
    });
    // Its type has no place for a fifth stream.
    eachLine(child.stdio[4] as unknown as Readable, MAX_LOG_LINE, (line) => output.write(line));
    this.#child = child;
    const desk = onStart((message, socket) => send(child, message, socket));
    child.on('message', (message: unknown, handle: unknown) => {
      // It has nothing to give: whatever it sent along is let go.
      if (typeof handle === 'object' && handle !== null && 'destroy' in handle) (handle as Socket).destroy();
      if (desk.take(message)) return;
      log('monitor.refused', { asked: 'what is no question of a gateway', pid: child.pid });
      child.kill('SIGKILL');
    });
    try {
      const [code, signal] = await once(child, 'exit');
      return `${signal ?? code}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      desk.close();
      this.#child = undefined;
    }
  }
}

/** No right is left but that of a low port, none can be got back (setpriv(1)), and it does not outlive its monitor. */
function confined({ user: { uid, gid }, hasLowPort, command }: GatewayProcessOptions): string[] {
  const ids = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  const left = hasLowPort ? '-all,+net_bind_service' : '-all';
  const rights = ['--inh-caps', '--ambient-caps', '--bounding-set'].map((set) => `${set}=${left}`);
  return ['setpriv', ...ids, ...rights, '--no-new-privs', '--pdeathsig=KILL', '--', ...command];
}

function send(child: ChildProcess, message: FromMonitor, socket?: Socket): void {
  if (child.connected) child.send(message, socket, { keepOpen: false }, ignore);
  else socket?.destroy();
}

/** It has ended, and its end is seen elsewhere. */
function ignore(): void {}
