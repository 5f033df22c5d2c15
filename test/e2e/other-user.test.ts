import { spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { expect, test } from 'vitest';
import { HOLDFAST } from '../support/machine.ts';
import { startRemote } from '../support/remote.ts';

test('-Credential and user@host name another user than the entry of config.toml does', async () => {
  await using remote = await startRemote();
  const { client, agent } = remote;
  const { username } = userInfo();
  client.knows({ srv1: { port: agent.port, hostKey: agent.hostKey, fields: { user: 'nobody-here' } } });
  const run = (line: string): { stdout: string; stderr: string } =>
    spawnSync(HOLDFAST, ['-c', line], { env: client.env, encoding: 'utf8' });

  const made = run(
    `New-PSSession srv1 -Credential ${username} -Name mine; Get-PSSession -ComputerName ${username}@srv1; New-PSSession srv1`,
  );
  expect(made.stdout.match(/mine +srv1 +Opened/g)).toHaveLength(2);
  expect(made.stderr).toContain('The host lets in no key of ours as nobody-here');
  expect(run(`New-PSSession ann@srv1 -Credential ${username}`).stderr).toContain(
    `ann@srv1 names the user ann and -Credential names ${username}: give one of them`,
  );
});
