import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { RemotingError, publicKeyType, type Signer } from '@holdfast/protocol';
import { SshAgent } from './ssh-agent.ts';
import { openKeyFile, readPublicKeyFile, type AskPassphrase } from './ssh-key.ts';

/** In the order in which they are offered. */
const DEFAULT_NAMES = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

export type UserKeysOptions = {
  /** The only key to offer: a private key file, or a public one whose other half ssh-agent holds. */
  identity?: string | undefined;
  /** ssh-agent's socket; SSH_AUTH_SOCK by default, none for an empty string. */
  agentSocket?: string | undefined;
  /** Where id_ed25519 and its like are; ~/.ssh by default. */
  folder?: string | undefined;
  /** Absent where nobody can be asked. */
  askPassphrase?: AskPassphrase | undefined;
  /** Told of a key or agent that had to be left out, in one sentence. */
  onProblem?: ((problem: string) => void) | undefined;
};

/**
 * The keys that this user has, in the order in which they are offered: those of ssh-agent, the usual files' first, then
 * the files that it does not hold. Can be gone through again for the next connection: passphrases are not asked for twice.
 */
export class UserKeys implements AsyncIterable<Signer> {
  readonly #options: UserKeysOptions;
  readonly #opened = new Map<string, Signer>();

  constructor(options: UserKeysOptions = {}) {
    this.#options = options;
  }

  /** @throws RemotingError KeyFileUnusable when the one key that was asked for cannot be used */
  async *[Symbol.asyncIterator](): AsyncGenerator<Signer, void, undefined> {
    const { identity } = this.#options;
    const agentKeys = await this.#agentKeys();
    if (identity !== undefined) {
      yield await this.#identityKey(identity, agentKeys);
      return;
    }
    const files = this.#files();
    const usual = await Promise.all(files.map(publicKeyOf));
    const isUsual = (key: Signer): boolean => usual.some((publicKey) => publicKey?.equals(key.publicKey) === true);
    yield* agentKeys.filter(isUsual);
    yield* agentKeys.filter((key) => !isUsual(key));
    for (const file of files) {
      const key = await this.#tryOpen(file);
      if (key !== undefined && !agentKeys.some((held) => held.publicKey.equals(key.publicKey))) yield key;
    }
  }

  #files(): string[] {
    const folder = this.#options.folder ?? join(homedir(), '.ssh');
    return DEFAULT_NAMES.map((name) => join(folder, name)).filter((file) => existsSync(file));
  }

  async #agentKeys(): Promise<Signer[]> {
    const socketPath = this.#options.agentSocket ?? process.env['SSH_AUTH_SOCK'] ?? '';
    if (socketPath === '') return [];
    try {
      return await new SshAgent(socketPath).listKeys();
    } catch (error) {
      // Files may still do.
      this.#report(error);
      return [];
    }
  }

  async #identityKey(identity: string, agentKeys: readonly Signer[]): Promise<Signer> {
    const publicKey = (await publicKeyOf(identity)) ?? (await readPublicKeyFile(identity).catch(() => undefined));
    const held = agentKeys.find((key) => publicKey?.equals(key.publicKey) === true);
    if (held !== undefined) return { ...held, askFirst: publicKeyType(held.publicKey).startsWith('sk-') };
    return this.#open(identity);
  }

  async #tryOpen(file: string): Promise<Signer | undefined> {
    try {
      return await this.#open(file);
    } catch (error) {
      this.#report(error);
      return undefined;
    }
  }

  async #open(file: string): Promise<Signer> {
    const opened = this.#opened.get(file) ?? (await openKeyFile(file, this.#options.askPassphrase));
    this.#opened.set(file, opened);
    return opened;
  }

  #report(error: unknown): void {
    if (!(error instanceof RemotingError)) throw error;
    this.#options.onProblem?.(error.message);
  }
}

/** What `file.pub` says; undefined without such a file. */
async function publicKeyOf(file: string): Promise<Buffer | undefined> {
  try {
    return await readPublicKeyFile(`${file}.pub`);
  } catch {
    // Only the order of the keys depends on it.
    return undefined;
  }
}
