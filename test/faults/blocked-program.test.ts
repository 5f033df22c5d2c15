import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Console } from '../support/console.ts';
import { HOLDFAST, processesWith } from '../support/machine.ts';
import { seededRandom } from '../support/random.ts';
import { startRemote, type Remote } from '../support/remote.ts';

const PASTE_BYTES = 10_000_000;
const QUEUE_BYTES = 64 * 1024;

/** Letters: keys would act. */
function paste(bytes: number): Buffer {
  const random = seededRandom(20261121);
  return Buffer.from(Uint8Array.from({ length: bytes }, () => 0x61 + Math.floor(random() * 26)));
}

async function enter(remote: Remote, settings: object): Promise<Console> {
  const console = new Console([HOLDFAST, 'enter', 'srv1'], {
    ...remote.client.env,
    HOLDFAST_CLIENT_SETTINGS: JSON.stringify(settings),
  });
  await console.see('[srv1] ~>');
  return console;
}

/** Starts a program that reads nothing on a terminal that keeps no line. */
async function block(console: Console): Promise<void> {
  console.type("stty -icanon -echo; echo be''gun; sleep 1000; stty sane\r");
  await console.see('begun');
}

/** Forgets the keys that came back from the terminal of the program, and runs a command. */
async function worksAgain(console: Console): Promise<void> {
  await console.see('[srv1] ~>');
  console.type("\x15echo still''here\r");
  await console.see('stillhere');
  await console.see('[srv1] ~>');
}

/** Waits until nothing more is read. */
async function standstill(console: Console): Promise<number> {
  for (let before = -1; before !== console.waitingBytes; await delay(500)) before = console.waitingBytes;
  return console.waitingBytes;
}

test('a paste of 10 MB waits in the terminal for a program that reads late, and arrives whole', async () => {
  await using remote = await startRemote();
  using console = await enter(remote, { inputQueueBytes: QUEUE_BYTES, inputStallMs: 600_000 });
  const go = join(remote.host.home, 'go');
  console.type(
    `stty raw -echo; echo be''gun; until [ -e ${go} ]; do sleep 0.1; done; head -c ${PASTE_BYTES} | sha256sum; stty sane\r`,
  );
  await console.see('begun');
  const bytes = paste(PASTE_BYTES);
  console.type(bytes);
  // The queue, what the terminal's owner holds, and one read beside each.
  expect(PASTE_BYTES - (await standstill(console))).toBeLessThan(4 * QUEUE_BYTES);
  writeFileSync(go, '');
  const sum = await console.see(/[0-9a-f]{64}/);
  expect(sum).toBe(createHash('sha256').update(bytes).digest('hex'));
}, 60_000);

test('Ctrl-C works at once behind a paste of 10 MB into a program that does not read', async () => {
  await using remote = await startRemote();
  using console = await enter(remote, {});
  await block(console);
  console.type(paste(PASTE_BYTES));
  console.type('\x03');
  await worksAgain(console);
});

test('Ctrl-C and the menu work when no more is kept for a program that does not read; what is refused is said', async () => {
  await using remote = await startRemote();
  using console = await enter(remote, { inputQueueBytes: QUEUE_BYTES, inputStallMs: 300 });
  for (const end of ['\x03', '\x1ds']) {
    await block(console);
    console.type(paste(8 * QUEUE_BYTES));
    await console.see('srv1 takes no input');
    await console.see('\x07');
    await expect.poll(() => console.waitingBytes).toBe(0);
    console.type(end);
    await worksAgain(console);
  }
});

test('a terminal that goes away while it is not read ends the prompt', async () => {
  await using remote = await startRemote();
  const prompts = (): number[] =>
    processesWith(`HOME=${remote.client.home}`).filter((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('shell/dist/main.js\0enter'),
    );
  {
    using console = await enter(remote, { inputQueueBytes: QUEUE_BYTES, inputStallMs: 600_000 });
    await block(console);
    console.type(paste(8 * QUEUE_BYTES));
    expect(await standstill(console)).toBeGreaterThan(0);
    expect(prompts()).toHaveLength(1);
  }
  await expect.poll(prompts, { timeout: 20_000 }).toEqual([]);
});
