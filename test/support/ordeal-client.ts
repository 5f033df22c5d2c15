import { RemotingError } from '@holdfast/protocol';
import type { ClientSettings, Connection, LinkState, RemoteSession } from '@holdfast/shell/client';
import { connectFrom } from './client.ts';
import type { CounterCheck } from './counter-check.ts';
import { CounterView } from './counter-view.ts';
import type { Machine } from './machine.ts';
import type { TypedStream } from './typed-stream.ts';

/** The limits of a client that notices soon: a cut is over in tens of milliseconds. */
const SETTINGS: Partial<ClientSettings> = {
  retryStepMs: 20,
  patientStepMs: 100,
  unansweredMs: 200,
  connectTimeoutMs: 1_500,
  attemptTimeoutMs: 1_500,
  attemptsAtOnce: 6,
  pingIntervalMs: 250,
  suspectAfterMs: 1_000,
  deadAfterMs: 3_000,
  inputQueueBytes: 64 * 1024,
};

const LINK_FAULTS: readonly string[] = ['ConnectionLost', 'ConnectionRefused', 'HandshakeTimeout'];

/** Connects as a person does who tries again. */
export async function connectStubbornly(machine: Machine, onLost: () => void): Promise<Connection> {
  for (;;) {
    try {
      const connection = await connectFrom(machine, 'srv1', SETTINGS);
      let before: LinkState = 'Connected';
      connection.onLinkState((state) => {
        // A link that is Suspect may come back; an attempt that fails is told as Reconnecting too.
        if (state === 'Reconnecting' && before !== 'Reconnecting') onLost();
        before = state;
      });
      return connection;
    } catch (error) {
      if (!(error instanceof RemotingError) || !LINK_FAULTS.includes(error.id)) throw error;
    }
  }
}

/** What all holders share: what is printed, what is typed, and how large the next piece of it is. */
export type OrdealWork = { check: CounterCheck; typed: TypedStream; pieceBytes: () => number };

/** One client that holds the counter and the stream of keys, and types while it is shown output. */
export class OrdealClient {
  readonly connection: Connection;
  readonly printing: RemoteSession;
  readonly typing: RemoteSession;
  readonly view: CounterView;
  /** Nobody else is meant to have the sessions. */
  holds = true;
  readonly #work: OrdealWork;

  constructor(connection: Connection, sessions: { printing: RemoteSession; typing: RemoteSession }, work: OrdealWork) {
    this.connection = connection;
    this.printing = sessions.printing;
    this.typing = sessions.typing;
    this.#work = work;
    this.view = new CounterView(this.printing, work.check, () => this.#type());
    work.typed.begin();
  }

  /** Lets both sessions go, with input on its way. @returns what was wrong with what it shows as unsent */
  async detach(): Promise<string | undefined> {
    await Promise.all([this.printing.detach(), this.typing.detach()]);
    return this.#end();
  }

  /** Resolves when the sessions were taken from it. */
  async taken(): Promise<string | undefined> {
    await Promise.all([this.printing, this.typing].map(overOf));
    return this.#end();
  }

  #end(): string | undefined {
    return this.#work.typed.end(this.typing.unsentInput);
  }

  #type(): void {
    if (this.typing.state !== 'Opened' || this.typing.inputFull() !== undefined) return;
    this.typing.write(this.#work.typed.next(this.#work.pieceBytes()));
  }
}

function overOf(session: RemoteSession): Promise<void> {
  if (session.state !== 'Opened') return Promise.resolve();
  return new Promise((resolve) => session.onState(() => resolve()));
}
