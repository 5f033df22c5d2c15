import { openLocalLinks } from './local-links.ts';
import type { SessionHosts } from './session-hosts.ts';
import type { GatewaySettings } from './settings.ts';

/**
 * Ends every session of every session host of this user.
 * @returns how many ended, and how many did not in time
 */
export async function stopAllSessions(
  hosts: SessionHosts,
  settings: Pick<GatewaySettings, 'hostAnswerMs' | 'goodbyeMs'>,
): Promise<{ stopped: number; failed: number }> {
  const local = openLocalLinks(hosts, settings.hostAnswerMs);
  try {
    const signal = AbortSignal.timeout(settings.goodbyeMs);
    const { results, failures } = await local.each(async (link) => {
      const { sessions } = await link.ask('session.list', {}, { signal });
      return Promise.allSettled(sessions.map(({ instanceId }) => link.ask('session.stop', { instanceId }, { signal })));
    });
    const stops = results.flat();
    const stopped = stops.filter(({ status }) => status === 'fulfilled').length;
    return { stopped, failed: stops.length - stopped + failures.length };
  } finally {
    local.close();
  }
}
