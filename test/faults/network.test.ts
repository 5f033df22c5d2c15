import { expect, test } from 'vitest';
import { ClientProcess } from '../support/client-process.ts';
import { Machine } from '../support/machine.ts';
import { needProgram } from '../support/need-program.ts';
import { Network } from '../support/network.ts';
import { TestAgent } from '../support/test-agent.ts';

const SETTINGS = {
  pingIntervalMs: 200,
  suspectAfterMs: 500,
  deadAfterMs: 1_000,
  unansweredMs: 200,
  retryStepMs: 50,
  attemptTimeoutMs: 500,
  attemptsAtOnce: 6,
};

/** A client and an agent on two machines, as far as the network is concerned, and sixteen sessions between them. */
async function startApart(
  network: Network,
  settings: Partial<typeof SETTINGS> = {},
): Promise<{ busy: ClientProcess; lost: () => Promise<void> } & AsyncDisposable> {
  const [host, client] = [new Machine(), new Machine()];
  const place = { address: network.hostAddress, through: network.onHost };
  const agent = await TestAgent.start(host, [client.publicKey()], { place });
  client.knows({ srv1: { port: agent.port, address: network.hostAddress, hostKey: agent.hostKey } });
  const task = { host: 'srv1', sessions: 16, files: 'kept', settings: { ...SETTINGS, ...settings } };
  const busy = await ClientProcess.start({ client, host }, task, { through: network.onClient });
  return {
    busy,
    /** The client has noticed, since it was asked last. */
    async lost() {
      await expect.poll(() => busy.states.some((state) => state !== 'Connected')).toBe(true);
      busy.states.length = 0;
    },
    async [Symbol.asyncDispose]() {
      await busy[Symbol.asyncDispose]();
      await agent.kill();
      for (const machine of [client, host]) machine[Symbol.dispose]();
    },
  };
}

test('a cable pulled out, another address and a route that leads nowhere lose nothing of sixteen sessions', async () => {
  using network = new Network();
  await using apart = await startApart(network);
  const { busy, lost } = apart;
  const timed = async (what: string): Promise<void> => {
    const from = performance.now();
    await busy.works();
    console.log(`${what}: works after ${Math.round(performance.now() - from)} ms`);
  };
  network.cable = 'down';
  busy.type();
  await lost();
  network.cable = 'up';
  await timed('cable out and in');

  network.roam();
  await timed('another address');
  await lost();

  network.route = 'blackhole';
  busy.type();
  await lost();
  network.route = 'direct';
  await timed('route to nowhere and back');
  console.log(JSON.stringify(busy.figures));
});

test('a network that loses packets loses nothing of sixteen sessions, nor a link while every tenth packet is lost', async () => {
  needProgram('nft');
  using network = new Network();
  await using apart = await startApart(network, { unansweredMs: 5_000, suspectAfterMs: 5_000, deadAfterMs: 10_000 });
  const { busy } = apart;
  network.loss = 10;
  while (network.lostPackets < 40) await busy.works();
  expect(busy.states).toEqual([]);
  console.log(JSON.stringify({ ...busy.figures, lostPackets: network.lostPackets }));
});

test('on a network that loses most packets, links die and come again, and nothing is lost of sixteen sessions', async () => {
  needProgram('nft');
  using network = new Network();
  await using apart = await startApart(network);
  const { busy, lost } = apart;
  network.loss = 60;
  busy.type();
  await lost();
  network.loss = 20;
  await busy.works();
  network.loss = 0;
  await busy.works();
  console.log(JSON.stringify(busy.figures));
});
