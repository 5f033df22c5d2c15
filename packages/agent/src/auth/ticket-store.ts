import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { RemotingError, type TicketStore } from '@holdfast/protocol';
import * as v from 'valibot';
import { readOrCreatePrivateFile } from './private-file.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SECRET_BYTES = 32;
const PURPOSE = Buffer.from('holdfast-ticket@v1');

/** Clients take no longer one (handshake-messages.ts); only a certificate with very long keys would need it. */
const MAX_TICKET_LENGTH = 8192;

/** No ticket is given for longer, or is older by a clock that was not set back meanwhile. */
export const MAX_TICKET_LIFETIME_MS = 24 * 60 * 60 * 1000;

const base64 = v.pipe(
  v.string(),
  v.transform((text) => Buffer.from(text, 'base64')),
);
const Contents = v.object({
  user: v.string(),
  publicKey: base64,
  clientId: v.string(),
  terms: v.optional(v.string()),
  secret: base64,
  expiresAt: v.number(),
});

/**
 * Tickets that hold their own contents, sealed (AES-256-GCM) under a key file in the state folder: whoever has that file
 * opens them, a gateway that was killed and started again too. The handshake asks authorized_keys each time one is used.
 * @param options.lifetimeMs 24 h at most
 * @throws RemotingError KeyFileUnusable
 */
export async function loadTicketStore(options: { stateDir: string; lifetimeMs?: number }): Promise<TicketStore> {
  const file = join(options.stateDir, 'ticket_key');
  const key = await readOrCreatePrivateFile(file, () => randomBytes(KEY_BYTES));
  if (key.length !== KEY_BYTES)
    throw new RemotingError('KeyFileUnusable', `${file} is damaged: remove it, and a new one is made`);
  const lifetimeMs = Math.min(options.lifetimeMs ?? MAX_TICKET_LIFETIME_MS, MAX_TICKET_LIFETIME_MS);
  return {
    issue({ user, publicKey, clientId, terms }) {
      const secret = randomBytes(SECRET_BYTES).toString('base64');
      const expiresAt = Date.now() + lifetimeMs;
      const contents = { user, publicKey: publicKey.toString('base64'), clientId, terms, secret, expiresAt };
      const ticket = seal(key, Buffer.from(JSON.stringify(contents)));
      return ticket.length > MAX_TICKET_LENGTH ? undefined : { ticket, secret, expiresAt };
    },
    open(ticket) {
      const plain = unseal(key, Buffer.from(ticket, 'base64url'));
      if (plain === undefined) return undefined;
      const { expiresAt, ...grant } = v.parse(Contents, JSON.parse(plain.toString('utf8')));
      const leftMs = expiresAt - Date.now();
      // A clock that was set back makes a ticket that is left for longer; one that was years ahead makes none for years.
      return leftMs > 0 && leftMs <= lifetimeMs + MAX_TICKET_LIFETIME_MS ? grant : undefined;
    },
  };
}

function seal(key: Buffer, plain: Buffer): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(PURPOSE);
  const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final()]);
  return Buffer.concat([sealed, cipher.getAuthTag()]).toString('base64url');
}

function unseal(key: Buffer, bytes: Buffer): Buffer | undefined {
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(PURPOSE);
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    // The tag does not fit: forged, damaged, or sealed with another key.
    return undefined;
  }
}
