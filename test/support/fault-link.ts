import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { FaultFlow } from './fault-flow.ts';
import {
  CALM,
  ConnectionPlan,
  cutAt,
  type ConnectFault,
  type Cut,
  type Plan,
  type Faults,
  type FlowDecision,
  type FlowFault,
} from './fault-plan.ts';
import { testSeed } from './seed.ts';

type Pair = { client: Socket; agent: Socket | undefined; read?: FaultFlow; write?: FaultFlow };

/** Bytes that went through one connection, from the agent and from the client. */
export type Passed = { read: number; write: number };

/** A fault that a connection met, and behind how many of its direction's bytes; `amount` is milliseconds or bytes. */
export type MetFault = {
  connection: number;
  flow: 'connect' | 'read' | 'write';
  kind: ConnectFault | FlowFault;
  at: number;
  amount: number;
};

/** What a FaultLink did: how often each kind, and all of it in its order. */
export type FaultRecord = { counts: Map<ConnectFault | FlowFault, number>; met: MetFault[] };

/**
 * A TCP relay in front of an agent that a seed makes unreliable, each connection and direction for itself; a test can also
 * cut, freeze and refuse all of them at once.
 */
export class FaultLink implements AsyncDisposable {
  readonly seed: number;
  readonly record: FaultRecord = { counts: new Map(), met: [] };
  /** What went through each connection. */
  readonly passed: Passed[] = [];
  /** For connections that are made from now on, one after the other: the byte behind which it is cut; undefined for none. */
  readonly cuts: (Cut | undefined)[] = [];
  /** When each connection was asked for, performance.now() milliseconds, also those that were refused. */
  readonly arrivals: number[] = [];
  /** Cuts connections that are made from now on when nothing came for so long, as proxies do; 0 for never. */
  idleCutMs = 0;
  readonly #server: Server;
  readonly #targetPort: () => number;
  readonly #pairs = new Set<Pair>();
  #faults: Faults;
  #connections = 0;
  #frozen = false;
  #refusing = false;
  #onFault = (): void => {};

  private constructor(targetPort: () => number, faults: Faults, seed: number) {
    this.#targetPort = targetPort;
    this.#faults = faults;
    this.seed = seed;
    this.#server = createServer({ noDelay: true }, (client) => this.#onConnection(client));
  }

  /** @param targetPort asked at each connection, since an agent may come back elsewhere */
  static async start(targetPort: () => number, faults: Faults = CALM, seed = testSeed()): Promise<FaultLink> {
    const link = new FaultLink(targetPort, faults, seed);
    link.#server.listen(0, '127.0.0.1');
    await once(link.#server, 'listening');
    return link;
  }

  get port(): number {
    // A TCP server's address is never a string.
    return (this.#server.address() as AddressInfo).port;
  }

  /** Links that are open now. */
  get links(): number {
    return this.#pairs.size;
  }

  /** The weather for connections that are made from now on. */
  set faults(faults: Faults) {
    this.#faults = faults;
  }

  /** Called after each fault that the seed decided. */
  set onFault(listener: () => void) {
    this.#onFault = listener;
  }

  /** Resets every link at once, with what was in flight. */
  cut(): void {
    for (const pair of this.#pairs) reset(pair);
  }

  /** Lets nothing through any more, while every link stays open; new ones are accepted and as silent. */
  freeze(): void {
    this.#frozen = true;
    this.forget();
  }

  /** Nothing passes any more on the links that are there, and nobody is told, as when a router lost its table; new ones work. */
  forget(): void {
    for (const { read, write } of this.#pairs) for (const flow of [read, write]) flow?.hold();
  }

  thaw(): void {
    this.#frozen = false;
    for (const { read, write } of this.#pairs) for (const flow of [read, write]) flow?.release();
  }

  /** Nothing of the agent comes through on the links that are there; what the client says still gets to it. */
  mute(): void {
    for (const { read } of this.#pairs) read?.hold();
  }

  /** Resets new links while on. */
  set refusing(on: boolean) {
    this.#refusing = on;
  }

  /** From now on nothing happens by itself; what hangs or is frozen is reset. */
  calm(): void {
    this.#faults = CALM;
    for (const pair of this.#pairs) {
      if (pair.agent === undefined) reset(pair);
      pair.read?.calm();
      pair.write?.calm();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #onConnection(client: Socket): void {
    const number = this.#connections++;
    this.arrivals.push(performance.now());
    const cut = this.cuts.shift();
    const plan = cut === undefined ? new ConnectionPlan(this.seed, number, this.#faults) : cutAt(cut);
    client.on('error', ignore);
    this.#note({ connection: number, flow: 'connect', kind: plan.kind, at: 0, amount: plan.amount });
    if (this.#refusing || plan.kind === 'refuse') client.resetAndDestroy();
    else if (plan.kind === 'hang') this.#keep({ client: client.resume(), agent: undefined });
    else if (plan.kind === 'delay') setTimeout(() => this.#relay(client, number, plan), plan.amount);
    else this.#relay(client, number, plan);
  }

  #relay(client: Socket, number: number, plan: Plan): void {
    if (client.destroyed) return;
    const agent = connect({ port: this.#targetPort(), host: '127.0.0.1', noDelay: true });
    const pair: Pair = { client, agent };
    const onFault =
      (flow: 'read' | 'write') =>
      ({ kind, amount }: FlowDecision, at: number): void => {
        if (kind === 'reset' && amount === 1) reset(pair);
        else if (kind === 'reset') close(pair);
        this.#note({ connection: number, flow, kind, at, amount });
      };
    const passed: Passed = { read: 0, write: 0 };
    this.passed[number] = passed;
    const onFirst = plan.kind === 'duplicate' ? this.#duplicate(agent, plan.amount) : undefined;
    const onBytes = (bytes: Buffer): void => {
      passed.write += bytes.length;
      onFirst?.(bytes);
    };
    const onRead = (bytes: Buffer): number => (passed.read += bytes.length);
    pair.write = new FaultFlow({ from: client, to: agent, decisions: plan.write, onFault: onFault('write'), onBytes });
    pair.read = new FaultFlow({
      from: agent,
      to: client,
      decisions: plan.read,
      onFault: onFault('read'),
      onBytes: onRead,
    });
    this.#keep(pair);
    if (!this.#frozen) return;
    pair.write.hold();
    pair.read.hold();
  }

  #keep(pair: Pair): void {
    this.#pairs.add(pair);
    const onClose = (): void => {
      this.#pairs.delete(pair);
      pair.client.destroy();
      pair.agent?.destroy();
    };
    for (const socket of [pair.client, pair.agent]) {
      socket?.on('error', ignore).on('close', onClose);
      if (this.idleCutMs > 0) socket?.setTimeout(this.idleCutMs, () => socket.resetAndDestroy());
    }
  }

  /** A second connection that brings the same first bytes, as a network does that sends an attempt twice. */
  #duplicate(original: Socket, bytes: number): (chunk: Buffer) => void {
    const second = connect(this.#targetPort(), '127.0.0.1');
    second.on('error', ignore).resume();
    original.on('close', () => second.destroy());
    let left = bytes;
    return (chunk) => {
      const piece = chunk.subarray(0, left);
      left -= piece.length;
      if (piece.length > 0 && second.writable) second.write(piece);
    };
  }

  #note(fault: MetFault): void {
    const { counts, met } = this.record;
    counts.set(fault.kind, (counts.get(fault.kind) ?? 0) + 1);
    met.push(fault);
    this.#onFault();
  }
}

function reset({ client, agent }: Pair): void {
  client.resetAndDestroy();
  agent?.resetAndDestroy();
}

/** Brings what was passed on up to this byte, and then nothing. */
function close({ client, agent }: Pair): void {
  client.destroySoon();
  agent?.destroySoon();
}

function ignore(): void {
  // 'close' follows and ends the other half too.
}
