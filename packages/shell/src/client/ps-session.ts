import {
  viewSession,
  type OutputBufferingMode,
  type SessionAvailability,
  type SessionInfo,
  type SessionState,
} from '@holdfast/protocol';
import { ConnectionInfo, type SessionAddress } from './connection-info.ts';
import type { ConnectionWishes } from './connection-wishes.ts';
import type { RemoteSession } from './remote-session.ts';
import { SessionAttachment } from './session-attachment.ts';
import { SessionGrant } from './session-grant.ts';

/** What a PSSession needs of the Remoting that made it. */
export type PSSessionOrigin = {
  computerName: string;
  /** What Remoting.connection() takes to reach it; the computer's name by default. */
  target?: string;
  /** Where that is; a session of this machine has no address. */
  address?: Omit<SessionAddress, 'computerName'>;
  clientId: string;
  /** The Unix user that this client is there; its own account by default. */
  user?: string;
  /** Takes the next number of this client. */
  nextId: () => number;
};

/** A session as users hold and pipe it (PowerShell's PSSession): seen by this client, wherever it was created. */
export class PSSession {
  readonly ComputerName: string;
  /** How Remoting reaches it: the computer's name, with `user@` before it for another user than the usual one. */
  readonly target: string;
  readonly ComputerType = 'RemoteMachine';
  /** How it was wanted to be made or connected here. */
  wishes: ConnectionWishes = {};
  readonly #origin: PSSessionOrigin;
  #id: number | undefined;
  #info: SessionInfo;
  #remote: RemoteSession | undefined;
  /** Commands whose output this client takes now. */
  #borrowers = 0;
  /** What it was created with and its host does not allow. */
  #wantedIdleMs: number | undefined;
  /** Why it is not connected here, when that is not for the host's listing to say. */
  #end: 'Broken' | 'Closed' | undefined;

  constructor(origin: PSSessionOrigin, info: SessionInfo, id?: number) {
    this.ComputerName = origin.computerName;
    this.target = origin.target ?? origin.computerName;
    this.#origin = origin;
    this.#info = info;
    this.#id = id;
  }

  /** Number in this client. A session that was only found by a query takes one when somebody looks. */
  get Id(): number {
    this.#id ??= this.#origin.nextId();
    return this.#id;
  }

  get Name(): string {
    return this.info.name;
  }

  get InstanceId(): string {
    return this.info.instanceId;
  }

  /** The agent's integer, never used twice there. */
  get SessionId(): number {
    return this.info.sessionId;
  }

  get ConfigurationName(): string {
    return this.info.configurationName;
  }

  /** Opened: connected here, also while the link is being restored. Disconnected: alive, not connected here. */
  get State(): SessionState {
    return this.#view().state;
  }

  /** Disconnected and Busy: another client holds it. */
  get Availability(): SessionAvailability {
    return this.#view().availability;
  }

  get DisconnectedOn(): Date | undefined {
    return this.State === 'Disconnected' ? toDate(this.info.disconnectedAt) : undefined;
  }

  get ExpiresOn(): Date | undefined {
    return this.State === 'Disconnected' ? toDate(this.info.expiresAt) : undefined;
  }

  /** Milliseconds. */
  get IdleTimeout(): number {
    return this.#wantedIdleMs ?? this.info.idleTimeoutMs;
  }

  get OutputBufferingMode(): OutputBufferingMode {
    return this.info.outputBufferingMode;
  }

  /** The file on its host that it is recorded in, and why it is not any more; undefined when it is not recorded. */
  get Recording(): SessionInfo['recording'] {
    return this.info.recording;
  }

  /** Who is attached to it, here and elsewhere: one at most has the keyboard, the others watch. */
  get Attachments(): SessionAttachment[] {
    return (this.info.attachments ?? []).map((known) => new SessionAttachment(known));
  }

  /** The Unix user on the computer whose session it is: with the rights of whom everything runs there. */
  get Owner(): string {
    return this.info.owner;
  }

  /** It is this client's user's, and not another's who lets them in or whom they administrate. */
  get isOwn(): boolean {
    return this.#origin.user === undefined || this.Owner === this.#origin.user;
  }

  /** The other users who may attach; to one of those, their own grant alone. */
  get Grants(): SessionGrant[] {
    return (this.info.grants ?? []).map((known) => new SessionGrant(known));
  }

  /** How it was reached and is kept, in PowerShell's words. */
  get Runspace(): { ConnectionInfo: ConnectionInfo } {
    const { computerName, address } = this.#origin;
    return { ConnectionInfo: new ConnectionInfo({ ...address, computerName }, this, this.wishes.shown) };
  }

  /** What is known of it: current while it is connected here, else as it was listed last. */
  get info(): SessionInfo {
    return this.#remote?.info ?? this.#info;
  }

  /** The session itself while it is connected here. */
  get remote(): RemoteSession | undefined {
    return this.#remote?.state === 'Opened' ? this.#remote : undefined;
  }

  toString(): string {
    return `[PSSession]${this.Name}`;
  }

  /** It is connected here from now on. */
  attach(remote: RemoteSession): void {
    this.#remote = remote;
    this.#end = undefined;
  }

  /** The host told about it anew. */
  update(info: SessionInfo): void {
    if (this.remote !== undefined) return;
    this.#remote = undefined;
    this.#wantedIdleMs = undefined;
    this.#info = info;
    this.#end = undefined;
  }

  /** The host told about it, wherever it is connected. */
  learn(info: SessionInfo): void {
    if (this.remote === undefined) this.update(info);
    else this.remote.learn(info);
  }

  /** A command takes its output; until that is disposed of, the session is Busy, before the host says so too. */
  borrow(): Disposable {
    this.#borrowers += 1;
    return {
      [Symbol.dispose]: () => {
        this.#borrowers -= 1;
      },
    };
  }

  /** It cannot be disconnected under this idle time-out, and is not until it gets another. */
  wantIdleTimeout(milliseconds: number): void {
    this.#wantedIdleMs = milliseconds;
  }

  /** It is gone. */
  close(): void {
    this.#info = this.info;
    this.#remote = undefined;
    this.#end = 'Closed';
  }

  #view(): { state: SessionState; availability: SessionAvailability } {
    if (this.#end !== undefined) return { state: this.#end, availability: 'None' };
    if (this.#remote !== undefined) {
      const { state, availability } = this.#remote;
      return { state, availability: state === 'Opened' && this.#borrowers > 0 ? 'Busy' : availability };
    }
    const view = viewSession(this.#info, this.#origin.clientId);
    // The host holds it for this client, but it is not in use here: a link that was lost, or a former object.
    return view.state === 'Opened' ? { state: 'Disconnected', availability: 'None' } : view;
  }
}

function toDate(milliseconds: number | undefined): Date | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds);
}
