import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection, RemoteSession } from '@holdfast/shell/client';
import { expect } from 'vitest';
import { ShownOutput } from './client.ts';
import { CounterCheck } from './counter-check.ts';
import type { FaultLink } from './fault-link.ts';
import { STORM } from './fault-plan.ts';
import { HOLDFAST_AGENT, type Machine } from './machine.ts';
import { LiveSessions } from './live-sessions.ts';
import { OrdealClient, connectStubbornly } from './ordeal-client.ts';
import { seededRandom } from './random.ts';
import type { Remote } from './remote.ts';
import { TypedStream } from './typed-stream.ts';

const SIZE = { columns: 80, rows: 24 };
/** Losses of a working link from one act to the next, at most. */
const CALM_CUTS = 20;
const ACTS = ['kill', 'kill', 'upgrade', 'show', 'show', 'takeOver', 'takeOver', 'detach', 'detach', 'detach'] as const;
/** A long run says how far it is, so that one that hangs is seen. */
const CUTS_PER_REPORT = 500;

export type OrdealOptions = {
  remote: Remote;
  link: FaultLink;
  /** The same person's other machine. */
  second: Machine;
  /** Whether it is over, after so many losses of a working link besides those that a kill or an upgrade made. */
  isOver: (cuts: number) => boolean;
  /** Sessions that live beside the two. */
  live: number;
  /** An agent of another build, which is upgraded from and to. */
  otherBuild: string;
};

/**
 * A counter at full speed and a stream of random keys, each in a session, live through cuts at every byte while clients
 * attach, detach, and take each other's sessions, and while the gateway is killed and upgraded.
 */
export class Ordeal {
  readonly figures = { cuts: 0, kills: 0, upgrades: 0, detaches: 0, takeOvers: 0, shows: 0, commands: 0 };
  readonly #options: OrdealOptions;
  readonly #random: () => number;
  readonly #typed: TypedStream;
  #check = new CounterCheck(0);
  /** How much is typed next, apart from what is done next: output comes in pieces that no seed repeats. */
  readonly #pieces: () => number;
  /** The gateway is being ended by an act: what is lost then is no cut. */
  #isEnded = false;
  #waiting = { at: Infinity, resolve: (): void => {}, reject: (error: Error): void => this.#note(error.message) };
  #builds: [string, string];
  #machines: [Machine, Machine];
  #acts: (typeof ACTS)[number][] = [];
  #faults: string[] = [];

  constructor(options: OrdealOptions) {
    this.#options = options;
    this.#random = seededRandom(options.link.seed);
    this.#pieces = seededRandom(options.link.seed + 1);
    this.#typed = new TypedStream(options.link.seed);
    this.#builds = [HOLDFAST_AGENT, options.otherBuild];
    this.#machines = [options.remote.client, options.second];
  }

  /** What was done, and the bytes that were compared, out and in. */
  get reached(): Ordeal['figures'] & { bytesOut: number; bytesIn: number } {
    return { ...this.figures, bytesOut: this.#check.bytes, bytesIn: this.#typed.given };
  }

  /** Lives through it all. @throws the assertion that does not hold */
  async run(): Promise<void> {
    const { link, isOver } = this.#options;
    const keeper = await this.#connect();
    const live = await LiveSessions.open(keeper, this.#options.live);
    let client = await this.#begin();
    link.faults = STORM;
    link.cut();
    let reportAt = CUTS_PER_REPORT;
    while (!isOver(this.figures.cuts)) {
      if (this.figures.cuts >= reportAt) {
        process.stdout.write(`${JSON.stringify(this.reached)}\n`);
        await this.#compare(false);
        reportAt += CUTS_PER_REPORT;
      }
      await this.#lose(Math.ceil(this.#random() * CALM_CUTS));
      live.run(this.#random());
      client = await this.#act(client, live);
      this.figures.commands = live.commands;
      expect(this.#faults.concat(live.faults, this.#check.fault ?? [], client.view.fault ?? [])).toEqual([]);
    }
    link.calm();
    await this.#finish(client);
    await live.check();
    client.connection.close();
    await keeper.goodbye();
  }

  #connect(machine = this.#machines[0]): Promise<Connection> {
    return connectStubbornly(machine, () => {
      if (this.#isEnded) return;
      this.figures.cuts += 1;
      if (this.figures.cuts >= this.#waiting.at) this.#waiting.resolve();
    });
  }

  /** Resolves when working links were lost `times` times more. */
  #lose(times: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting = { at: this.figures.cuts + times, resolve, reject };
    });
  }

  async #begin(): Promise<OrdealClient> {
    const connection = await this.#connect();
    const printing = await connection.openSession({ ...SIZE, name: 'printing' });
    const started = new Promise<number>((resolve) =>
      printing.onEvent((event) => (event.type === 'command.started' ? resolve(event.echoTo) : undefined)),
    );
    // Those who take the session are not told of its end.
    printing.run('seq 1 1000000000000').ended.catch(() => 'taken');
    this.#check = new CounterCheck(await started);
    const typing = await connection.openSession({ ...SIZE, name: 'typing' });
    const shown = new ShownOutput();
    await shown.show(typing);
    typing.run("stty raw -echo; printf 'B''EGIN'; cat > typed").ended.catch(() => 'taken');
    await shown.until(() => shown.text.includes('BEGIN'));
    await typing.hide();
    const client = this.#hold(connection, printing, typing);
    await client.view.show({ after: 0 });
    return client;
  }

  #hold(connection: Connection, printing: RemoteSession, typing: RemoteSession): OrdealClient {
    const work = { check: this.#check, typed: this.#typed, pieceBytes: () => Math.ceil(2 ** (this.#pieces() * 10)) };
    const client = new OrdealClient(connection, { printing, typing }, work);
    for (const session of [printing, typing]) {
      session.onState((state, { reason }) => {
        if (client.holds) this.#waiting.reject(new Error(`${session.info.name} is ${state}: ${reason}`));
      });
    }
    return client;
  }

  async #act(client: OrdealClient, live: LiveSessions): Promise<OrdealClient> {
    const act = this.#nextAct();
    if (act === 'kill') await this.#kill();
    else if (act === 'upgrade') await this.#upgrade(live);
    else if (act === 'show') await this.#showAgain(client);
    else return this.#pass(client, act === 'takeOver');
    return client;
  }

  /** In another order each time, so that a short run has some of each. */
  #nextAct(): (typeof ACTS)[number] {
    if (this.#acts.length === 0) this.#acts = [...ACTS];
    const [act = 'show'] = this.#acts.splice(Math.floor(this.#random() * this.#acts.length), 1);
    return act;
  }

  async #kill(): Promise<void> {
    this.figures.kills += 1;
    await this.#whileEnded(async (agent) => {
      await agent.kill('SIGKILL');
      await agent.restart();
    });
  }

  /** To the other build, whose session host has what is opened from then on; what lives stays where it is. */
  async #upgrade(live: LiveSessions): Promise<void> {
    this.figures.upgrades += 1;
    const isBack = this.figures.upgrades % 2 === 0;
    await this.#whileEnded((agent) => agent.upgrade(this.#builds[isBack ? 1 : 0]));
    if (!isBack) await live.addElsewhere();
  }

  async #whileEnded(act: (agent: Remote['agent']) => Promise<void>): Promise<void> {
    this.#isEnded = true;
    await act(this.#options.remote.agent);
    this.#isEnded = false;
  }

  async #showAgain(client: OrdealClient): Promise<void> {
    this.figures.shows += 1;
    await client.printing.hide();
    await client.view.show(this.#random() < 0.5 ? 'here' : 'snapshot');
  }

  /** The sessions go to the person's other machine, let go by the first or taken from it. */
  async #pass(from: OrdealClient, isForced: boolean): Promise<OrdealClient> {
    this.#machines.reverse();
    from.holds = false;
    if (!isForced) this.#note(await from.detach());
    const connection = await this.#connect();
    const [printing, typing] = await Promise.all(
      [from.printing, from.typing].map(({ info }) => connection.connectSession(info.instanceId, { force: isForced })),
    );
    if (printing === undefined || typing === undefined) throw new Error('There are two');
    if (isForced) this.#note(await from.taken());
    from.connection.close();
    this.figures[isForced ? 'takeOvers' : 'detaches'] += 1;
    const client = this.#hold(connection, printing, typing);
    const seen = from.view.offset;
    if (this.#random() < 0.5) {
      await client.view.show('snapshot');
    } else {
      const begun = await client.view.show({ after: printing.info.delivered });
      if (begun > seen) this.#note(`output from ${seen} to ${begun} was shown to nobody`);
    }
    return client;
  }

  #note(fault: string | undefined): void {
    if (fault !== undefined) this.#faults.push(fault);
  }

  async #finish(client: OrdealClient): Promise<void> {
    const { printing, typing, view, connection } = client;
    const reached = this.#check.bytes + 1024 * 1024;
    await expect.poll(() => this.#check.bytes, { timeout: 30_000 }).toBeGreaterThan(reached);
    const { fault } = this.#check;
    // Behind the numbers comes the ^C then.
    await printing.interrupt();
    expect([fault, view.fault?.replace(/^\d+ bytes were left out$/, '')]).toEqual([undefined, undefined]);
    await typing.inputSettled();
    await this.#compare(true);
    client.holds = false;
    await Promise.all([printing.stop(), typing.stop()]);
    expect(connection.linkState).toBe('Connected');
  }

  async #compare(isWhole: boolean): Promise<void> {
    const file = join(this.#options.remote.host.home, 'typed');
    await expect.poll(() => this.#typed.compare(readFileSync(file), isWhole), { timeout: 30_000 }).toBeUndefined();
  }
}
