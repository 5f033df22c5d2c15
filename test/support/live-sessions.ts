import type { Connection, RemoteSession } from '@holdfast/shell/client';
import { expect } from 'vitest';
import { ShownOutput } from './client.ts';

const SIZE = { columns: 80, rows: 24 };

/** Sessions that live beside what a test does, each with a command now and then, which must run once. */
export class LiveSessions {
  commands = 0;
  /** What went wrong with a command since. */
  readonly faults: string[] = [];
  readonly #sessions: RemoteSession[] = [];
  readonly #runs: number[] = [];
  /** Those whose last command has not ended here; another would be refused. */
  readonly #running = new Set<RemoteSession>();
  readonly #keeper: Connection;
  #host = '';

  private constructor(keeper: Connection) {
    this.#keeper = keeper;
  }

  static async open(keeper: Connection, count: number): Promise<LiveSessions> {
    const live = new LiveSessions(keeper);
    for (let index = 0; index < count; index += 1) live.#host = await live.add();
    return live;
  }

  /** Opens one more, and shows it to nobody. @returns the process id of the session host that it runs in */
  async add(): Promise<string> {
    const index = this.#sessions.length;
    const session = await this.#keeper.openSession({ ...SIZE, name: `live-${index}` });
    const shown = new ShownOutput();
    await shown.show(session);
    await session.run(`MARK=${index} RUNS=0; echo "host $PPID."`).ended;
    await shown.until(() => shown.text.includes('.'));
    await session.hide();
    this.#sessions.push(session);
    this.#runs.push(0);
    return /host (\d+)\./.exec(shown.text)?.[1] ?? '';
  }

  /** A command in one of them. @param choice 0 to 1, for which */
  run(choice: number): void {
    const index = Math.floor(choice * this.#sessions.length);
    const session = this.#sessions[index];
    if (session === undefined || this.#running.has(session)) return;
    this.#running.add(session);
    this.commands += 1;
    this.#runs[index] = (this.#runs[index] ?? 0) + 1;
    // The last command says how often this one ran.
    session.run('RUNS=$((RUNS + 1))').ended.then(
      () => this.#running.delete(session),
      (error: Error) => this.faults.push(`live-${index}: ${error.message}`),
    );
  }

  /** One more, after an upgrade: it is in another session host than the first ones. */
  async addElsewhere(): Promise<void> {
    if ((await this.add()) === this.#host)
      this.faults.push('A new session is in the host of the build that was before');
  }

  /** Each command ran once in each of them. */
  async check(): Promise<void> {
    await expect.poll(() => this.#running.size, { timeout: 30_000 }).toBe(0);
    const ends = this.#sessions.map(
      (session, index) => session.run(`[ $MARK.$RUNS = ${index}.${this.#runs[index]} ]`).ended,
    );
    for (const end of await Promise.all(ends)) expect(end.status).toBe(0);
  }
}
