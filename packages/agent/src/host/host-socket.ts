import { chmodSync, lstatSync, rmSync, watch, type FSWatcher } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { ensurePrivateFolder } from './folders.ts';
import { socketPath } from './socket-path.ts';

/** What a host's socket is made with. */
export type HostSocketOptions = {
  folder: string;
  name: string;
  /** How often its file is looked for. */
  checkMs: number;
  onConnection: (socket: Socket) => void;
  /** It could not be bound anew; it is tried again at the next look. */
  onFailed: (error: unknown) => void;
};

/** The Unix socket on which a session host listens. Its file is bound anew when somebody removes it. */
export class HostSocket {
  readonly #options: HostSocketOptions;
  #server: Server | undefined;
  #inode: bigint | undefined;
  #release: (() => void) | undefined;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isChecking = false;
  #closed = false;

  private constructor(options: HostSocketOptions) {
    this.#options = options;
  }

  /** Binds the socket and keeps it bound. @throws an error of Node, such as EADDRINUSE */
  static async listen(options: HostSocketOptions): Promise<HostSocket> {
    const socket = new HostSocket(options);
    await socket.#bind();
    socket.#timer = setInterval(() => socket.#checkSoon(), options.checkMs);
    return socket;
  }

  /** Where it is. */
  get path(): string {
    return join(this.#options.folder, this.#options.name);
  }

  /** Listens no more, and removes the file; connections that were made live on. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#unbind();
  }

  async #bind(): Promise<void> {
    const { folder, name, onConnection } = this.#options;
    ensurePrivateFolder(folder);
    const place = socketPath(folder, name);
    const server = createServer(onConnection);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.on('error', reject).once('listening', resolve);
    // The folder keeps others out; the mode is right from the first moment all the same.
    const mask = process.umask(0o177);
    try {
      server.listen({ path: place.path, backlog: 511 });
    } finally {
      process.umask(mask);
    }
    try {
      await promise;
    } catch (error) {
      place[Symbol.dispose]();
      throw error;
    }
    // The short path of a long one is needed until close(), which removes the file by it.
    this.#release = () => place[Symbol.dispose]();
    this.#server = server;
    chmodSync(this.path, 0o600);
    this.#inode = this.#currentInode();
    this.#watch();
  }

  #unbind(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#server?.close();
    this.#server = undefined;
    this.#release?.();
    this.#release = undefined;
  }

  /** Sees a removal at once; where inotify has no room, the timer sees it too. */
  #watch(): void {
    try {
      this.#watcher = watch(this.#options.folder, { persistent: false }, (_event, name) => {
        if (name === null || name === this.#options.name) this.#checkSoon();
      });
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      this.#watcher = undefined;
    }
  }

  #checkSoon(): void {
    if (this.#isChecking) return;
    this.#isChecking = true;
    void this.#check().finally(() => {
      this.#isChecking = false;
    });
  }

  async #check(): Promise<void> {
    if (this.#closed || (this.#inode !== undefined && this.#currentInode() === this.#inode)) return;
    try {
      this.#inode = undefined;
      this.#unbind();
      // Ours alone is this name, in a folder that is ours alone.
      rmSync(this.path, { force: true });
      await this.#bind();
    } catch (error) {
      this.#options.onFailed(error);
    }
  }

  #currentInode(): bigint | undefined {
    try {
      return lstatSync(this.path, { bigint: true }).ino;
    } catch {
      // It is not there.
      return undefined;
    }
  }
}
