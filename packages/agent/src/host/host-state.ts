import type { AgentConfig } from '../config.ts';
import type { FreeDescriptors } from '../free-descriptors.ts';
import type { HostSettings } from '../session/host-settings.ts';
import type { OneShotTable } from '../session/one-shot-table.ts';
import type { SessionTable } from '../session/session-table.ts';
import type { GrantedUsers } from './granted-users.ts';
import type { RecordRequests } from './record-requests.ts';
import type { Recorder } from './recorder.ts';

/** What requests work on. */
export type HostState = {
  sessions: SessionTable;
  /** Whom the sessions let in, for the monitor. */
  guests: GrantedUsers;
  oneShots: OneShotTable;
  descriptors: FreeDescriptors;
  config: AgentConfig;
  settings: HostSettings;
  recorder: Recorder;
  record: RecordRequests;
  identity: { version: string; buildId: string; generation: string; startedAt: number };
};
