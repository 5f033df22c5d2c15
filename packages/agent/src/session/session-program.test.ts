import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionEvent } from '@holdfast/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testEnvironment } from '../testing/host-client.ts';
import { parseHostSettings } from './host-settings.ts';
import { DEFAULT_CONFIGURATION } from './session-configuration.ts';
import { SessionProgram } from './session-program.ts';

let folder = '';
let program: SessionProgram | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hf-program-'));
});

afterEach(async () => {
  await program?.stop();
  program?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** A program in a shell of its own, and a way to wait for its events. */
function start(onFailed: (error: unknown) => void = (error) => expect.fail(String(error))): {
  program: SessionProgram;
  event: (isWanted: (event: SessionEvent) => boolean) => Promise<SessionEvent>;
} {
  const seen: SessionEvent[] = [];
  let onEvent: () => void = () => undefined;
  const started: SessionProgram = new SessionProgram(
    {
      configuration: DEFAULT_CONFIGURATION,
      env: testEnvironment(),
      cwd: '/',
      columns: 80,
      rows: 24,
      mode: 'Block',
      folders: { drivers: folder, output: folder },
      settings: parseHostSettings(undefined),
    },
    {
      onNews: () => {
        seen.push(...started.events.tell(seen.length));
        onEvent();
      },
      backlogBytes: () => undefined,
      onInputWritten: () => undefined,
      onExited: () => undefined,
      onFailed,
    },
  );
  program = started;
  const event = async (isWanted: (event: SessionEvent) => boolean): Promise<SessionEvent> => {
    for (;;) {
      const found = seen.find(isWanted);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        onEvent = resolve;
      });
    }
  };
  return { program: started, event };
}

test('a command of many lines and odd characters runs as it stands', async () => {
  const { program: shell, event } = start();
  await event(({ type }) => type === 'session.ready');
  const commandId = randomUUID();
  shell.run(commandId, 'cat <<END\nü \\ $HOME "\n!!\nEND\nfalse');
  const ended = await event(({ type }) => type === 'command.ended');
  expect(ended).toMatchObject({ commandId, status: 1 });
  const output = Buffer.from(shell.output.readFrom(0, ended.at) ?? []).toString();
  expect(output.split('\x1b]133;C\x07')[1]).toBe('ü \\ /nonexistent "\r\n!!\r\n');
  expect(shell.command).toBeUndefined();
  expect(shell.isIdle).toBe(true);
});

test('is busy while a command runs, and not idle while jobs do', async () => {
  const { program: shell, event } = start();
  await event(({ type }) => type === 'session.ready');
  shell.run(randomUUID(), 'sleep 60 & read line');
  expect(shell.command?.text).toBe('sleep 60 & read line');
  expect([shell.isReady, shell.isIdle]).toEqual([false, false]);
  shell.type(Buffer.from('\r'));
  await event(({ type }) => type === 'command.ready');
  expect([shell.isReady, shell.isIdle]).toEqual([true, false]);
});

test('completes with the shell’s own means', async () => {
  const { program: shell, event } = start();
  await event(({ type }) => type === 'session.ready');
  const candidates = await shell.complete('ls /etc/host', 12);
  expect(candidates.some((candidate) => candidate.startsWith('/etc/hostname'))).toBe(true);
});

test('an error of ours ends it alone, and is told', async () => {
  const errors: unknown[] = [];
  const { program: shell, event } = start((error) => errors.push(error));
  await event(({ type }) => type === 'session.ready');
  shell.fail(new Error('ours'));
  shell.fail(new Error('again'));
  expect(await event(({ type }) => type === 'session.exited')).toMatchObject({ status: 137, signal: 9 });
  expect(errors).toEqual([new Error('ours')]);
  expect(() => shell.run(randomUUID(), 'true')).toThrow("The session's program has ended");
});
