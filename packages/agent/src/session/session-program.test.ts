import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { TestProgram } from '../testing/test-program.ts';

test('a command of many lines and odd characters runs as it stands', async () => {
  await using testing = new TestProgram();
  const { program: shell } = testing;
  await testing.event('session.ready');
  const commandId = randomUUID();
  shell.run(commandId, 'cat <<END\nü \\ $HOME "\n!!\nEND\nfalse');
  const ended = await testing.event('command.ended');
  expect(ended).toMatchObject({ commandId, status: 1 });
  const output = Buffer.from(shell.output.readFrom(0, ended.at) ?? []).toString();
  expect(output.split('\x1b]133;C\x07')[1]).toBe('ü \\ /nonexistent "\r\n!!\r\n');
  expect(shell.command).toBeUndefined();
  expect(shell.isIdle).toBe(true);
});

test('is busy while a command runs, and not idle while jobs do', async () => {
  await using testing = new TestProgram();
  const { program: shell } = testing;
  await testing.event('session.ready');
  shell.run(randomUUID(), 'sleep 60 & read line');
  expect(shell.command?.text).toBe('sleep 60 & read line');
  expect([shell.isReady, shell.isIdle]).toEqual([false, false]);
  shell.type(Buffer.from('\r'));
  await testing.event('command.ready');
  expect([shell.isReady, shell.isIdle]).toEqual([true, false]);
});

test('completes with the shell’s own means', async () => {
  await using testing = new TestProgram();
  const { program: shell } = testing;
  await testing.event('session.ready');
  const candidates = await shell.complete('ls /etc/host', 12);
  expect(candidates.some((candidate) => candidate.startsWith('/etc/hostname'))).toBe(true);
});

test('an error of ours ends it alone, and is told', async () => {
  await using testing = new TestProgram();
  const { program: shell } = testing;
  await testing.event('session.ready');
  shell.fail(new Error('ours'));
  shell.fail(new Error('again'));
  expect(await testing.event('session.exited')).toMatchObject({ status: 137, signal: 9 });
  expect(testing.errors).toEqual([new Error('ours')]);
  expect(() => shell.run(randomUUID(), 'true')).toThrow("The session's program has ended");
});
