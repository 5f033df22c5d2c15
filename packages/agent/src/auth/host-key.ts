import { generateKeyPairSync } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  RemotingError,
  encodePrivateKey,
  fingerprint,
  keySigner,
  parsePrivateKey,
  type HostSigner,
} from '@holdfast/protocol';
import { loadHostCertificate } from './host-certificate.ts';
import { readOrCreatePrivateFile, readPrivateFile } from './private-file.ts';

/** The key by which clients know this agent. */
export type HostKey = HostSigner & {
  /** `SHA256:...`, as people compare it. */
  fingerprint: string;
  /** Where it lies. */
  file: string;
};

/**
 * Loads the host key from `file`, or from the state folder, where it is made (Ed25519, OpenSSH's format) the first time,
 * and the certificate that `configFile` names for it.
 * @throws RemotingError KeyFileUnusable when the file is missing, open to others, encrypted or no key; InvalidSetting
 */
export async function loadHostKey(options: {
  stateDir: string;
  file?: string | undefined;
  configFile?: string | undefined;
}): Promise<HostKey> {
  const file = options.file ?? join(options.stateDir, 'host_key');
  const contents =
    options.file === undefined ? await readOrCreatePrivateFile(file, generate) : await readPrivateFile(file);
  if (contents === undefined) {
    throw new RemotingError(
      'KeyFileUnusable',
      `The host key ${file} does not exist: make it with ssh-keygen -t ed25519 -f ${file}`,
    );
  }
  const key = parseKey(file, contents.toString('utf8'));
  const signer = keySigner(key.privateKey, key.comment);
  const certificate = await loadHostCertificate(options.configFile, signer.publicKey);
  return { ...signer, fingerprint: fingerprint(signer.publicKey), file, certificate };
}

function generate(): string {
  return encodePrivateKey(generateKeyPairSync('ed25519').privateKey, `holdfast-agent@${hostname()}`);
}

function parseKey(file: string, text: string): Extract<ReturnType<typeof parsePrivateKey>, { encrypted: false }> {
  let key;
  try {
    key = parsePrivateKey(text);
  } catch (cause) {
    throw new RemotingError('KeyFileUnusable', `The host key ${file} cannot be used: ${String(cause)}`, { cause });
  }
  if (key.encrypted) {
    throw new RemotingError(
      'KeyFileUnusable',
      `The host key ${file} has a passphrase: an agent has nobody to ask for it`,
    );
  }
  return key;
}
