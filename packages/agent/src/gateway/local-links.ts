import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { HostLinks } from './host-links.ts';
import type { SessionHosts } from './session-hosts.ts';

/** Links of the agent itself to its user's session hosts, for questions only. */
export function openLocalLinks(hosts: SessionHosts, answerMs: number): HostLinks {
  const client = {
    clientId: randomUUID(),
    clientName: `holdfast-agent ${process.pid}`,
    caller: { user: userInfo().username, roles: ['owner' as const], key: 'local', address: 'local' },
  };
  return new HostLinks(hosts, client, {
    answerMs,
    listeners: { onFrame: ignore, onDrain: ignore, onRefused: ignore, onClose: ignore },
  });
}

function ignore(): void {}
