import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Console } from '../support/console.ts';
import { HOLDFAST } from '../support/machine.ts';
import { startRelayed, type Relayed } from '../support/relayed.ts';

let remote: Relayed;

beforeEach(async () => {
  remote = await startRelayed();
});

afterEach(async () => {
  await remote[Symbol.asyncDispose]();
});

/** Types over a link that is down, until the notice says something of it; the link is still down. */
async function typeWithoutLink(screen: Console, keys: string, notice: RegExp): Promise<string> {
  remote.link.refusing = true;
  remote.link.cut();
  await screen.see('link lost, reconnecting');
  screen.type(keys);
  return screen.see(notice);
}

async function restore(screen: Console): Promise<void> {
  remote.link.refusing = false;
  await screen.see('link is back');
}

test('keys that wait for the link are shown where the terminal shows what is typed, and delivered once', async () => {
  using screen = new Console([HOLDFAST, 'enter', 'srv1'], remote.client.env);
  await screen.see('[srv1] ~>');
  screen.type("printf 'be''gun\\n'; while read -r line; do printf '<%s>' \"$line\"; done\r");
  await screen.see('begun');
  // How the terminal is set is asked now and then; before it is known no text is shown.
  let shown = '';
  for (let round = 1; !shown.includes('ls'); round += 1) {
    expect(round).toBeLessThan(10);
    // Nobody is told when it is asked; it is soon after the last output.
    await delay(300 * round);
    // The line before may not be confirmed either.
    const notice = /not sent: (?:\d+ keys|(?:\d\^M)?ls \d\^I\^U)/;
    shown = await typeWithoutLink(screen, `ls ${round}\t\x15`, notice);
    await restore(screen);
    screen.type(`${round}\r`);
    await screen.see(`<${round}>`);
  }
}, 60_000);

test('what the terminal hides is never shown, only counted', async () => {
  using screen = new Console([HOLDFAST, 'enter', 'srv1'], remote.client.env);
  await screen.see('[srv1] ~>');
  screen.type("read -r line; read -rsp 'Pass''word: ' word; printf '<%s>' $word\r");
  screen.type('first line\r');
  await screen.see('Password: ');
  // The first line may not be confirmed yet.
  await typeWithoutLink(screen, 's3cret', /not sent: (?:6|17) keys/);
  await restore(screen);
  screen.type('\r');
  await screen.see('<s3cret>');
});
