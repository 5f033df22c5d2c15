import type { KeyObject } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import {
  RemotingError,
  encodePublicKey,
  keySigner,
  parsePrivateKey,
  parsePublicKey,
  signWith,
  type Signer,
} from '@holdfast/protocol';

/** Asks a person for the passphrase of a key file; undefined when they give up. `attempt` counts from 1. */
export type AskPassphrase = (question: { file: string; attempt: number }) => Promise<string | undefined>;

const MAX_ATTEMPTS = 3;

const ANOTHER = 'name another as identity';

/**
 * Opens a private key file: OpenSSH's format or PEM. An encrypted one shows its public key now and asks for the
 * passphrase when it first signs, which is when a host has said that it wants this key; it is asked once.
 * @throws RemotingError KeyFileUnusable when the file is missing, open to others, or holds no key that is understood
 */
export async function openKeyFile(file: string, askPassphrase: AskPassphrase | undefined): Promise<Signer> {
  const text = await readKeyFile(file);
  const parsed = parse(file, () => parsePrivateKey(text));
  if (!parsed.encrypted) return keySigner(parsed.privateKey, file);
  const publicKey = parsed.publicKey ?? (await readPublicHalf(file));
  parse(file, () => parsePublicKey(publicKey));
  let unlocked: Promise<KeyObject> | undefined;
  return {
    publicKey,
    comment: file,
    askFirst: true,
    async sign(data) {
      unlocked ??= unlock({ file, text, publicKey, askPassphrase });
      try {
        return signWith(await unlocked, data);
      } catch (error) {
        unlocked = undefined;
        throw error;
      }
    },
  };
}

/**
 * The public key in a file such as `id_ed25519.pub`.
 * @throws RemotingError KeyFileUnusable
 */
export async function readPublicKeyFile(file: string): Promise<Buffer> {
  const text = await read(file);
  const [type = '', base64 = ''] = text.trim().split(/\s+/);
  const publicKey = Buffer.from(base64, 'base64');
  const parsed = parse(file, () => parsePublicKey(publicKey));
  if (parsed.type !== type) throw unusable(file, 'it holds no public key');
  return publicKey;
}

async function unlock(key: {
  file: string;
  text: string;
  publicKey: Buffer;
  askPassphrase: AskPassphrase | undefined;
}): Promise<KeyObject> {
  const { file, text, publicKey, askPassphrase } = key;
  if (askPassphrase === undefined) {
    const problem = 'has a passphrase, and nobody can be asked for it here';
    throw keyError(file, `${problem}: run ssh-add ${file}, or connect at a terminal`);
  }
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const passphrase = await askPassphrase({ file, attempt });
    if (passphrase === undefined)
      throw keyError(file, `stays locked, for no passphrase was given: connect again, or run ssh-add ${file}`);
    const privateKey = await decrypt(text, passphrase);
    if (privateKey !== undefined && encodePublicKey(privateKey).equals(publicKey)) return privateKey;
  }
  const problem = `stays locked, for the passphrase was wrong ${MAX_ATTEMPTS} times`;
  throw keyError(file, `${problem}: connect again, or run ssh-add ${file}`);
}

/** @returns undefined when the passphrase is wrong */
async function decrypt(text: string, passphrase: string): Promise<KeyObject | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<KeyObject | undefined>();
  // A file of its own beside this one, in the sources and in the bundle.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new Worker(new URL(`./ssh-key-worker.${extension}`, import.meta.url), {
    workerData: { text, passphrase },
  });
  worker.on('message', (answer: { privateKey?: KeyObject }) => resolve(answer.privateKey));
  worker.on('error', reject);
  worker.on('exit', (code) => reject(new Error(`The thread that decrypts a key ended with ${code}`)));
  try {
    return await promise;
  } finally {
    await worker.terminate();
  }
}

async function readKeyFile(file: string): Promise<string> {
  const text = await read(file);
  const { mode, uid } = await stat(file);
  // As ssh does: a key that others could have copied is not used.
  if (uid === process.getuid?.() && (mode & 0o077) !== 0) {
    throw unusable(file, `others may read it (mode ${(mode & 0o777).toString(8)}): run chmod 600 ${file}`);
  }
  return text;
}

async function readPublicHalf(file: string): Promise<Buffer> {
  try {
    return await readPublicKeyFile(`${file}.pub`);
  } catch (cause) {
    throw unusable(file, `its public half is missing: run ssh-keygen -y -f ${file} > ${file}.pub`, cause);
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw unusable(file, `${isMissing ? 'there is no such file' : messageOf(cause)}: ${ANOTHER}`, cause);
  }
}

function parse<T>(file: string, parseText: () => T): T {
  try {
    return parseText();
  } catch (cause) {
    const problem = messageOf(cause).replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
    throw unusable(file, `${problem}: ${ANOTHER}`, cause);
  }
}

function unusable(file: string, problem: string, cause?: unknown): RemotingError {
  return keyError(file, `cannot be used: ${problem}`, cause);
}

function keyError(file: string, problem: string, cause?: unknown): RemotingError {
  return new RemotingError('KeyFileUnusable', `The key ${file} ${problem}`, { cause, target: file });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
