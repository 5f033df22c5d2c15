import { expect, onTestFinished, test, vi } from 'vitest';
import { EchoKnowledge } from './echo-knowledge.ts';

/** What is known of a terminal whose streams have come to `at`. */
function setup(echo: boolean, ask?: () => Promise<never>) {
  const at = { received: 10, confirmed: 3 };
  let asked = 0;
  const knowledge = new EchoKnowledge({
    ask: () => {
      asked += 1;
      return ask?.() ?? Promise.resolve({ echo, at: at.received, inputReceived: at.confirmed });
    },
    received: () => at.received,
    confirmed: () => at.confirmed,
  });
  onTestFinished(() => knowledge.dispose());
  return { knowledge, at, asked: () => asked };
}

test('knows nothing before it was told, and counts no more when something was printed or taken since', async () => {
  const { knowledge, at } = setup(true);
  expect(knowledge.echoes).toBe(false);
  knowledge.noteActivity();
  await vi.waitFor(() => expect(knowledge.echoes).toBe(true));
  at.received += 1;
  expect(knowledge.echoes).toBe(false);
  at.received -= 1;
  at.confirmed += 1;
  expect(knowledge.echoes).toBe(false);
});

test('asks once for much activity, and not again while nothing has happened since', async () => {
  const { knowledge, asked } = setup(true);
  for (let chunk = 0; chunk < 100; chunk += 1) knowledge.noteActivity();
  await vi.waitFor(() => expect(asked()).toBe(1));
  knowledge.noteActivity();
  await vi.waitFor(() => expect(knowledge.echoes).toBe(true));
  expect(asked()).toBe(1);
});

test('shows nothing where the terminal hides it, or the host cannot say', async () => {
  for (const { knowledge, asked } of [
    setup(false),
    setup(true, () => Promise.reject(new Error('unknown operation'))),
  ]) {
    knowledge.noteActivity();
    await vi.waitFor(() => expect(asked()).toBe(1));
    expect(knowledge.echoes).toBe(false);
  }
});
