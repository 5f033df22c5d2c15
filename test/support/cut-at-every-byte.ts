import { expect } from 'vitest';
import { Conversation, cutEverywhere, type Place } from './conversation.ts';
import { FaultLink, type Passed } from './fault-link.ts';
import { startRemote } from './remote.ts';

const AT_ONCE = 6;

/**
 * Holds a short conversation again and again, each time cut behind another byte of one of its directions.
 * @param most so many places, spread evenly, which the seed moves; all without it
 */
export async function cutAtEveryByte(most = Infinity): Promise<void> {
  const startedAt = performance.now();
  await using remote = await startRemote();
  await using stack = new AsyncDisposableStack();
  const names = Array.from({ length: AT_ONCE }, (_, index) => `srv${index}`);
  const links = await Promise.all(names.map(() => FaultLink.start(() => remote.agent.port)));
  for (const link of links) stack.use(link);
  const { hostKey } = remote.agent;
  remote.client.knows(Object.fromEntries(links.map(({ port }, index) => [`srv${index}`, { port, hostKey }])));
  const conversations = links.map((link, index) => new Conversation(remote, link, `srv${index}`));
  const passed = (await conversations[0]?.measure()) ?? [];
  const all = [...everyPlace(passed)];
  const step = Math.max(1, all.length / most);
  const first = (links[0]?.seed ?? 0) % step;
  const places = Array.from({ length: Math.floor(all.length / step) }, (_, at) => all[Math.floor(first + at * step)]);
  const figures = await cutEverywhere(conversations, places.filter((place) => place !== undefined).values());
  expect(figures.whole + figures.refused).toBe(places.length);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(JSON.stringify({ ...figures, places: all.length, seconds, seed: links[0]?.seed }));
}

function* everyPlace(passed: readonly Passed[]): Generator<Place> {
  for (const [connection, bytes] of passed.entries()) {
    for (const flow of ['write', 'read'] as const) {
      for (let afterBytes = 1; afterBytes <= bytes[flow]; afterBytes += 1) {
        yield { connection: connection === 0 ? 0 : 1, flow, afterBytes };
      }
    }
  }
}
