import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { LocalMachine } from '../cli/testing/local-machine.ts';
import { TestClient } from './testing/test-client.ts';

const machine = new LocalMachine();
// The host's bash says what it was given instead of running it (bash(1), BASH_ENV and BASH_EXECUTION_STRING).
const recorder = join(machine.home, 'recorder');
writeFileSync(recorder, 'printf %s "$BASH_EXECUTION_STRING" | base64 -w0; exit\n');
machine.environment['BASH_ENV'] = recorder;

const client = new TestClient(machine.environment);

afterAll(async () => {
  await client.remoting.goodbyeAll();
  await machine[Symbol.asyncDispose]();
});

/** Lines of a file up to the first `%%`, and the texts of several lines between the later ones. */
const [lines = '', ...texts] = readFileSync(new URL('../language/block-end.shell.txt', import.meta.url), 'utf8').split(
  /^%%\n/mu,
);
const blocks = [...lines.split('\n').filter((line) => line !== ''), ...texts].map((text) => ` ${text}\n`);

test('more than 200 texts of the shell in { } arrive at the host byte for byte', async () => {
  expect(blocks.length).toBeGreaterThanOrEqual(200);
  for (const block of blocks) {
    const { output, errors } = await client.run(`Invoke-Command -ComputerName localhost {${block}}`);
    expect({ block, errors }).toEqual({ block, errors: [] });
    expect(Buffer.from(output.join(''), 'base64').toString()).toBe(block);
  }
});
