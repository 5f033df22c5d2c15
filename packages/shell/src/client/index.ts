/**
 * The client library of Holdfast: `connect()` to a computer, open and enter sessions there, run commands, come back.
 * Sessions outlive the connection; a lost link restores itself and loses nothing.
 */
export { connect, type ConnectOptions } from './connect.ts';
export { Connection } from './connection.ts';
export type { NewSessionOptions, OpenSessionOptions } from './open-session-options.ts';
export { CLIENT_SETTINGS, type ClientSettings } from './client-settings.ts';
export type { ConnectionWishes } from './connection-wishes.ts';
export type { Command, CommandEnd } from './command-table.ts';
export { configFolder, stateFolder } from './folders.ts';
export { HostsFile, resolveHost, type HostAddress } from './hosts.ts';
export type { HostKeyQuestion } from './known-hosts.ts';
export type { LinkDetail, LinkState, LinkStateListener } from './link-status.ts';
export type { SessionView } from './session-view.ts';
export { WatchedSession } from './watched-session.ts';
export { PSSession } from './ps-session.ts';
export type { EventOptions } from './record-pages.ts';
export type { RemoteCommandEnd, RemoteCommandOptions } from './remote-command.ts';
export { RemoteSession } from './remote-session.ts';
export type { DetachOptions, SessionConnection, SessionStateDetail, SessionStateListener } from './session-end.ts';
export { Remoting, type Farewell } from './remoting.ts';
export { messageLine, type SessionMessage } from './session-message.ts';
export type { ShowFrom } from './session-channel.ts';
export type { AskPassphrase } from './ssh-key.ts';
export {
  RemotingError,
  type ErrorId,
  type EventFilter,
  type RecordedEvent,
  type SessionAvailability,
  type SessionEvent,
  type SessionInfo,
  type SessionState,
} from '@holdfast/protocol';
