import type { KeyObject } from 'node:crypto';
import { encodePublicKey } from './public-key.ts';
import { signWith } from './signature.ts';

/** A private key, wherever it is: in memory, in a file, behind ssh-agent. */
export type Signer = {
  /** SSH public key blob. */
  publicKey: Buffer;
  /** What to call it when talking to people: the key's comment, or its file. */
  comment: string;
  /** True when a signature asks a person for something (a passphrase, a touch): the key is offered first, and signs only if it is let in. */
  askFirst?: boolean;
  /** @returns an SSH signature blob (algorithm and signature) of `data` */
  sign(data: Buffer): Promise<Buffer>;
};

/** A host's key, with its certificate if it has one. */
export type HostSigner = Signer & { certificate?: Buffer | undefined };

/** A signer for a private key of node:crypto. */
export function keySigner(privateKey: KeyObject, comment: string): Signer {
  return {
    publicKey: encodePublicKey(privateKey),
    comment,
    sign: (data) => Promise.resolve(signWith(privateKey, data)),
  };
}
