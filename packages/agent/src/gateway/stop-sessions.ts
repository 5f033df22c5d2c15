import type { FleetLimits } from './fleet.ts';
import { localFleet, openLocalLinks } from './local-links.ts';
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
    const { places } = await localFleet(local, hosts, settings).sessions();
    const stops = await Promise.allSettled(
      places.map(async ([instanceId, host]) =>
        (await local.link(host)).ask('session.stop', { instanceId }, { signal }),
      ),
    );
    const stopped = stops.filter(({ status }) => status === 'fulfilled').length;
    return { stopped, failed: stops.length - stopped };
  } finally {
    local.close();
  }
}
