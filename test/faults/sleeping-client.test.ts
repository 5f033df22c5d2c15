import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Console } from '../support/console.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { HOLDFAST, processesWith } from '../support/machine.ts';
import { startRelayed, type Relayed } from '../support/relayed.ts';

const DEAD_MS = 1000;
const WAKE_MS = 2000;
const ASLEEP_S = 6 * 3600;

let remote: Relayed;

beforeEach(async () => {
  const limits = { suspectAfterMs: DEAD_MS / 2, deadAfterMs: DEAD_MS };
  // Others see the session Disconnected long before the client wakes.
  const env = { HOLDFAST_GATEWAY_SETTINGS: JSON.stringify(limits), HOLDFAST_HOST_SETTINGS: '{"graceMs":200}' };
  remote = await startRelayed({ env });
});

afterEach(async () => {
  await remote[Symbol.asyncDispose]();
});

/** The process of the prompt. */
function promptPid(): number {
  const found = processesWith(`HOME=${remote.client.home}`).filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('shell/dist/main.js\0enter'),
  );
  return found[0] ?? 0;
}

/** How the link goes while the laptop sleeps, and whether anybody tells it of that. */
const LOSSES: Record<string, () => void> = {
  'was reset': () => remote.link.cut(),
  'was forgotten by a router': () => remote.link.forget(),
};

test.each(Object.entries(LOSSES))(
  'the first key after a sleep in which the link %s is answered in time',
  async (_, lose) => {
    using clock = new FakeClock('all');
    using screen = new Console([HOLDFAST, 'enter', 'srv1'], { ...remote.client.env, ...clock.env });
    await screen.see('[srv1] ~>');
    screen.type("stty raw -echo; printf 'be''gun'; while read -rN1 key; do printf '<%s>' $key; done\r");
    await screen.see('begun');
    const typedAt = performance.now();
    screen.type('a');
    await screen.see('<a>');
    const echoMs = performance.now() - typedAt;
    const pid = promptPid();
    process.kill(pid, 'SIGSTOP');
    lose();
    clock.set(ASLEEP_S);
    // The gateway gives it up.
    await expect.poll(() => remote.agent.log, { timeout: 20_000 }).toContain('client.disconnected');
    const asleepAt = performance.now();
    await expect.poll(() => performance.now() - asleepAt, { timeout: 20_000 }).toBeGreaterThan(DEAD_MS);
    process.kill(pid, 'SIGCONT');
    const wokenAt = performance.now();
    screen.type('b');
    await screen.see('<b>');
    const tookMs = Math.round(performance.now() - wokenAt);
    console.log(`first key after a sleep, link that ${_}: ${tookMs} ms`);
    // On a machine that is busy with other things, every key comes late.
    expect(tookMs).toBeLessThan(Math.max(WAKE_MS, 50 * echoMs));
    screen.type('c');
    await screen.see('<c>');
  },
);
