import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@holdfast/shell/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectFrom } from '../support/client.ts';
import { Console } from '../support/console.ts';
import { HOLDFAST } from '../support/machine.ts';
import { startRelayed, type Relayed } from '../support/relayed.ts';

let remote: Relayed;
let other: Connection;

beforeEach(async () => {
  remote = await startRelayed();
  other = await connectFrom(remote.client, 'direct');
});

afterEach(async () => {
  other.close();
  await remote[Symbol.asyncDispose]();
});

/** The prompt of a session, above that of this machine. */
async function enter(): Promise<Console> {
  const screen = new Console([HOLDFAST], remote.client.env);
  await screen.see('local session ready');
  screen.type('New-PSSession -ComputerName srv1 -Name A\r');
  await screen.see(/A +srv1 +Opened/);
  screen.type('Enter-PSSession -Name A\r');
  await screen.see('[srv1] ~>');
  return screen;
}

async function loseLink(screen: Console): Promise<void> {
  remote.link.refusing = true;
  remote.link.cut();
  await screen.see('link lost, reconnecting');
}

async function takeA(): Promise<void> {
  const found = (await other.listSessions()).find(({ name }) => name === 'A');
  await other.connectSession(found?.instanceId ?? '', { force: true });
}

async function killHost(): Promise<void> {
  for (const { pid } of (await other.status()).hosts) process.kill(pid, 'SIGKILL');
}

/** The prompt of this machine is back and runs what is typed there, and nothing that was typed before. */
async function expectNothingRan(screen: Console): Promise<void> {
  await screen.see('/>');
  screen.type("echo he''re\r");
  await screen.see('here');
  const left = [...readdirSync(remote.client.home), ...readdirSync(remote.host.home)];
  expect(left.filter((name) => name.startsWith('leak'))).toEqual([]);
}

/** What is said of it once a session is lost. */
const LOST = 'Not confirmed by srv1, and sent to nobody else';

test('lines that were entered while the link was down are shown as pending, and named when the session is lost', async () => {
  using screen = await enter();
  await loseLink(screen);
  screen.type('touch ~/leak1\r');
  await screen.see(/not sent: touch ~\/leak1\^M/);
  screen.type('touch ~/leak2\r');
  await screen.see(/not sent: touch ~\/leak1\^M(?:touch| 14 keys)/);
  await killHost();
  remote.link.refusing = false;
  await screen.see('A on srv1: ');
  await screen.see(new RegExp(`${LOST}:\\s+touch ~/leak1\\s+(?:touch ~/leak2|14 keys)\r\n`));
  await expectNothingRan(screen);
});

test('lines of a paste behind the one that ran are named when another client takes the session', async () => {
  using screen = await enter();
  const lines = Array.from({ length: 12 }, (_, line) => `touch ~/leak${line}`);
  screen.type(`\x1b[200~printf 'be''gun'; cat\n${lines.join('\n')}\x1b[201~\r`);
  await screen.see('begun');
  await takeA();
  await screen.see('A on srv1: ');
  await screen.see(
    new RegExp(`Not run, there or here:\\s+${lines.slice(0, 10).join('\\s+')}\\s+.{1,3} and 2 more lines`),
  );
  await expectNothingRan(screen);
});

test('lines that were typed while a program runs are named where its terminal shows them', async () => {
  using screen = await enter();
  screen.type("printf 'be''gun'; while read -r line; do printf '<%s>' \"$line\"; done\r");
  await screen.see('begun');
  // How the terminal is set is asked now and then; before it is known no text is shown.
  let shown = '';
  for (let round = 1; !shown.includes('touch'); round += 1) {
    expect(round).toBeLessThan(10);
    if (round > 1) {
      remote.link.refusing = false;
      await screen.see('link is back');
      await screen.see('<touch ~/leak2>');
    }
    // Nobody is told when it is asked; it is soon after the last output.
    await delay(300 * round);
    await loseLink(screen);
    screen.type('touch ~/leak1\rtouch ~/leak2\r');
    shown = await screen.see(/not sent: (?:28 keys|touch ~\/leak1\^Mtouch)/);
  }
  await killHost();
  remote.link.refusing = false;
  await screen.see(new RegExp(`${LOST}:\\s+touch ~/leak1\\s+touch ~/leak2\r\n`));
  await expectNothingRan(screen);
}, 60_000);

test('a line that was entered and is delivered when the link is back runs once, and is not named', async () => {
  using screen = await enter();
  await loseLink(screen);
  screen.type("echo 1 >>f; echo ra''n\r");
  await screen.see("not sent: echo 1 >>f; echo ra''n^M");
  remote.link.refusing = false;
  await screen.see('ran');
  await screen.see('[srv1] ~>');
  await takeA();
  expect(await screen.see(/A on srv1: [^]*\/> /)).not.toMatch(/Not (?:confirmed|run)|not sent/);
  expect(readFileSync(join(remote.host.home, 'f'), 'utf8')).toBe('1\n');
});

test('what was pending for a session that was left is named when it is lost', async () => {
  using screen = await enter();
  await loseLink(screen);
  screen.type('touch ~/leak\r');
  await screen.see('not sent: touch ~/leak^M');
  screen.type('\x1dl');
  await screen.see('/>');
  await killHost();
  remote.link.refusing = false;
  await screen.see(/A on srv1: .*\r\nNot confirmed, and sent to nobody else: touch ~\/leak\r\n/);
  await expectNothingRan(screen);
});
