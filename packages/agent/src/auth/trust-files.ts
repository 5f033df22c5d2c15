import { RemotingError } from '@holdfast/protocol';
import { parseAuthorizedKeys } from './authorized-keys.ts';
import { ownIdentity } from './identity.ts';
import { readStrictly } from './strict-file.ts';

/** Files of the agent's own that say whom to believe (sshd_config(5), TrustedUserCAKeys and RevokedKeys). Absolute paths. */
export type TrustFiles = {
  trustedUserCAKeys?: string | undefined;
  revokedKeys?: string | undefined;
  /** Where a user's principals stand, see principalsFile(); without it, it is the user's name alone. */
  authorizedPrincipals?: string | undefined;
};

/** How a key revocation list of ssh-keygen -k begins (PROTOCOL.krl). */
const KRL_MAGIC = 'SSHKRL\n\0';

/** Public key blobs of the authorities that the agent trusts now. @throws RemotingError KeyFileUnusable */
export function readAuthorities({ trustedUserCAKeys }: TrustFiles): Promise<Buffer[]> {
  return readKeyList(trustedUserCAKeys);
}

/**
 * Public key blobs that let nobody in now.
 * @throws RemotingError KeyFileUnusable: then nobody comes in, since who is revoked is not known
 */
export function readRevoked({ revokedKeys }: TrustFiles): Promise<Buffer[]> {
  return readKeyList(revokedKeys);
}

/** Each login reads the files again; who starts the agent is to know what is wrong with them. @throws RemotingError KeyFileUnusable */
export async function checkTrustFiles(files: TrustFiles): Promise<void> {
  await Promise.all([readAuthorities(files), readRevoked(files)]);
}

/** A public key to each line. What is no key would be a mistake that lets somebody in, or does not keep them out. */
async function readKeyList(file: string | undefined): Promise<Buffer[]> {
  if (file === undefined) return [];
  const text = await readStrictly(file, { uid: ownIdentity().uid, home: '/' });
  if (text.startsWith(KRL_MAGIC))
    throw unusable(file, 'it is a KRL of ssh-keygen -k: list the public keys, one to a line');
  const wanted = text.split('\n').filter((line) => /^\s*[^#\s]/.test(line));
  const keys = parseAuthorizedKeys(text);
  const [withOptions] = keys.filter(({ optionsText }) => optionsText !== '');
  if (withOptions !== undefined)
    throw unusable(file, `line ${withOptions.line} has options, which have no meaning there`);
  if (keys.length < wanted.length) throw unusable(file, 'not every line of it is a public key');
  return keys.map(({ publicKey }) => publicKey);
}

function unusable(file: string, problem: string): RemotingError {
  return new RemotingError('KeyFileUnusable', `${file} is not used: ${problem}`);
}
