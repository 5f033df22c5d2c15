import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { CallerStamp } from '@holdfast/protocol';
import { Fleet, type FleetLimits } from './fleet.ts';
import { HostLinks } from './host-links.ts';
import type { ReachableHosts } from './reachable-hosts.ts';

/** Links of the agent itself to session hosts, for questions only; root's reach those of all users. */
export function openLocalLinks(hosts: ReachableHosts, answerMs: number): HostLinks {
  const roles: CallerStamp['roles'] = process.getuid?.() === 0 ? ['owner', 'administrator'] : ['owner'];
  const client = {
    clientId: randomUUID(),
    clientName: `holdfast-agent ${process.pid}`,
    caller: { user: userInfo().username, roles, key: 'local', address: 'local' },
  };
  return new HostLinks(hosts, client, {
    answerMs,
    // Who asked waits for nothing more of a host that does not take the end.
    lingerMs: answerMs,
    listeners: { onFrame: ignore, onDrain: ignore, onRefused: ignore, onClose: ignore },
  });
}

/** What asks through them, for nobody: one host's answer counts as much as another's. */
export function localFleet(links: HostLinks, hosts: ReachableHosts, limits: FleetLimits): Fleet {
  const ownerOf = (name: string): Promise<string> => hosts.ownerOf(name);
  return new Fleet(links, limits, { user: undefined, isAdministrator: true, ownerOf });
}

function ignore(): void {}
