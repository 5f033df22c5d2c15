import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Console } from '../support/console.ts';
import { HOLDFAST, Machine } from '../support/machine.ts';
import { seededRandom } from '../support/random.ts';
import { testSeed } from '../support/seed.ts';

/** Pieces of both languages, of what keys send, and bytes that are nothing; none of them can do harm. */
const PIECES = [
  ...'$x|$(|)|@(|@{|{|}|(|[int]|..|&&|;|,|=|+|-eq|-like|\'|"|`|\\|#|<#|2>&1|if|foreach|while|function'.split('|'),
  ...'Get-PSSession Where-Object % 1 10MB true : ä 😀 |'.split(' '),
  ...' ,\t,\u007f,\u0001,\u0005,\u000b,\u0017,\u0019,\u001b[A,\u001b[B,\u001b[C,\u001b[D,\u001b'.split(','),
  ...'\u001b[200~,\u001b[201~,\u0012,\u0010,\r,\r, , '.split(','),
];

test('random keys break neither the prompt nor the terminal', { timeout: 60_000 }, async () => {
  const seed = testSeed();
  const random = seededRandom(seed);
  using machine = new Machine();
  using terminal = new Console([HOLDFAST], machine.env);
  await terminal.see('local session ready');
  for (let round = 0; round < 20; round++) {
    const typed = Array.from({ length: 40 }, () => PIECES[Math.floor(random() * PIECES.length)] ?? '').join('');
    terminal.type(typed);
    // A Ctrl-C that a command took leaves what was typed behind it to the next prompt: so once more, until a line works.
    const works = terminal.see(`round-${round + 1}-of-${seed}`).then(() => true);
    let isBack = false;
    for (let attempt = 0; attempt < 10 && !isBack; attempt++) {
      terminal.type(`\u001b[201~\u0003\u0001\u000becho round-$((${round} + 1))-of-${seed}\r`);
      isBack = await Promise.race([works, delay(1000, false)]);
    }
    expect(isBack, `seed ${seed}, after ${JSON.stringify(typed)}`).toBe(true);
  }
});
