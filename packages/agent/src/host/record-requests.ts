import { RemotingError, type AnyEvent, type ReplyOf, type RequestOf } from '@holdfast/protocol';
import type { LocalRecord } from '../record/local-record.ts';
import { Journals } from '../record/journals.ts';
import type { RecordSettings } from '../record/record-settings.ts';
import { assertOwnUser } from './access.ts';
import type { ClientConnection } from './client-connection.ts';

/** Gateways are told of new events after so long, all at once: the record is in nobody's way. */
const NEWS_MS = 50;

/** What is asked of the journals in this user's folder, those of hosts that have ended among them. */
export class RecordRequests {
  readonly #stateFolder: string;
  readonly #settings: () => RecordSettings;
  readonly #journals: Journals;
  readonly #readers = new Set<ClientConnection>();
  #local: Promise<LocalRecord> | undefined;
  #news: NodeJS.Timeout | undefined;

  /** @param journalFolder where the journals lie */
  constructor(stateFolder: string, journalFolder: string, settings: () => RecordSettings) {
    this.#stateFolder = stateFolder;
    this.#settings = settings;
    this.#journals = new Journals(journalFolder);
  }

  /**
   * Gives a gateway what it does not have, and tells it from now on when there is more.
   * @throws RemotingError AccessDenied for whoever is neither this user nor an administrator
   */
  read({ after }: RequestOf<'journal.read'>, client: ClientConnection): ReplyOf<'journal.read'> {
    if (!client.caller.roles.includes('administrator')) assertOwnUser(client);
    this.#readers.add(client);
    return this.#journals.read(after);
  }

  /** Answers a client on this machine itself, from a database that is filled from the journals for that. */
  async list(request: RequestOf<'events.list'>, client: ClientConnection): Promise<ReplyOf<'events.list'>> {
    assertOwnUser(client);
    const { user } = client.caller;
    if (request.user !== undefined && request.user !== user) {
      throw new RemotingError('AccessDenied', `The events of ${request.user} are not for ${user}`);
    }
    // Most hosts are never asked, and start without SQLite.
    this.#local ??= import('../record/local-record.ts').then(
      ({ LocalRecord: Record }) => new Record(this.#stateFolder),
    );
    const local = await this.#local;
    local.collect(user, this.#journals, this.#settings());
    return local.events.list(request);
  }

  /** There are new events. */
  readonly onGrew = (): void => {
    if (this.#readers.size > 0) this.#news ??= setTimeout(() => this.#tell({ type: 'journal.grew' }), NEWS_MS);
  };

  /** A connection is over. */
  forget(client: ClientConnection): void {
    this.#readers.delete(client);
  }

  async close(): Promise<void> {
    clearTimeout(this.#news);
    if (this.#local !== undefined) (await this.#local).close();
  }

  #tell(event: AnyEvent): void {
    this.#news = undefined;
    for (const reader of this.#readers) reader.tell(event);
  }
}
