import { connect } from 'node:net';
import {
  RemotingError,
  WireReader,
  parsePublicKey,
  plainKey,
  publicKeyType,
  wireString,
  type Signer,
} from '@holdfast/protocol';
import { CLIENT_SETTINGS } from './client-settings.ts';

/** Message numbers (draft-ietf-sshm-ssh-agent, section 6.1). */
const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;

/** Makes an RSA key sign with SHA-512; without it an agent uses SHA-1. */
const RSA_SHA2_512 = 4;

const MAX_REPLY_BYTES = 256 * 1024;

/** How long the agent may take: to say what it holds, and to sign, for which it may ask its user. */
export type SshAgentTimeouts = { listMs: number; signMs: number };

const { sshAgentListMs, sshAgentSignMs } = CLIENT_SETTINGS;

/** A running ssh-agent; each request has a connection of its own. */
export class SshAgent {
  readonly #socketPath: string;
  readonly #timeouts: SshAgentTimeouts;

  constructor(socketPath: string, timeouts: SshAgentTimeouts = { listMs: sshAgentListMs, signMs: sshAgentSignMs }) {
    this.#socketPath = socketPath;
    this.#timeouts = timeouts;
  }

  /**
   * The keys and certificates it holds, of the kinds that are understood here (no DSA).
   * @throws RemotingError KeyFileUnusable when it cannot be asked
   */
  async listKeys(): Promise<Signer[]> {
    const reply = await this.#request(Buffer.of(REQUEST_IDENTITIES), IDENTITIES_ANSWER, this.#timeouts.listMs);
    const keys: { publicKey: Buffer; comment: string }[] = [];
    const count = this.#read(reply, (reader) => {
      const announced = reader.readUint32();
      while (reader.left > 0) keys.push({ publicKey: Buffer.from(reader.readString()), comment: reader.readText() });
      return announced;
    });
    if (count !== keys.length) throw this.#failure(`it announced ${count} keys and sent ${keys.length}`);
    const usable = keys.filter(({ publicKey }) => isUnderstood(publicKey));
    return usable.map((key) => this.#signer(key, usable.length > 1));
  }

  #signer(key: { publicKey: Buffer; comment: string }, isOneOfSeveral: boolean): Signer {
    const type = publicKeyType(plainKey(key.publicKey));
    return {
      ...key,
      // A key may ask its user at each signature (ssh-add -c, a security key): not for nothing.
      askFirst: isOneOfSeveral || type.startsWith('sk-'),
      sign: (data) => this.#sign(key.publicKey, type, data),
    };
  }

  async #sign(publicKey: Buffer, type: string, data: Buffer): Promise<Buffer> {
    const flags = Buffer.of(0, 0, 0, type === 'ssh-rsa' ? RSA_SHA2_512 : 0);
    const request = Buffer.concat([Buffer.of(SIGN_REQUEST), wireString(publicKey), wireString(data), flags]);
    const reply = await this.#request(request, SIGN_RESPONSE, this.#timeouts.signMs);
    return this.#read(reply, (reader) => {
      const signature = Buffer.from(reader.readString());
      if (publicKeyType(signature) === 'ssh-rsa') throw this.#failure('it signs with SHA-1 only, which is not taken');
      return signature;
    });
  }

  #read<T>(reply: Buffer, read: (reader: WireReader) => T): T {
    try {
      return read(new WireReader(reply));
    } catch (error) {
      if (error instanceof SyntaxError) throw this.#failure(error.message, error);
      throw error;
    }
  }

  /** @returns what follows the message number of the reply */
  #request(message: Buffer, wanted: number, timeoutMs: number): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const socket = connect(this.#socketPath);
    const timer = setTimeout(() => fail(`it did not answer within ${timeoutMs / 1000} s`), timeoutMs);
    let received: Buffer = Buffer.alloc(0);
    const fail = (problem: string, cause?: unknown): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(this.#failure(problem, cause));
    };
    socket.on('error', (error) => {
      const isNone = 'code' in error && (error.code === 'ENOENT' || error.code === 'ECONNREFUSED');
      fail(isNone ? 'none listens there: start one, or unset SSH_AUTH_SOCK' : error.message, error);
    });
    socket.on('close', () => fail('it hung up'));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 5) return;
      const length = received.readUInt32BE(0);
      if (length > MAX_REPLY_BYTES) fail(`its answer has ${length} bytes`);
      if (received.length < 4 + length) return;
      if (received[4] === wanted) resolve(received.subarray(5, 4 + length));
      // What comes after this changes nothing: a promise settles once.
      fail("it refused: unlock it with ssh-add -X if it is locked, or confirm the key's use");
    });
    socket.write(wireString(message));
    return promise;
  }

  #failure(problem: string, cause?: unknown): RemotingError {
    return new RemotingError('KeyFileUnusable', `The ssh-agent at ${this.#socketPath} did not help: ${problem}`, {
      cause,
    });
  }
}

function isUnderstood(publicKey: Buffer): boolean {
  try {
    parsePublicKey(plainKey(publicKey));
    return true;
  } catch {
    // A weak key or one of tomorrow: not for us, and no reason to fail.
    return false;
  }
}
