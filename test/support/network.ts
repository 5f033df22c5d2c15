import { execFileSync } from 'node:child_process';
import { TestRunner, type RunnerTestCase } from 'vitest';
import { needProgram } from './need-program.ts';

/** Of TEST-NET-1 (RFC 5737): no real machine has them. */
const HOST = '192.0.2.1';
const CLIENT = '192.0.2.2';

/**
 * Two network namespaces with a cable between them, the host's and the client's; nothing leads out. Only root can make
 * them: else the test is skipped.
 */
export class Network implements Disposable {
  readonly hostAddress = HOST;
  readonly #id = `hf${process.pid}`;
  #clientAddress = CLIENT;

  constructor() {
    needProgram('ip');
    if (process.getuid?.() !== 0) {
      const test = TestRunner.getCurrentTest<RunnerTestCase | undefined>();
      test?.context.skip('making network namespaces needs root');
    }
    const [host, client] = [`${this.#id}h`, `${this.#id}c`];
    for (const name of [host, client]) ip('netns', 'add', name);
    ip('link', 'add', 'cable', 'netns', host, 'type', 'veth', 'peer', 'name', 'cable', 'netns', client);
    for (const [name, address] of [
      [host, HOST],
      [client, CLIENT],
    ] as const) {
      ip('-n', name, 'link', 'set', 'lo', 'up');
      ip('-n', name, 'link', 'set', 'cable', 'up');
      ip('-n', name, 'address', 'add', `${address}/24`, 'dev', 'cable');
    }
  }

  /** What starts a command in the host's namespace, and in the client's. */
  get onHost(): string[] {
    return ['ip', 'netns', 'exec', `${this.#id}h`];
  }

  get onClient(): string[] {
    return ['ip', 'netns', 'exec', `${this.#id}c`];
  }

  /** Pulls the client's cable out, or puts it in. */
  set cable(state: 'up' | 'down') {
    this.#client('link', 'set', 'cable', state);
  }

  /** The client has another address than before: what comes to the old one is nobody's. */
  roam(): void {
    const [before, next] = [
      this.#clientAddress,
      this.#clientAddress.replace(/\d+$/, (last) => String(Number(last) + 1)),
    ];
    // The first address of a network takes the others with it when it goes.
    this.#client('address', 'del', `${before}/24`, 'dev', 'cable');
    this.#client('address', 'add', `${next}/24`, 'dev', 'cable');
    this.#clientAddress = next;
  }

  /** What the client sends to the host vanishes without a word, or arrives. */
  set route(state: 'blackhole' | 'direct') {
    this.#client('route', state === 'blackhole' ? 'add' : 'del', 'blackhole', `${HOST}/32`);
  }

  /** So much of a hundred packets is lost in each direction, by chance; 0 for none. Needs nft. */
  set loss(percent: number) {
    for (const end of [this.onHost, this.onClient]) {
      const rule = `add rule inet weather in numgen random mod 100 < ${percent} counter drop`;
      const lines = [
        'add table inet weather',
        'flush table inet weather',
        'add chain inet weather in { type filter hook input priority 0; }',
        ...(percent === 0 ? [] : [rule]),
      ];
      nft(end, ['-f', '-'], lines.join('\n'));
    }
  }

  /** Packets that were lost since `loss` was set, in both directions. */
  get lostPackets(): number {
    const listed = [this.onHost, this.onClient].map((end) => nft(end, ['list', 'table', 'inet', 'weather']));
    return listed.reduce((sum, text) => sum + Number(/counter packets (\d+)/.exec(text)?.[1] ?? 0), 0);
  }

  [Symbol.dispose](): void {
    for (const end of ['h', 'c']) ip('netns', 'del', `${this.#id}${end}`);
  }

  #client(...args: string[]): void {
    ip('-n', `${this.#id}c`, ...args);
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function nft([file, ...through]: string[], args: string[], input = ''): string {
  return execFileSync(file ?? '', [...through, 'nft', ...args], {
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}
