import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { RemotingError, isCertificate, plainKey, publicKeyType, type Signer } from '@holdfast/protocol';
import { SshAgent, type SshAgentTimeouts } from './ssh-agent.ts';
import { openKeyFile, readPublicKeyFile, type AskPassphrase } from './ssh-key.ts';
import { withCertificateOf } from './user-certificate.ts';

/** In the order in which they are offered. */
const DEFAULT_NAMES = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

export type UserKeysOptions = {
  /** The only key to offer: a private key file, or a public one whose other half ssh-agent holds. */
  identity?: string | undefined;
  /** ssh-agent's socket; SSH_AUTH_SOCK by default, none for an empty string. */
  agentSocket?: string | undefined;
  agentTimeouts?: SshAgentTimeouts;
  /** Where id_ed25519 and its like are; ~/.ssh by default. */
  folder?: string | undefined;
  /** Absent where nobody can be asked. */
  askPassphrase?: AskPassphrase | undefined;
};

/**
 * The keys that this user has, in the order in which they are offered: those of ssh-agent, the usual files' first, then
 * the files that it does not hold; certificates, of ssh-agent or beside a file, before the keys alone. Can be gone
 * through again for the next connection: passphrases are not asked for twice.
 */
export class UserKeys implements AsyncIterable<Signer> {
  readonly #options: UserKeysOptions;
  readonly #opened = new Map<string, Signer>();
  /** By file or socket: what was wrong with it when it was last tried. */
  readonly #problems = new Map<string, string>();

  constructor(options: UserKeysOptions = {}) {
    this.#options = options;
  }

  /** Why a key or the agent could not be used, a sentence each. */
  get leftOut(): string[] {
    return [...this.#problems.values()];
  }

  /** @throws RemotingError KeyFileUnusable when the one key that was asked for cannot be used */
  async *[Symbol.asyncIterator](): AsyncGenerator<Signer, void, undefined> {
    const { identity } = this.#options;
    const agentKeys = await this.#agentKeys();
    if (identity !== undefined) {
      const key = await this.#identityKey(identity, agentKeys);
      yield* agentKeys.filter(
        (held) => isCertificate(held.publicKey) && plainKey(held.publicKey).equals(key.publicKey),
      );
      yield* this.#certified(identity, key, agentKeys);
      return;
    }
    const files = this.#files();
    const usual = await Promise.all(files.map((file) => publicKeyIn(`${file}.pub`)));
    const fileOf = (key: Signer): string | undefined =>
      files[usual.findIndex((publicKey) => publicKey?.equals(plainKey(key.publicKey)) === true)];
    for (const key of agentKeys) {
      const file = fileOf(key);
      if (file !== undefined) yield* isCertificate(key.publicKey) ? [key] : this.#certified(file, key, agentKeys);
    }
    yield* agentKeys.filter((key) => fileOf(key) === undefined);
    for (const file of files) {
      const key = await this.#try(file, () => this.#open(file));
      if (key !== undefined && !agentKeys.some((held) => held.publicKey.equals(key.publicKey)))
        yield* this.#certified(file, key, agentKeys);
    }
  }

  /** A key with the certificate that lies beside its file, unless ssh-agent has that one too, and without. */
  async *#certified(file: string, key: Signer, agentKeys: readonly Signer[]): AsyncGenerator<Signer, void, undefined> {
    const certified = await this.#try(`${file}-cert`, () => withCertificateOf(file, key));
    const isHeld = agentKeys.some((held) => certified?.publicKey.equals(held.publicKey) === true);
    if (certified !== undefined && !isHeld) yield certified;
    yield key;
  }

  #files(): string[] {
    const folder = this.#options.folder ?? join(homedir(), '.ssh');
    return DEFAULT_NAMES.map((name) => join(folder, name)).filter((file) => existsSync(file));
  }

  async #agentKeys(): Promise<Signer[]> {
    const socketPath = this.#options.agentSocket ?? process.env['SSH_AUTH_SOCK'] ?? '';
    if (socketPath === '') return [];
    // Without it, files may still do.
    const keys =
      (await this.#try(socketPath, () => new SshAgent(socketPath, this.#options.agentTimeouts).listKeys())) ?? [];
    // A host that knows the key by its certificate alone need not be asked in vain.
    return keys.toSorted((a, b) => Number(isCertificate(b.publicKey)) - Number(isCertificate(a.publicKey)));
  }

  async #identityKey(identity: string, agentKeys: readonly Signer[]): Promise<Signer> {
    const itself = await publicKeyIn(identity);
    const publicKey = (await publicKeyIn(`${identity}.pub`)) ?? itself;
    const held = agentKeys.find((key) => publicKey?.equals(key.publicKey) === true);
    if (held !== undefined) return { ...held, askFirst: publicKeyType(held.publicKey).startsWith('sk-') };
    if (itself === undefined) return this.#open(identity);
    const message = `The key ${identity} cannot be used: it is the public half, and ssh-agent does not hold the private one: run ssh-add with that`;
    throw new RemotingError('KeyFileUnusable', message, { target: identity });
  }

  /** @returns undefined when the key file or agent `source` cannot be used, which is noted */
  async #try<T>(source: string, open: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await open();
      this.#problems.delete(source);
      return result;
    } catch (error) {
      if (!(error instanceof RemotingError)) throw error;
      this.#problems.set(source, error.message);
      return undefined;
    }
  }

  async #open(file: string): Promise<Signer> {
    const opened = this.#opened.get(file) ?? (await openKeyFile(file, this.#options.askPassphrase));
    this.#opened.set(file, opened);
    return opened;
  }
}

/** The public key in a file; undefined when there is none. */
async function publicKeyIn(file: string): Promise<Buffer | undefined> {
  try {
    return await readPublicKeyFile(file);
  } catch {
    // It only tells which key of ssh-agent a file's is.
    return undefined;
  }
}
