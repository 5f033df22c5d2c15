import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RemotingError } from '@holdfast/protocol';
import type { ClientSettings, Connection } from '@holdfast/shell/client';
import { ShownOutput, connectFrom } from './client.ts';
import { FaultLink, type Passed } from './fault-link.ts';
import type { Cut } from './fault-plan.ts';
import type { Remote } from './remote.ts';

const SETTINGS: Partial<ClientSettings> = {
  firstSpreadMs: 0,
  retryStepMs: 20,
  unansweredMs: 300,
  connectTimeoutMs: 5_000,
};
/** What a client is told whose first connection was cut; nothing was begun then. */
const REFUSALS: readonly string[] = ['ConnectionLost', 'ConnectionRefused', 'HandshakeTimeout'];

/** Where a conversation is cut: in its first connection, or in the one that resumes it. */
export type Place = Cut & { connection: 0 | 1 };

/**
 * A short conversation, always the same: hello, authentication, a session, a command, its output, a new link with a resume,
 * input, acknowledgements, the command's end, the session's end.
 */
export class Conversation {
  readonly #remote: Remote;
  readonly #link: FaultLink;
  readonly #host: string;
  #held = 0;

  /** @param host the name under which the client knows `link` */
  constructor(remote: Remote, link: FaultLink, host: string) {
    this.#remote = remote;
    this.#link = link;
    this.#host = host;
  }

  /** Bytes of its two connections when nothing cuts them. */
  async measure(): Promise<Passed[]> {
    await this.hold();
    return this.#link.passed.slice(0, 2);
  }

  /**
   * Holds it, cut at one place. @returns how it went: whole, or refused with an error before anything was begun
   * @throws Error that says what is wrong
   */
  async hold(place?: Place): Promise<'whole' | 'refused'> {
    this.#held += 1;
    const name = `${this.#host}-${this.#held}`;
    if (place !== undefined) this.#link.cuts.push(...(place.connection === 0 ? [place] : [undefined, place]));
    let connection: Connection;
    try {
      connection = await connectFrom(this.#remote.client, this.#host, SETTINGS);
    } catch (error) {
      if (error instanceof RemotingError && REFUSALS.includes(error.id)) return 'refused';
      throw error;
    } finally {
      if (place?.connection === 0) this.#link.cuts.length = 0;
    }
    await this.#talk(connection, name);
    this.#link.cuts.length = 0;
    return 'whole';
  }

  async #talk(connection: Connection, name: string): Promise<void> {
    const session = await connection.openSession({ name, columns: 80, rows: 24, noProfile: true });
    const shown = new ShownOutput();
    await shown.show(session);
    const command = session.run(
      `echo ran >> ${name}; stty -echo; printf 'ask:'; read -r line; stty echo; echo "<$line>"`,
    );
    await shown.until(() => shown.text.includes('ask:'));
    this.#link.cut();
    session.write(Buffer.from('hello\r'));
    const { status } = await command.ended;
    await shown.until(() => shown.text.includes('\x1b]133;D'));
    await session.stop();
    const after = (await connection.listSessions()).map((other) => other.name);
    await connection.goodbye();
    const file = join(this.#remote.host.home, name);
    const ran = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const found = JSON.stringify({
      status,
      text: shown.text.split('\x1b]133;D;0\x07', 1)[0],
      ran,
      left: after.includes(name),
    });
    const wanted = JSON.stringify({ status: 0, text: 'ask:<hello>\r\n', ran: 'ran\n', left: false });
    if (found !== wanted) throw new Error(`${found} for ${wanted}`);
  }
}

/** Holds as many conversations at once as there are links, one for each place. @returns how many went how */
export async function cutEverywhere(
  conversations: readonly Conversation[],
  places: Iterator<Place>,
): Promise<{ whole: number; refused: number }> {
  const figures = { whole: 0, refused: 0 };
  await Promise.all(
    conversations.map(async (conversation) => {
      for (let next = places.next(); next.done !== true; next = places.next()) {
        try {
          figures[await conversation.hold(next.value)] += 1;
        } catch (cause) {
          throw new Error(`Cut at ${JSON.stringify(next.value)}: ${String(cause)}`, { cause });
        }
      }
    }),
  );
  return figures;
}
