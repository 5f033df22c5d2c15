import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SpawnedShell } from './spawned-shell.ts';

test('a command that heeds no SIGTERM is killed after its time when it is stopped', async () => {
  const shell = new SpawnedShell(() => '/', 20);
  const stop = new AbortController();
  const said = Promise.withResolvers<string>();
  const ended = shell.run('trap "" TERM; echo $$; exec sleep 60', {
    stdin: undefined,
    alone: false,
    signal: stop.signal,
    onStdout: (bytes) => said.resolve(String(bytes).trim()),
    onStderr: (bytes) => said.reject(new Error(String(bytes))),
  });
  const pid = await said.promise;
  stop.abort();
  expect(await ended).toBe(143);
  await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
});
