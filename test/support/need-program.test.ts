import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './machine.ts';

test.each([
  ['passes over', {}, 0],
  ['does not pass in CI over', { CI: 'true' }, 1],
])('npm test %s a test whose program is not there, and names the package', (_, environment, status) => {
  const programs = mkdtempSync(join(tmpdir(), 'hf-programs-'));
  symlinkSync('/usr/bin/ssh-keygen', join(programs, 'ssh-keygen'));
  const env = { HOME: programs, PATH: programs, ...environment };
  const file = 'packages/agent/src/terminal/pty.test.ts';
  const run = spawnSync(process.execPath, ['tools/test.mjs', file, '-t', 'leaves vim running'], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  });
  rmSync(programs, { recursive: true });
  expect(run.stdout).toContain('1 skipped: vim is not on this machine: apt-get install vim\n');
  expect(run.stdout).toMatch(/\n0 passed, 0 failed, \d+ skipped\n$/);
  expect(run.status).toBe(status);
});
