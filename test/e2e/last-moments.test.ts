import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runAgent } from '../../packages/agent/src/gateway/testing/agent-process.ts';
import { UsersAgent } from '../../packages/agent/src/monitor/testing/users-agent.ts';
import { whyNoUsers, type UnixUser } from '../../packages/agent/src/monitor/testing/unix-user.ts';
import { HOLDFAST, Machine } from '../support/machine.ts';

const reason = whyNoUsers();

describe.skipIf(reason !== undefined)(
  `what a user does last${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let agent: UsersAgent;
    let ann: UnixUser;
    let desk: Machine;

    beforeEach(async () => {
      agent = new UsersAgent();
      desk = new Machine({ key: false });
      ann = agent.makeUser();
      await agent.start('[gateway]\nuser = "nobody"\nhostAnswerMs = 20000\n');
      for (const suffix of ['', '.pub']) {
        const from = join(agent.home.folder, `key-${ann.name}${suffix}`);
        copyFileSync(from, join(desk.home, '.ssh', `id_ed25519${suffix}`));
      }
      const hostKey = execFileSync('ssh-keygen', ['-y', '-f', join(agent.home.stateDir, 'host_key')], {
        encoding: 'utf8',
      });
      desk.knows({ srv1: { port: agent.process.port, hostKey: hostKey.trim() } });
    });

    afterEach(async () => {
      desk[Symbol.dispose]();
      await agent[Symbol.asyncDispose]();
    });

    /** The record as it is on the disk, without any connection: this user's rows of commands. */
    async function recorded(): Promise<string[]> {
      const { stdout } = await runAgent(agent.home, ['events', '--json', '--state-dir', agent.home.stateDir]);
      const rows = stdout.split('\n').filter((line) => line.includes('"exec.'));
      return rows.map((row) => {
        const { type, user, text, status }: Record<string, unknown> = JSON.parse(row);
        return `${String(user)} ${String(type)} ${String(text ?? status)}`;
      });
    }

    test('a command of some milliseconds, over their only connection, is in the record when that has gone', async () => {
      const options = { env: desk.env, encoding: 'utf8' } as const;
      const { status, stderr } = spawnSync(HOLDFAST, ['run', `${ann.name}@srv1`, '--', 'true'], options);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const expected = [`${ann.name} exec.started true`, `${ann.name} exec.ended 0`];
      await expect.poll(recorded, { timeout: 10_000 }).toEqual(expected);
    });
  },
);
