import { Fleet, type FleetLimits } from './fleet.ts';
import type { HostLink } from './host-link.ts';
import { openLocalLinks } from './local-links.ts';
import type { ReachableHosts } from './reachable-hosts.ts';

/**
 * Ends every session of every session host that `hosts` reaches.
 * @returns how many ended, and how many did not in time
 * @throws RemotingError when there are session hosts and none answers
 */
export async function stopAllSessions(
  hosts: ReachableHosts,
  settings: FleetLimits,
): Promise<{ stopped: number; failed: number }> {
  const local = openLocalLinks(hosts, settings.hostAnswerMs);
  try {
    const signal = AbortSignal.timeout(settings.goodbyeMs);
    const fleet = new Fleet(local, settings);
    const found: { instanceId: string; link: HostLink }[] = [];
    await fleet.sessions((instanceId, link) => found.push({ instanceId, link }));
    const stops = await Promise.allSettled(
      found.map(({ instanceId, link }) => link.ask('session.stop', { instanceId }, { signal })),
    );
    const stopped = stops.filter(({ status }) => status === 'fulfilled').length;
    return { stopped, failed: stops.length - stopped };
  } finally {
    local.close();
  }
}
