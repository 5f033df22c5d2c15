import { readFile } from 'node:fs/promises';
import { RemotingError, parseCertificate } from '@holdfast/protocol';
import * as v from 'valibot';
import { readTable } from '../config-table.ts';

/** The table `[host]` of the agent's configuration. */
export const HostTable = v.strictObject({
  /** An OpenSSH certificate for the host key (`ssh-keygen -s CA -h`), which clients know by its authority. */
  certificate: v.optional(v.pipe(v.string(), v.startsWith('/', 'An absolute path is expected'))),
});

/**
 * The certificate that `[host] certificate` names, if it does. That it is in its time, clients see for themselves.
 * @param hostKey public key blob that it must be for
 * @throws RemotingError InvalidSetting, or KeyFileUnusable for a file that is no such certificate
 */
export async function loadHostCertificate(
  configFile: string | undefined,
  hostKey: Buffer,
): Promise<Buffer | undefined> {
  const { certificate: file } = readTable(configFile, 'host', HostTable);
  if (file === undefined) return undefined;
  try {
    const [, base64 = ''] = (await readFile(file, 'utf8')).split(' ');
    const blob = Buffer.from(base64, 'base64');
    const { role, publicKey } = parseCertificate(blob);
    if (role !== 'host') throw new SyntaxError('it is one for a user: sign it with ssh-keygen -h');
    if (!publicKey.equals(hostKey)) throw new SyntaxError('it is of another key than the host key');
    return blob;
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new RemotingError('KeyFileUnusable', `The host certificate ${file} cannot be used: ${problem}`, { cause });
  }
}
