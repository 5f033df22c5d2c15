import type { Signer, TicketStore } from '@holdfast/protocol';
import type { Authorize } from '../auth/authenticate.ts';
import type { Log } from './log.ts';
import type { Registry } from './registry.ts';
import type { SessionHosts } from './session-hosts.ts';
import type { GatewaySettings } from './settings.ts';

/** How the gateway proves itself and judges those who come. */
export type GatewayTrust = {
  hostKey: Signer;
  tickets: TicketStore;
  authorize: Authorize;
};

/** What the gateway says of itself. */
export type GatewayIdentity = { version: string; buildId: string; pid: number; startedAt: number; user: string };

/** What all connections of one gateway share. */
export type GatewayContext = {
  identity: GatewayIdentity;
  trust: GatewayTrust;
  settings: GatewaySettings;
  registry: Registry;
  hosts: SessionHosts;
  log: Log;
};
