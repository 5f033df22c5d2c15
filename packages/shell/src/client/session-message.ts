import type { EventOf } from '@holdfast/protocol';

/** What somebody says to those at a session's terminal. */
export type SessionMessage = EventOf<'session.message'>;

/** Controls, what turns or hides text, and the separators of lines. */
const UNSHOWN = /[\p{C}\p{Zl}\p{Zp}\s]+/gu;

/** A message as one line that acts on no terminal: `Alert from ann (laptop:4711 at 10.0.0.5): Going down at noon`. */
export function messageLine({ caption, user, client, address, text }: SessionMessage): string {
  const from = `${user} (${client} at ${address})`;
  return `${caption} from ${from}: ${text}`.replaceAll(UNSHOWN, ' ').trim();
}
