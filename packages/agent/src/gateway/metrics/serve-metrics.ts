import { RemotingError } from '@holdfast/protocol';
import type { Gateway } from '../gateway.ts';
import type { GatewayContext } from '../gateway-context.ts';
import { GatewayMetrics } from './gateway-metrics.ts';
import { MetricsServer } from './metrics-server.ts';
import { metricsUrl, type MetricsPlace } from './metrics-settings.ts';

/**
 * Serves the metrics and the health of a gateway, if there is a place for them.
 * @returns where they are
 * @throws RemotingError InvalidSetting when they cannot be there
 */
export async function serveMetrics(
  place: MetricsPlace | undefined,
  { context, gateway }: { context: GatewayContext; gateway: Gateway },
): Promise<{ url: string; close: () => void } | undefined> {
  if (place === undefined) return undefined;
  const metrics = new GatewayMetrics({ context, figures: () => gateway.figures });
  try {
    const server = await MetricsServer.listen(place, metrics, context.settings);
    return { url: metricsUrl(server.place), close: () => server.close() };
  } catch (cause) {
    metrics.close();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RemotingError('InvalidSetting', `[metrics] address: ${metricsUrl(place)} cannot be used: ${why}`, {
      cause,
    });
  }
}
