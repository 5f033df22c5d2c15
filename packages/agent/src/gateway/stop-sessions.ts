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
    const { links } = await local.all();
    const signal = AbortSignal.timeout(settings.goodbyeMs);
    const results = await Promise.allSettled(
      links.map(async (link) => {
        const { sessions } = await link.ask('session.list', {}, { signal });
        return Promise.allSettled(
          sessions.map(({ instanceId }) => link.ask('session.stop', { instanceId }, { signal })),
        );
      }),
    );
    const stops = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : [result]));
    const failed = stops.filter(({ status }) => status === 'rejected').length;
    return { stopped: stops.length - failed, failed };
  } finally {
    local.close();
  }
}
