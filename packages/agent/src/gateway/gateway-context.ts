import type { Door } from './door.ts';
import type { JournalSources } from './journal-sources.ts';
import type { Log } from '../log/log.ts';
import type { Counters } from './metrics/counters.ts';
import type { Registry } from './registry.ts';
import type { GatewaySettings } from './settings.ts';

/** What the gateway says of itself. */
export type GatewayIdentity = { version: string; buildId: string; pid: number; startedAt: number; user: string };

/** What all connections of one gateway share. */
export type GatewayContext = {
  identity: GatewayIdentity;
  door: Door;
  settings: GatewaySettings;
  registry: Registry;
  journals: JournalSources;
  log: Log;
  counters: Counters;
};
