import { isIPv6 } from 'node:net';
import { DEFAULT_PORT, RemotingError } from '@holdfast/protocol';

/** Where to listen; port 0 lets the kernel choose. */
export type ListenAddress = { host: string; port: number };

/**
 * Reads `ADDR:PORT`, `[IPv6]:PORT`, `ADDR` or `:PORT`; what is missing is 127.0.0.1 and 7433.
 * @throws RemotingError InvalidSetting
 */
export function parseListenAddress(text: string): ListenAddress {
  // A number is no name: alone it is meant as a port, but would be looked up as an address.
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?!\d+(?::|$))(?<name>[^:]*))(?::(?<port>\d{1,5}))?$/.exec(text);
  const port = Number(match?.groups?.['port'] ?? DEFAULT_PORT);
  if (match === null || port > 0xffff) {
    throw new RemotingError(
      'InvalidSetting',
      `${text} is no address to listen on: give ADDR:PORT, or [ADDR]:PORT for IPv6`,
    );
  }
  const named = match.groups?.['v6'] ?? match.groups?.['name'] ?? '';
  return { host: named === '' ? '127.0.0.1' : named, port };
}

/** The URL under which a listening address is reached. */
export function listenUrl({ host, port }: ListenAddress): string {
  return `wss://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
