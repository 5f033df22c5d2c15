import { isIPv6 } from 'node:net';
import { DEFAULT_PORT, RemotingError, printable } from '@holdfast/protocol';

/** Where to listen; port 0 lets the kernel choose. */
export type ListenAddress = { host: string; port: number };

/**
 * Reads `ADDR:PORT`, `[IPv6]:PORT`, `ADDR` or `:PORT`; what is missing is 127.0.0.1 and `defaultPort`.
 * @throws RemotingError InvalidSetting
 */
export function parseListenAddress(text: string, defaultPort = DEFAULT_PORT): ListenAddress {
  // A number is no name: alone it is meant as a port, but would be looked up as an address.
  const match = /^(?:\[(?<v6>[^\]\s\p{C}]+)\]|(?!\d+(?::|$))(?<name>[^:\s\p{C}]*))(?::(?<port>\d{1,5}))?$/u.exec(text);
  const port = Number(match?.groups?.['port'] ?? defaultPort);
  if (match === null || port > 0xffff) {
    throw new RemotingError(
      'InvalidSetting',
      `${printable(text)} is no address to listen on: give ADDR:PORT, or [ADDR]:PORT for IPv6`,
    );
  }
  const named = match.groups?.['v6'] ?? match.groups?.['name'] ?? '';
  return { host: named === '' ? '127.0.0.1' : named, port };
}

/** The URL under which a listening address is reached. */
export function listenUrl({ host, port }: ListenAddress): string {
  return `wss://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

const LISTEN_FAILURES: Record<string, string> = {
  EADDRINUSE: 'another program listens there: stop it, or choose another port with --listen',
  EACCES: 'this user may not use that port: choose one above 1023 with --listen',
  EADDRNOTAVAIL: 'this machine does not have that address: choose another with --listen',
  ENOTFOUND: 'that name has no address: choose another with --listen',
};

/** Why it cannot listen, and what to do. */
export function listenFailure(cause: unknown, listen: string): unknown {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const why = LISTEN_FAILURES[code];
  return why === undefined
    ? cause
    : new RemotingError('InvalidSetting', `Cannot listen on ${listen}: ${why}`, { cause });
}
