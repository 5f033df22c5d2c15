import { X509Certificate } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createTlsCertificate, type TlsCertificate } from '@holdfast/protocol';
import { readOrCreatePrivateFile } from './private-file.ts';

const VALID_DAYS = 3650;
/** Made anew when it has less left than this. */
const RENEW_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Loads the agent's self-signed TLS certificate from the state folder, where it is made the first time and when it ends.
 * @throws RemotingError KeyFileUnusable
 */
export async function loadTlsCertificate(stateDir: string): Promise<TlsCertificate> {
  const file = join(stateDir, 'tls.pem');
  const text = (await readOrCreatePrivateFile(file, generate)).toString('utf8');
  const certificate = split(text);
  if (certificate !== undefined) return certificate;
  // Damaged or at its end: nobody pins it, so a new one costs nothing.
  await unlink(file);
  const fresh = split((await readOrCreatePrivateFile(file, generate)).toString('utf8'));
  if (fresh === undefined) throw new Error(`${file} cannot be read back`);
  return fresh;
}

function generate(): string {
  const { key, cert } = createTlsCertificate('holdfast-agent', VALID_DAYS);
  return key + cert;
}

function split(text: string): TlsCertificate | undefined {
  const at = text.indexOf('-----BEGIN CERTIFICATE-----');
  try {
    const { validToDate } = new X509Certificate(text.slice(at));
    if (validToDate.getTime() - Date.now() < RENEW_MS) return undefined;
  } catch {
    // Not a certificate (any more): the caller makes another.
    return undefined;
  }
  return { key: text.slice(0, at), cert: text.slice(at) };
}
