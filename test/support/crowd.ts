import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Connection, RemoteSession } from '@holdfast/shell/client';
import { ShownOutput, connectFrom } from './client.ts';
import { seededBytes } from './random.ts';
import type { Remote } from './remote.ts';
import { testSeed } from './seed.ts';

const INPUT_BYTES = 1024 * 1024;
/** Sessions that are made at once. */
const AT_ONCE = 15;

/** 50 lines a second, without a process for each pause. */
const PRINTS = 'exec 9<> <(:); while :; do echo "line $((++i)) of a program that prints"; read -rt 0.02 -u 9; done';

/** How long answers took, in milliseconds. */
export type Answers = { list: number[]; open: number[]; ask: number[] };

/** Asks for one answer after the other, and how long each takes. */
export async function measureAnswers(connection: Connection, rounds: number): Promise<Answers> {
  const answers: Answers = { list: [], open: [], ask: [] };
  const timed = async <T>(kind: keyof Answers, work: () => Promise<T>): Promise<T> => {
    const from = performance.now();
    const result = await work();
    answers[kind].push(performance.now() - from);
    return result;
  };
  for (let round = 0; round < rounds; round += 1) {
    await timed('list', () => connection.listSessions());
    await timed('ask', () => connection.configurations());
    if (round % 5 > 0) continue;
    const session = await timed('open', () => connection.openSession({ columns: 80, rows: 24 }));
    await session.stop();
  }
  return answers;
}

/** The 99th percentile. */
export function p99(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.ceil(times.length * 0.99) - 1] ?? Infinity;
}

export function reportAnswers(what: string, answers: Answers): void {
  const figures = Object.entries(answers).map(([kind, times]) => `${kind} ${p99(times).toFixed(1)} ms`);
  console.log(`p99, ${what}: ${figures.join(', ')}`);
}

/** Many sessions of one client on one agent: some print, some are given much input and do not read it. */
export class Crowd {
  readonly #connection: Connection;
  readonly #go: string;
  readonly #input = seededBytes(testSeed(), INPUT_BYTES);
  readonly #printing: ShownOutput[] = [];
  readonly #blocked: { command: Command; shown: ShownOutput }[] = [];

  private constructor(connection: Connection, go: string) {
    this.#connection = connection;
    this.#go = go;
  }

  static async gather(
    remote: Remote,
    { sessions, printing, blocked }: { sessions: number; printing: number; blocked: number },
  ): Promise<Crowd> {
    const connection = await connectFrom(remote.client, 'srv1');
    const crowd = new Crowd(connection, join(remote.host.home, `go-${crypto.randomUUID()}`));
    const all: RemoteSession[] = [];
    while (all.length < sessions) {
      const some = Array.from({ length: Math.min(AT_ONCE, sessions - all.length) }, () =>
        connection.openSession({ columns: 80, rows: 24 }),
      );
      all.push(...(await Promise.all(some)));
    }
    await Promise.all(all.slice(0, blocked).map((session) => crowd.#block(session)));
    await Promise.all(all.slice(blocked, blocked + printing).map((session) => crowd.#print(session)));
    return crowd;
  }

  /** Every session that prints goes on printing. */
  async goesOn(): Promise<void> {
    const before = this.#printing.map(({ bytes }) => bytes);
    await Promise.all(this.#printing.map((shown, at) => shown.until(() => shown.bytes > (before[at] ?? 0))));
  }

  /** Lets the blocked read, and closes all. @throws Error when one of them did not get its input whole */
  async finish(): Promise<void> {
    writeFileSync(this.#go, '');
    const hash = createHash('sha256').update(this.#input).digest('hex');
    for (const { command, shown } of this.#blocked) {
      await command.ended;
      if (!shown.text.includes(hash)) throw new Error(`The input did not come whole: ${shown.text}`);
    }
    await Promise.all(this.#connection.sessions.map((session) => session.stop()));
    this.#connection.close();
  }

  async #block(session: RemoteSession): Promise<void> {
    const shown = new ShownOutput();
    await shown.show(session);
    const wait = `stty raw -echo; printf 'be''gun'; until [ -e ${this.#go} ]; do sleep 0.2; done`;
    const command = session.run(`${wait}; head -c ${INPUT_BYTES} | sha256sum; stty sane`);
    await shown.until(() => shown.text.includes('begun'));
    session.write(this.#input);
    this.#blocked.push({ command, shown });
  }

  async #print(session: RemoteSession): Promise<void> {
    const shown = new ShownOutput(() => {});
    await shown.show(session);
    session.run(PRINTS);
    await shown.until(() => shown.bytes > 10_000);
    this.#printing.push(shown);
  }
}
