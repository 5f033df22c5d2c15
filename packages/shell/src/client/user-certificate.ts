import { readFile } from 'node:fs/promises';
import {
  RemotingError,
  parseCertificate,
  plainKey,
  publicKeyType,
  validityProblem,
  type Signer,
} from '@holdfast/protocol';

/**
 * The key of a file with the certificate that `ssh-keygen -s` put beside it, `id_ed25519-cert.pub`.
 * @returns undefined when there is none
 * @throws RemotingError KeyFileUnusable for one that no host would take: damaged, of another key, out of its time
 */
export async function withCertificateOf(file: string, key: Signer): Promise<Signer | undefined> {
  const beside = `${file.replace(/\.pub$/, '')}-cert.pub`;
  const text = await readIfThere(beside);
  if (text === undefined) return undefined;
  const [type = '', base64 = ''] = text.trim().split(/\s+/);
  const blob = Buffer.from(base64, 'base64');
  const problem = problemOf(blob, type, key);
  if (problem === undefined) return { ...key, publicKey: blob, comment: beside };
  throw new RemotingError('KeyFileUnusable', `The certificate ${beside} is not used: ${problem}`, { target: beside });
}

function problemOf(blob: Buffer, type: string, key: Signer): string | undefined {
  try {
    const certificate = parseCertificate(blob);
    if (publicKeyType(blob) !== type) return 'it is not of the type that it names';
    if (!certificate.publicKey.equals(plainKey(key.publicKey))) return 'it is of another key';
    if (certificate.role !== 'user') return 'it is one for a host';
    return validityProblem(certificate, Date.now());
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new RemotingError('KeyFileUnusable', `The certificate ${file} cannot be read: ${String(cause)}`, { cause });
  }
}
