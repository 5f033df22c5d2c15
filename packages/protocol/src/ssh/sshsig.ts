import { createHash } from 'node:crypto';
import { wireString } from './wire.ts';

const MAGIC = Buffer.from('SSHSIG');

/**
 * The bytes that are signed for `message` in `namespace` (OpenSSH's PROTOCOL.sshsig): such a signature is good for
 * nothing else, neither for an SSH login nor under another namespace.
 */
export function sshsigData(namespace: string, message: Uint8Array): Buffer {
  const digest = createHash('sha512').update(message).digest();
  return Buffer.concat([MAGIC, wireString(namespace), wireString(''), wireString('sha512'), wireString(digest)]);
}

/** The text that `ssh-keygen -Y verify` reads, from a signature of sshsigData(). */
export function armorSshsig(namespace: string, publicKey: Uint8Array, signature: Uint8Array): string {
  const version = Buffer.of(0, 0, 0, 1);
  const fields = [
    wireString(publicKey),
    wireString(namespace),
    wireString(''),
    wireString('sha512'),
    wireString(signature),
  ];
  const body = Buffer.concat([MAGIC, version, ...fields]).toString('base64');
  return `-----BEGIN SSH SIGNATURE-----\n${body.replaceAll(/.{1,70}/g, '$&\n')}-----END SSH SIGNATURE-----\n`;
}
