import { userInfo } from 'node:os';
import { basename } from 'node:path';
import { MAX_RECORDED_TEXT, type RequestOf } from '@holdfast/protocol';
import type { Journal, JournalEntry } from '../record/journal.ts';
import type { RecordSettings } from '../record/record-settings.ts';
import { TypedAhead } from '../record/typed-ahead.ts';
import type { ClientIdentity } from '../session/channel-port.ts';
import type { SessionEventBody } from '../session/session-events.ts';
import type { Session } from '../session/session.ts';
import type { ClientConnection } from './client-connection.ts';

/** Output that a session discards is told of at once, and then no more often than this. */
const DROPS_MS = 60_000;

/** Characters of a reason that are recorded. */
const MAX_DETAIL = 2000;

/** What is known of a session besides. */
type Watched = { typedAhead: TypedAhead; dropped: number; toldAt: number };

/** Writes what happens in this host to its journal: who did it, to which session, and never what was typed. */
export class Recorder {
  readonly #journal: Journal;
  readonly #settings: () => RecordSettings;
  readonly #watched = new WeakMap<Session, Watched>();
  #droppedBytes = 0;

  constructor(journal: Journal, settings: () => RecordSettings) {
    this.#journal = journal;
    this.#settings = settings;
  }

  /** Output that sessions have discarded, since the host started. */
  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  /** Somebody did something, to a session if there is one. */
  did(client: ClientConnection, entry: JournalEntry, session?: Session): void {
    this.#journal.append({ ...whoIs(client), ...(session && whichIs(session)), ...entry });
  }

  /** Something happened to a session by itself. */
  happened(session: Session, entry: JournalEntry): void {
    this.#journal.append({ ...whichIs(session), ...entry });
  }

  /** Records a new session, and what its program does from now on. */
  opened(client: ClientConnection, session: Session): void {
    this.#watched.set(session, { typedAhead: new TypedAhead(), dropped: 0, toldAt: -Infinity });
    this.did(client, { type: 'session.opened', detail: session.info.configurationName }, session);
    session.events.onEvent = (event) => this.#onEvent(session, event);
    const { file, problem } = session.info.recording ?? {};
    if (problem !== undefined)
      this.happened(session, { type: 'session.unrecorded', detail: problem.slice(0, MAX_DETAIL) });
    else if (file !== undefined) this.happened(session, { type: 'session.recorded', detail: basename(file) });
  }

  /** A session's holder did not come back in time, or nobody came before it expired. */
  left(session: Session, clock: 'grace' | 'idle'): void {
    const { attachment } = session;
    if (clock === 'idle') return this.happened(session, { type: 'session.expired' });
    const detail = `${attachment?.client.client ?? 'its client'} did not come back`;
    this.happened(session, { type: 'session.disconnected', detail });
  }

  /** Somebody holds a session from now on; `former` held it until then. */
  connected(client: ClientConnection, session: Session, former: ClientIdentity | undefined): void {
    const isTaken = former !== undefined && former.clientId !== client.identity.clientId;
    const entry: JournalEntry = isTaken
      ? { type: 'session.taken', detail: `from ${former.client} at ${former.address}` }
      : { type: 'session.connected' };
    this.did(client, entry, session);
  }

  /** Somebody has the keyboard of a session, which `former` had, or gives it up and watches. */
  handedOver(client: ClientConnection, session: Session, former: ClientIdentity | undefined): void {
    if (session.attachment !== undefined) return this.connected(client, session, former);
    this.did(client, { type: 'session.disconnected', detail: 'it watches on' }, session);
  }

  /**
   * Runs a command in a session, once; it is recorded before it runs, and again when it is refused.
   * @throws RemotingError as SessionProgram.run()
   */
  runs(client: ClientConnection, session: Session, request: RequestOf<'command.run'>): void {
    const { program } = session;
    const { commandId, text } = request;
    if (program.hasAccepted(commandId)) return;
    this.did(client, { type: 'command.started', commandId, ...this.#wordsIn(session, text) }, session);
    try {
      program.run(commandId, text, request);
    } catch (error) {
      const detail = error instanceof Error ? error.message.slice(0, 500) : String(error);
      this.did(client, { type: 'command.refused', commandId, detail }, session);
      throw error;
    }
  }

  /** Somebody runs a command apart from all sessions. */
  executes(client: ClientConnection, { execId, text }: { execId: string; text: string }): void {
    this.did(client, { type: 'exec.started', commandId: execId, ...this.#wordsOf(text) });
  }

  /** The end of such a command. */
  executed(execId: string, exit: { status: number; signal?: number } | undefined): void {
    this.#journal.append({ type: 'exec.ended', commandId: execId, ...exit });
  }

  #onEvent(session: Session, event: SessionEventBody): void {
    switch (event.type) {
      case 'command.ready':
        return this.#watched.get(session)?.typedAhead.note(event.typeahead);
      case 'command.ended': {
        const { commandId, status, durationMs } = event;
        return this.happened(session, { type: event.type, commandId, status, durationMs });
      }
      case 'session.exited':
        this.#tellDrops(session);
        return this.happened(session, {
          type: event.type,
          status: event.status,
          signal: event.signal,
          detail: event.reason,
        });
      case 'recording.ended':
        return this.happened(session, { type: 'session.unrecorded', detail: event.problem.slice(0, MAX_DETAIL) });
      case 'output.dropped':
        return this.#onDropped(session, event.to - event.at);
      default:
    }
  }

  #onDropped(session: Session, bytes: number): void {
    const watched = this.#watched.get(session);
    if (watched === undefined) return;
    watched.dropped += bytes;
    this.#droppedBytes += bytes;
    if (performance.now() - watched.toldAt >= DROPS_MS) this.#tellDrops(session);
  }

  #tellDrops(session: Session): void {
    const watched = this.#watched.get(session);
    if (watched === undefined || watched.dropped === 0) return;
    this.happened(session, { type: 'output.dropped', detail: `${watched.dropped} bytes that nobody had read` });
    watched.dropped = 0;
    watched.toldAt = performance.now();
  }

  #wordsIn(session: Session, text: string): Pick<JournalEntry, 'text' | 'detail'> {
    const isHidden = this.#watched.get(session)?.typedAhead.hides(text) ?? false;
    return isHidden ? { detail: 'its text was typed ahead, perhaps unseen: not recorded' } : this.#wordsOf(text);
  }

  #wordsOf(text: string): Pick<JournalEntry, 'text' | 'detail'> {
    if (this.#settings().commands === 'none') return { detail: 'texts are not recorded here ([record] commands)' };
    if (text.length <= MAX_RECORDED_TEXT) return { text };
    return { text: text.slice(0, MAX_RECORDED_TEXT), detail: `the first of ${text.length} characters` };
  }
}

function whoIs({ caller, identity }: ClientConnection): Omit<JournalEntry, 'type'> {
  const { user, key, address } = caller;
  const isOwn = user === userInfo().username;
  return { ...(isOwn ? {} : { actor: user }), key, address, client: identity.client.slice(0, 256) };
}

function whichIs({ info }: Session): Omit<JournalEntry, 'type'> {
  const { sessionId, instanceId, name } = info;
  return { sessionId, instanceId, name };
}
