import type { AttachedClient } from '@holdfast/protocol';

/** Somebody at a session, as others are told: who, on which machine, from where. */
export function describeClient({ user, client, address }: AttachedClient): string {
  return `${user}@${client} (${address})`;
}
