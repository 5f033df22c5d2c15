import { randomUUID } from 'node:crypto';
import type { EventOf } from '@holdfast/protocol';
import { expect, test } from 'vitest';
import { TestProgram } from '../testing/test-program.ts';

const SETTINGS = { askAfterMs: 100, askUnsureMs: 400 };

/** Runs a text apart from the terminal until it asks something. */
async function asked(testing: TestProgram, text: string): Promise<EventOf<'command.asked'>> {
  await testing.event('session.ready');
  const commandId = randomUUID();
  testing.program.run(commandId, text, { streams: {} });
  return testing.event('command.asked', (event) => event.commandId === commandId);
}

test('a program that asks for a password at the terminal is noticed, and can be answered', async () => {
  await using testing = new TestProgram({ settings: SETTINGS });
  const { text } = await asked(
    testing,
    String.raw`read -rsp $'\e[1mPassword for bob:\e[0m ' x </dev/tty 2>/dev/tty; echo "<$x>"`,
  );
  expect(text).toBe('Password for bob: ');
  expect(testing.program.command?.asks).toBe(text);
  testing.program.type(Buffer.from('secret\r'));
  const { at, status } = await testing.event('command.ended');
  expect(status).toBe(0);
  expect(testing.log(0, at)).toContain('<secret>\r\n');
});

test('a program that reads the terminal without a word is noticed too', async () => {
  await using testing = new TestProgram({ settings: SETTINGS });
  expect((await asked(testing, 'echo out; head -n 1 /dev/tty')).text).toBe('');
  testing.program.type(Buffer.from('line\r'));
  await testing.event('command.ended');
});

test('what reads behind other programs is noticed, and asks again', async () => {
  await using testing = new TestProgram({ settings: SETTINGS });
  const text = 'for i in 1 2; do sh -c "printf \'Sure %s? \' $i >/dev/tty; read -r a </dev/tty; echo \\$a" | cat; done';
  expect((await asked(testing, text)).text).toBe('Sure 1? ');
  testing.program.type(Buffer.from('yes\r'));
  await testing.event('command.asked', (event) => event.text.endsWith('Sure 2? '));
  testing.program.type(Buffer.from('no\r'));
  const { at } = await testing.event('command.ended');
  expect(testing.log(0, at)).toMatch(/yes\r\n[^]*no\r\n/u);
});

test('a progress line on the terminal asks nothing, however long it stands', async () => {
  await using testing = new TestProgram({ settings: { askAfterMs: 20, askUnsureMs: 60 } });
  await testing.event('session.ready');
  // Twenty looks and more.
  testing.program.run(randomUUID(), 'printf "50 %%\r" >/dev/tty; sleep 0.8; echo done', { streams: {} });
  await testing.event('command.ended');
  expect(testing.seen.some(({ type }) => type === 'command.asked')).toBe(false);
});
