import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SessionNumbers } from './session-numbers.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hf-numbers-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('counts from 1 on, goes on after a restart, and above what is proposed', () => {
  const first = new SessionNumbers(folder);
  expect([first.take(), first.take(), first.take(2), first.take(10), first.take()]).toEqual([1, 2, 3, 10, 11]);
  expect(new SessionNumbers(folder).take()).toBe(12);
  expect(readdirSync(join(folder, 'session-numbers'))).toEqual(['12']);
});

test('gives no number twice when its folder is removed', () => {
  const numbers = new SessionNumbers(folder);
  numbers.take(5);
  rmSync(join(folder, 'session-numbers'), { recursive: true });
  expect(numbers.take()).toBe(6);
});

test('two hosts take turns', () => {
  const [one, two] = [new SessionNumbers(folder), new SessionNumbers(folder)];
  expect([one.take(), two.take(), two.take(), one.take(3), two.take()]).toEqual([1, 2, 3, 4, 5]);
});

test('processes that take numbers at once, and are killed right after, get different ones', async () => {
  const module = fileURLToPath(new URL('session-numbers.ts', import.meta.url));
  const script = join(folder, 'taker.mjs');
  writeFileSync(
    script,
    `import { writeSync } from 'node:fs';
    import { SessionNumbers } from ${JSON.stringify(module)};
    const numbers = new SessionNumbers(${JSON.stringify(folder)});
    for (let i = 0; i < 300; i += 1) writeSync(1, numbers.take(i % 7 === 0 ? i : undefined) + '\\n');
    process.kill(process.pid, 'SIGKILL');`,
  );
  const takers = [1, 2, 3, 4].map(() =>
    // It ends by a signal, which execFile calls an error.
    promisify(execFile)(process.execPath, [script]).catch((error: { stdout: string }) => error),
  );
  const outputs = (await Promise.all(takers)).map(({ stdout }) => stdout.trim().split('\n').map(Number));
  const all = outputs.flat();
  expect(all).toHaveLength(1200);
  expect(new Set(all).size).toBe(1200);
  for (const own of outputs) expect(own).toEqual(own.toSorted((a, b) => a - b));
});
