import { RemotingError, type AttachedClient } from '@holdfast/protocol';
import type { Size } from '../terminal/painting.ts';
import type { AttendedSession } from './attached-session.ts';
import { Attachment } from './attachment.ts';
import { isSameClient, type ChannelPort, type ClientIdentity, type MadeFor, type TieRequest } from './channel-port.ts';
import { FormerTies } from './former-ties.ts';
import type { HostSettings } from './host-settings.ts';
import { Lease, type LeaseListeners } from './lease.ts';
import { Watchers } from './watchers.ts';

/** Who is attached to a session: one with the keyboard, the others watch; how it goes from one to another, and the size. */
export class Attendance {
  readonly lease: Lease;
  readonly #session: AttendedSession<Attachment>;
  readonly #settings: HostSettings;
  readonly #watchers: Watchers;
  readonly #former: FormerTies;
  /** Its grace time is over: nobody has the keyboard, and it has it again if it comes back before anybody else takes it. */
  #absent: Attachment | undefined;
  #count = 0;

  /**
   * @param clocks told before the holder is released, which did not come back in time; told that nobody had the keyboard for
   *   `idleTimeoutMs`, however many watched
   */
  constructor(
    session: AttendedSession<Attachment>,
    settings: HostSettings,
    idleTimeoutMs: number,
    clocks: LeaseListeners,
  ) {
    const { graceMs, idleLookMs } = settings;
    this.#session = session;
    this.#settings = settings;
    this.#former = new FormerTies(() => session.onTieEnded());
    const onGraceOver = (): void => {
      clocks.onGraceOver();
      this.#onGraceOver();
    };
    this.lease = new Lease({ graceMs, idleLookMs, idleTimeoutMs }, { ...clocks, onGraceOver });
    this.#watchers = new Watchers(graceMs, (watcher) => this.unwatch(watcher));
  }

  /** Who has the keyboard, or may still come back to it. */
  get holder(): Attachment | undefined {
    return this.lease.attachment;
  }

  /** Who has the keyboard, or had it last and may come back: what it typed may be on its way to the program. */
  get lastHolder(): Attachment | undefined {
    return this.holder ?? this.#absent;
  }

  get all(): Attachment[] {
    return [...(this.holder === undefined ? [] : [this.holder]), ...this.#watchers.all];
  }

  /** All who are attached, or may come back to an attachment. */
  get resumable(): Attachment[] {
    return this.#absent === undefined ? this.all : [...this.all, this.#absent];
  }

  /** Those who are attached as others may know of them. */
  get listed(): AttachedClient[] {
    return this.all.map(({ summary }) => summary);
  }

  /** The attachment `id`, also one whose grace time is over, if it can go on. */
  find(id: string): Attachment | undefined {
    return this.resumable.find((attachment) => attachment.id === id);
  }

  /** Why the attachment `id` is no more; undefined for one that was never here. */
  endOf(id: string): RemotingError | undefined {
    return this.#former.reasonOf(id);
  }

  /** As Session.connect. */
  connect(client: ClientIdentity, port: ChannelPort, request: TieRequest & { force: boolean }): Attachment {
    const made = this.#madeBy(client, port, request);
    if (made !== undefined) return made;
    if (!request.force) this.lease.assertFreeFor(client, this.#session.name, this.#settings.takeAfterMs);
    this.#dismissHolder(client, false);
    const attachment = this.#make(port, { ...request, client, role: 'keyboard', sizing: true });
    this.#hold(attachment);
    this.#tell();
    return attachment;
  }

  /** As Session.watch. */
  watch(client: ClientIdentity, port: ChannelPort, request: TieRequest & { sizing: boolean }): Attachment {
    const made = this.#madeBy(client, port, request);
    if (made !== undefined) return made;
    const attachment = this.#make(port, { ...request, client, role: 'watching' });
    this.#watchers.add(attachment);
    this.#tell();
    return attachment;
  }

  /** Ends an attachment that watches; its client is told `reason`, if there is one. */
  unwatch(watcher: Attachment, reason?: string): void {
    const { program, name } = this.#session;
    if (reason !== undefined) program.emit({ type: 'session.detached', at: program.output.end, reason }, watcher.id);
    this.#watchers.delete(watcher);
    this.#former.end(watcher, new RemotingError('AttachmentLost', reason ?? `Session ${name} is not watched here`));
    this.fit();
    this.#tellAll();
  }

  /** Ends an attachment of whatever role for `reason`, of which its client is told. */
  dismiss(attachment: Attachment, reason: string): void {
    if (attachment === this.holder) this.release(reason);
    else if (attachment === this.#absent) this.#endAbsent(new RemotingError('AttachmentLost', reason));
    else if (this.#watchers.has(attachment)) this.unwatch(attachment, reason);
  }

  /** Gives the keyboard to one that watches; its former holder watches from now on if it stays, else its tie ends. */
  take(attachment: Attachment, keyboardId: string | undefined): void {
    if (isDone(attachment, keyboardId) || attachment === this.holder) return;
    this.#assertRunning();
    this.#dismissHolder(attachment.client, true);
    this.#watchers.delete(attachment);
    attachment.become('keyboard');
    this.#hold(attachment);
    this.fit();
    this.#tell();
  }

  /** The holder only watches from now on: nobody has the keyboard, and the idle clock begins. */
  give(attachment: Attachment, keyboardId: string | undefined): void {
    if (isDone(attachment, keyboardId) || attachment !== this.holder) return;
    this.#assertRunning();
    this.#makeWatcher(attachment);
    if (this.#session.program.exit === undefined) this.lease.startIdleClock();
    this.#letProgramGoOn(attachment);
    this.fit();
    this.#tell();
  }

  /** As Session.release. */
  release(reason?: string): void {
    const { holder } = this;
    if (holder === undefined) return;
    const { program, name } = this.#session;
    if (reason !== undefined) program.emit({ type: 'session.detached', at: program.output.end, reason }, holder.id);
    this.lease.drop();
    this.#former.end(holder, new RemotingError('AttachmentLost', reason ?? `Session ${name} was disconnected`));
    if (program.exit === undefined) this.lease.startIdleClock();
    this.#letProgramGoOn(holder);
    this.fit();
    this.#tell();
  }

  /** Ends every tie and stops the clocks. */
  end(reason: RemotingError): void {
    for (const attachment of this.all) {
      this.#watchers.delete(attachment);
      this.#former.end(attachment, reason);
    }
    this.lease.drop();
    this.lease.stopClocks();
    this.#endAbsent(reason);
  }

  onLinkLost(attachment: Attachment): void {
    if (attachment === this.holder) {
      this.lease.startGrace();
      this.#session.program.questions.linkLost(attachment);
    } else if (this.#watchers.has(attachment)) this.#watchers.startGrace(attachment);
  }

  onLinkBack(attachment: Attachment): void {
    const { program } = this.#session;
    if (attachment === this.#absent) {
      this.#absent = undefined;
      this.lease.hold(attachment);
      this.fit();
      this.#tell();
    }
    if (attachment === this.holder) {
      this.lease.endGrace();
      program.questions.linkBack(attachment, program.output.end);
    } else this.#watchers.endGrace(attachment);
  }

  /** An attachment looks, or looks no more: without a size. */
  look(attachment: Attachment, size: Size | undefined): void {
    attachment.size = size;
    this.fit();
  }

  /** The terminal of an attachment has another size. One that does not look says how large it would be if nobody does. */
  resize(attachment: Attachment, size: Size): void {
    const isAlone = this.all.every((other) => other.size === undefined);
    if (attachment.size !== undefined) {
      this.look(attachment, size);
      if (attachment.role === 'watching' && attachment.shown) attachment.watch(size);
    } else if (isAlone && attachment === this.holder) this.#session.program.resize(size.columns, size.rows);
  }

  /** Makes the terminal as large as those who look can show: who types has no say in it, unless nobody else has. */
  fit(): void {
    const looking = this.all.filter(({ size }) => size !== undefined);
    const sizing = looking.filter((attachment) => attachment.sizing);
    const deciding = sizing.length > 0 ? sizing : looking.filter((attachment) => attachment === this.holder);
    const sizes = deciding.flatMap(({ size }) => size ?? []);
    if (sizes.length === 0) return;
    const columns = Math.min(...sizes.map((size) => size.columns));
    this.#session.program.resize(columns, Math.min(...sizes.map((size) => size.rows)));
  }

  #make(port: ChannelPort, made: Omit<MadeFor, 'number'>): Attachment {
    this.#assertRunning();
    this.#count += 1;
    return new Attachment(this.#session, port, { ...made, number: this.#count });
  }

  /** What this same request made before, its answer being lost; undefined when it is to make a tie. */
  #madeBy(client: ClientIdentity, port: ChannelPort, request: TieRequest): Attachment | undefined {
    const isIt = (other: Attachment): boolean => other.tieId === request.tieId && isSameClient(other.client, client);
    const made = request.tieId === undefined ? undefined : this.resumable.find(isIt);
    if (made === undefined) this.#former.assertNew(client, request);
    else made.resume(port, { receivedTo: 0, limit: 0, eventsTo: 0, attempt: request.attempt });
    return made;
  }

  #hold(attachment: Attachment): void {
    this.#endAbsent(new RemotingError('AttachmentLost', `Session ${this.#session.name} was disconnected`));
    this.lease.hold(attachment);
  }

  #endAbsent(reason: RemotingError): void {
    const absent = this.#absent;
    if (absent === undefined) return;
    this.#absent = undefined;
    this.#former.end(absent, reason);
    this.#session.program.questions.nobodyLooks(absent);
  }

  /** Whoever comes back brings its terminal: who answers questions stays as it is since the link was lost. */
  #onGraceOver(): void {
    const { program } = this.#session;
    this.#absent = this.lease.drop();
    if (program.exit === undefined) this.lease.startIdleClock();
    program.pace();
    this.fit();
    this.#tell();
  }

  #dismissHolder(by: ClientIdentity, mayStay: boolean): void {
    const { holder } = this;
    if (holder === undefined) return;
    const { client, address } = by;
    if (mayStay && holder.stays) {
      this.#makeWatcher(holder);
    } else {
      const { program, name } = this.#session;
      program.emit({ type: 'session.taken', at: program.output.end, client, address }, holder.id);
      this.lease.drop();
      const reason = new RemotingError('SessionTaken', `Session ${name} was taken by ${client} at ${address}`);
      this.#former.end(holder, reason);
    }
    this.#letProgramGoOn(holder);
  }

  #makeWatcher(holder: Attachment): void {
    this.lease.drop();
    holder.become('watching');
    this.#watchers.add(holder);
  }

  /** Nobody takes its output at the moment; what the former holder was not shown is answered by this side. */
  #letProgramGoOn(former: Attachment): void {
    const { program } = this.#session;
    program.questions.nobodyLooks(former);
    program.pace();
  }

  #tell(): void {
    if (!this.#watchers.isEmpty) this.#tellAll();
  }

  #tellAll(): void {
    const { program } = this.#session;
    program.emit({ type: 'session.attachments', at: program.output.end, attachments: this.listed });
  }

  #assertRunning(): void {
    const { program, name } = this.#session;
    if (program.exit !== undefined) throw new RemotingError('SessionExited', `Session ${name} has ended`);
  }
}

/** Whether this request was granted before; if not, it is now. */
function isDone(attachment: Attachment, keyboardId: string | undefined): boolean {
  if (keyboardId !== undefined && attachment.keyboardId === keyboardId) return true;
  attachment.keyboardId = keyboardId;
  return false;
}
