import type { RequestOf } from '@holdfast/protocol';
import type { ChannelPort, ClientIdentity } from './channel-port.ts';
import type { FifoPool } from './fifo-pool.ts';
import type { HostSettings } from './host-settings.ts';
import { OneShot, type OneShotOptions } from './one-shot.ts';
import { programEnvironment, startFolder } from './session-environment.ts';

/** Who starts a one-shot, and through which channels. */
export type OneShotCaller = {
  client: ClientIdentity;
  local: boolean;
  port: ChannelPort;
  errorPort: ChannelPort;
  /** What was asked for where something else runs in its place; the program is told, as by sshd. */
  originalCommand?: string | undefined;
  onOver: OneShotOptions['onOver'];
};

/** All one-shots of a host, those included that ended a short while ago. */
export class OneShotTable {
  readonly #folder: string;
  readonly #settings: HostSettings;
  readonly #pipes: FifoPool;
  readonly #byExecId = new Map<string, OneShot>();

  /** @param options.folder only this user may enter it */
  constructor(options: { folder: string; pipes: FifoPool; settings: HostSettings }) {
    this.#folder = options.folder;
    this.#settings = options.settings;
    this.#pipes = options.pipes;
  }

  get count(): number {
    return this.#byExecId.size;
  }

  get runningCount(): number {
    return [...this.#byExecId.values()].filter(({ isRunning }) => isRunning).length;
  }

  /** The same of one configuration. */
  runningIn(configurationName: string): number {
    const running = [...this.#byExecId.values()].filter(({ isRunning }) => isRunning);
    return running.filter((oneShot) => oneShot.configurationName === configurationName).length;
  }

  /** The one that asking again with this execId gives, if it is there. */
  started(execId: string): OneShot | undefined {
    return this.#byExecId.get(execId);
  }

  /** Starts one; the same execId again gives the same one. @throws RemotingError ProgramNotStarted or CommandNotText */
  start(request: RequestOf<'exec.start'>, caller: OneShotCaller): OneShot {
    const { client, local, port, errorPort, originalCommand, onOver } = caller;
    const known = this.#byExecId.get(request.execId);
    if (known !== undefined) {
      // The answer was lost with its link.
      const at = { receivedTo: 0, limit: request.limit, eventsTo: 0, attempt: request.attempt };
      known.resume(port, at);
      known.resume(errorPort, at);
      return known;
    }
    const env = programEnvironment(request.environment, local);
    if (originalCommand !== undefined) env['SSH_ORIGINAL_COMMAND'] = originalCommand;
    const oneShot = new OneShot({
      request,
      client,
      env,
      cwd: startFolder(request.cwd, env),
      port,
      errorPort,
      pipes: this.#pipes,
      folder: this.#folder,
      settings: this.#settings,
      onOver,
      onForgotten: () => this.#byExecId.delete(request.execId),
    });
    this.#byExecId.set(request.execId, oneShot);
    return oneShot;
  }

  /** The one-shot of the attachment `attachmentId`, if there is one. */
  find(attachmentId: string): OneShot | undefined {
    return [...this.#byExecId.values()].find((oneShot) => oneShot.attachmentId === attachmentId);
  }

  /** Ends those that are meant, or all. */
  async stop(isMeant: (oneShot: OneShot) => boolean = () => true): Promise<void> {
    const meant = [...this.#byExecId.values()].filter(isMeant);
    await Promise.all(meant.map((oneShot) => oneShot.stop()));
  }
}
