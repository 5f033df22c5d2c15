import { mkdirSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { RemotingError, StreamTransport, helloAsHost } from '@holdfast/protocol';
import type { AgentConfig } from '../config.ts';
import { FreeDescriptors } from '../free-descriptors.ts';
import { FifoPool } from '../session/fifo-pool.ts';
import type { HostSettings } from '../session/host-settings.ts';
import { Journal } from '../record/journal.ts';
import { Recordings } from '../session/recordings.ts';
import { OneShotTable } from '../session/one-shot-table.ts';
import { SessionNumbers } from '../session/session-numbers.ts';
import type { Session } from '../session/session.ts';
import { SessionTable } from '../session/session-table.ts';
import { ClientConnection } from './client-connection.ts';
import { ensurePrivateFolder } from './folders.ts';
import { GrantedUsers } from './granted-users.ts';
import { newGeneration, type HostPlace } from './host-directory.ts';
import type { HostState } from './host-state.ts';
import { HostSocket } from './host-socket.ts';
import { RecordRequests } from './record-requests.ts';
import { Recorder } from './recorder.ts';
import { handleRequest } from './requests.ts';

/** What a session host is made with. */
export type SessionHostOptions = {
  /** For the socket and driver files. */
  runtimeFolder: string;
  /** For output that memory does not hold. */
  stateFolder: string;
  /** The configuration as it is now. */
  config: () => AgentConfig;
  settings: HostSettings;
  version: string;
  buildId: string;
  /** Build and configuration, see hostKind(). */
  kind: string;
  log: (line: string) => void;
  /** Nobody used the host for `idleExitMs`. */
  onIdle: () => void;
};

/** Kept so that a link which is one too many can be accepted and closed. */
const LAST_DESCRIPTORS = 4;

/** One user's sessions in one process, behind a Unix socket. */
export class SessionHost {
  readonly #options: SessionHostOptions;
  readonly #generation: string;
  readonly #folders: { drivers: string; output: string };
  readonly #pipes: FifoPool;
  readonly #state: HostState;
  readonly #journal: Journal;
  readonly #connections = new Set<ClientConnection>();
  /** Held back until the host is open for clients. */
  readonly #open = Promise.withResolvers<void>();
  #socket: HostSocket | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(options: SessionHostOptions) {
    const { runtimeFolder, stateFolder, settings, config, version, buildId, kind, log } = options;
    this.#options = options;
    this.#generation = newGeneration(kind, runtimeFolder);
    this.#folders = {
      drivers: join(runtimeFolder, `${this.#generation}.d`),
      output: join(stateFolder, 'output', this.#generation),
    };
    for (const folder of Object.values(this.#folders)) mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#pipes = new FifoPool(this.#folders.drivers);
    this.#pipes.refill();
    const shared = { pipes: this.#pipes, settings };
    const numbers = new SessionNumbers(stateFolder);
    const recordSettings = () => config().record;
    const journals = join(stateFolder, 'journal');
    const record = new RecordRequests(stateFolder, journals, recordSettings);
    this.#journal = new Journal({ folder: journals, limits: recordSettings, log, onGrew: record.onGrew });
    const recorder = new Recorder(this.#journal, recordSettings);
    const folder = join(stateFolder, 'recordings');
    const recordings = new Recordings({ folder, limits: recordSettings, flushMs: settings.recordingFlushMs });
    const guests = new GrantedUsers(runtimeFolder, this.#generation);
    const onGrantLapsed = (session: Session, user: string): void => {
      recorder.happened(session, { type: 'session.lapsed', detail: `the grant to ${user}` });
      guests.publish(this.#state.sessions.guests);
    };
    const onClock = (session: Session, clock: 'grace' | 'idle'): void => recorder.left(session, clock);
    this.#state = {
      sessions: new SessionTable({
        ...shared,
        folders: this.#folders,
        recordings,
        numbers,
        log,
        onClock,
        onGrantLapsed,
      }),
      guests,
      settings,
      record,
      recorder,
      oneShots: new OneShotTable({ ...shared, folder: this.#folders.drivers }),
      descriptors: new FreeDescriptors(),
      get config() {
        return config();
      },
      identity: { version, buildId, generation: this.#generation, startedAt: Date.now() },
    };
  }

  /** Binds the socket; whoever connects is answered after open(). @throws RemotingError or an error of Node */
  static async start(options: SessionHostOptions): Promise<SessionHost> {
    ensurePrivateFolder(options.runtimeFolder);
    ensurePrivateFolder(join(options.stateFolder, 'output'));
    const host = new SessionHost(options);
    host.#socket = await HostSocket.listen({
      folder: options.runtimeFolder,
      name: `${host.#generation}.sock`,
      checkMs: options.settings.socketCheckMs,
      onConnection: (socket) => void host.#accept(socket),
      onFailed: (error) => options.log(`the socket cannot be bound anew: ${String(error)}`),
    });
    return host;
  }

  get place(): HostPlace {
    return { socket: this.#socket?.path ?? '', generation: this.#generation };
  }

  /** Answers clients from now on. */
  open(): void {
    this.#open.resolve();
    this.#watchIdleness();
  }

  /** Ends all sessions and connections, and removes what the host made. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idleTimer);
    this.#socket?.close();
    await Promise.all([this.#state.oneShots.stop(), this.#state.sessions.stopAll(), this.#pipes.close()]);
    for (const connection of this.#connections) connection.close('The session host ends');
    this.#state.sessions.dispose();
    this.#state.guests.publish([]);
    this.#journal.close();
    await this.#state.record.close();
    for (const folder of Object.values(this.#folders)) rmSync(folder, { recursive: true, force: true });
  }

  async #accept(socket: Socket): Promise<void> {
    // At the limit itself nobody could be accepted, and the loop would ask for ever.
    if (!this.#state.descriptors.take(1, LAST_DESCRIPTORS)) return void socket.destroy();
    const transport = new StreamTransport(socket);
    transport.pause();
    await this.#open.promise;
    transport.resume();
    try {
      const signal = AbortSignal.timeout(this.#options.settings.helloTimeoutMs);
      const { takeAfterMs } = this.#options.settings;
      const identity = { generation: this.#generation, buildId: this.#options.buildId, takeAfterMs };
      const hello = await helloAsHost(transport, identity, signal);
      const connection = new ClientConnection(transport, hello, {
        onRequest: (request, client) => handleRequest(request, client, this.#state),
        onClose: (closed) => {
          this.#connections.delete(closed);
          this.#state.record.forget(closed);
          this.#watchIdleness();
        },
      });
      this.#connections.add(connection);
    } catch (error) {
      // Whoever it was has been told, or is gone.
      if (!(error instanceof RemotingError)) this.#options.log(`a greeting failed: ${String(error)}`);
    }
  }

  /** Starts the clock anew whenever somebody used the host. */
  #watchIdleness(): void {
    clearTimeout(this.#idleTimer);
    if (this.#closed) return;
    this.#idleTimer = setTimeout(() => {
      const { sessions, oneShots } = this.#state;
      const isUsed = this.#connections.size > 0 || sessions.runningCount > 0 || oneShots.count > 0;
      if (isUsed) this.#watchIdleness();
      else this.#options.onIdle();
    }, this.#options.settings.idleExitMs);
  }
}
