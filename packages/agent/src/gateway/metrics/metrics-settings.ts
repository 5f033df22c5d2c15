import { BlockList, isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { RemotingError, printable } from '@holdfast/protocol';
import * as v from 'valibot';
import { readTable } from '../../config-table.ts';
import { parseListenAddress } from '../listen-address.ts';

/** Where metrics are served: an address, or the path of a Unix socket. */
export const MetricsPlace = v.union([v.object({ host: v.string(), port: v.number() }), v.object({ path: v.string() })]);
export type MetricsPlace = v.InferOutput<typeof MetricsPlace>;

/** The table `[metrics]` of the agent's configuration. */
export const MetricsTable = v.strictObject({
  /** `ADDR:PORT`, or `unix:/path`; without it there are no metrics. */
  address: v.optional(v.string()),
  /** Also on an address that others than this machine reach. There is no authentication. */
  allowRemote: v.optional(v.boolean(), false),
});

const DEFAULT_PORT = 9433;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * Reads the table `[metrics]` of the agent's configuration.
 * @returns undefined when there are to be none
 * @throws RemotingError InvalidSetting
 */
export function readMetricsPlace(configFile: string | undefined): MetricsPlace | undefined {
  return metricsPlace(readTable(configFile, 'metrics', MetricsTable));
}

/** The same for the table as it was read. @throws RemotingError InvalidSetting */
export function metricsPlace({ address, allowRemote }: v.InferOutput<typeof MetricsTable>): MetricsPlace | undefined {
  if (address === undefined) return undefined;
  if (address.startsWith('unix:')) {
    const path = address.slice('unix:'.length);
    if (isAbsolute(path)) return { path };
    throw invalid(
      `[metrics] address: ${printable(address)} is not the whole path of a socket, as unix:/run/holdfast/metrics.sock`,
    );
  }
  const place = parseListenAddress(address, DEFAULT_PORT);
  if (allowRemote || isLoopback(place.host)) return place;
  throw invalid(
    `[metrics] address: others than this machine reach ${place.host}, and there is no authentication: ` +
      'take 127.0.0.1, or set allowRemote = true',
  );
}

/** How it is shown to people. */
export function metricsUrl(place: MetricsPlace): string {
  if ('path' in place) return `unix:${place.path}`;
  const { host, port } = place;
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}/metrics`;
}

function isLoopback(host: string): boolean {
  const version = isIP(host);
  return version === 0 ? host === 'localhost' : loopback.check(host, version === 6 ? 'ipv6' : 'ipv4');
}

function invalid(message: string): RemotingError {
  return new RemotingError('InvalidSetting', message);
}
