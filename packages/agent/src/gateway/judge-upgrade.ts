import type { IncomingMessage } from 'node:http';
import { SUBPROTOCOL } from '@holdfast/protocol';
import type { GatewaySettings } from './settings.ts';

/** Why a request is sent away: what it is told, and what is logged where that is more. */
export type UpgradeRefusal = { status: number; line: string; reason?: string };

type Named = Pick<GatewaySettings, 'allowedOrigins' | 'allowedHosts'>;

/** What a page of a browser, or a name that is not ours, is told, whatever it was. */
const NOT_FOR_US = { status: 403, line: 'This request is refused: connect with holdfast' };

/** A name or an address, with a port or without (RFC 9110, 7.2). */
const HOST = /^(?<name>\[[\da-f:.]+\]|[\w.~-]+)(?::\d{1,5})?$/i;

/**
 * Whether a request may become a WebSocket of ours. The Origin keeps pages of a browser out; the Host keeps out whoever
 * was led here by another name (DNS rebinding), where `allowedHosts` says which are ours. Neither stands for anything
 * else: the host proves its key, and the client its own, over this very TLS connection.
 * @returns undefined if it may
 */
export function judgeUpgrade(request: IncomingMessage, settings: Named): UpgradeRefusal | undefined {
  const { headers, url = '', method } = request;
  if (headers.upgrade === undefined) {
    return { status: 426, line: 'This is a Holdfast agent: connect with holdfast, not with a browser' };
  }
  if (url !== '/' || method !== 'GET') return { status: 404, line: 'There is nothing at this path', reason: url };
  const reason = originProblem(request, settings) ?? hostProblem(request, settings);
  if (reason !== undefined) return { ...NOT_FOR_US, reason };
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  if (protocols.includes(SUBPROTOCOL)) return undefined;
  return { status: 400, line: `The WebSocket subprotocol ${SUBPROTOCOL} is expected` };
}

/** Our own client sends none. */
function originProblem({ headersDistinct }: IncomingMessage, { allowedOrigins }: Named): string | undefined {
  const { origin = [] } = headersDistinct;
  if (origin.every((one) => allowedOrigins.includes(one)) && origin.length < 2) return undefined;
  return `Pages of ${origin.join(' and ')} may not connect`;
}

function hostProblem({ headersDistinct, httpVersion }: IncomingMessage, { allowedHosts }: Named): string | undefined {
  const { host = [] } = headersDistinct;
  if (httpVersion !== '1.1') return `HTTP ${httpVersion} has no WebSockets`;
  if (host.length !== 1) return `It names ${host.length} hosts: ${host.join(' and ')}`;
  const name = HOST.exec(host[0] ?? '')?.groups?.['name'];
  if (name === undefined) return `${host.join('')} is no name of a host`;
  if (allowedHosts === undefined || allowedHosts.some((allowed) => isSame(allowed, name))) return undefined;
  return `It was led here as ${name}, which allowedHosts does not name`;
}

/** Names in any case, with the root's dot or without; an IPv6 address with brackets or without. */
function isSame(one: string, other: string): boolean {
  const [plain, wanted] = [one, other].map((name) => name.toLowerCase().replace(/^\[(.*)\]$|\.$/, '$1'));
  return plain === wanted;
}
