import type { RequestOf } from '@holdfast/protocol';
import type { ChannelPort, ClientIdentity } from './channel-port.ts';
import type { FifoPool } from './fifo-pool.ts';
import type { HostSettings } from './host-settings.ts';
import { OneShot } from './one-shot.ts';
import { programEnvironment, startFolder } from './session-environment.ts';

/** Who starts a one-shot, and through which channels. */
export type OneShotCaller = { client: ClientIdentity; local: boolean; port: ChannelPort; errorPort: ChannelPort };

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

  /** Whether asking again with this execId gives one that is there. */
  has(execId: string): boolean {
    return this.#byExecId.has(execId);
  }

  /** Starts one; the same execId again gives the same one. @throws RemotingError ProgramNotStarted or CommandNotText */
  start(request: RequestOf<'exec.start'>, { client, local, port, errorPort }: OneShotCaller): OneShot {
    const known = this.#byExecId.get(request.execId);
    if (known !== undefined) {
      // The answer was lost with its link.
      const at = { receivedTo: 0, limit: request.limit, eventsTo: 0, attempt: request.attempt };
      known.resume(port, at);
      known.resume(errorPort, at);
      return known;
    }
    const env = programEnvironment(request.environment, local);
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
      onForgotten: () => this.#byExecId.delete(request.execId),
    });
    this.#byExecId.set(request.execId, oneShot);
    return oneShot;
  }

  /** The one-shot of the attachment `attachmentId`, if there is one. */
  find(attachmentId: string): OneShot | undefined {
    return [...this.#byExecId.values()].find((oneShot) => oneShot.attachmentId === attachmentId);
  }

  /** Ends those of `clientId`, or all. */
  async stop(clientId?: string): Promise<void> {
    const theirs = [...this.#byExecId.values()].filter(
      ({ client }) => clientId === undefined || client.clientId === clientId,
    );
    await Promise.all(theirs.map((oneShot) => oneShot.stop()));
  }
}
