import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestClient } from '../gateway/testing/test-client.ts';
import { run, whyNoUsers, type UnixUser } from './testing/unix-user.ts';
import { UsersAgent } from './testing/users-agent.ts';

const reason = whyNoUsers();

describe.skipIf(reason !== undefined)(
  `what happens to one user${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let agent: UsersAgent;
    let ann: UnixUser;
    let bob: UnixUser;
    let bobs: TestClient;

    beforeAll(async () => {
      agent = new UsersAgent();
      ann = agent.makeUser();
      bob = agent.makeUser();
      // No time limit is what is tested here, and the machine may be busy.
      await agent.start('[gateway]\nuser = "nobody"\nhandshakeTimeoutMs = 60000\nhostAnswerMs = 20000\n');
      bobs = await agent.connect(bob);
      await agent.open(bobs, 1);
    }, 120_000);

    afterAll(async () => {
      for (const { pid } of sleepersOf(ann)) process.kill(pid, 'SIGKILL');
      await agent[Symbol.asyncDispose]();
    });

    /** Another user's session, over the connection that was there from the beginning. */
    async function expectBobUntouched(): Promise<void> {
      expect(await agent.output(bobs, 1, 'seq 1 500 | cksum')).toBe(`${run('sh', '-c', 'seq 1 500 | cksum')}\n`);
    }

    async function hostOf(client: TestClient): Promise<number> {
      const { hosts } = await client.link.request('agent.status', {});
      return hosts[0]?.pid ?? 0;
    }

    test('who may have no more processes is refused a session with the reason, and keeps the old ones', async () => {
      const client = await agent.connect(ann);
      await agent.open(client, 1);
      // By the user's own hand: the parent of a session's shell is its host.
      await agent.output(client, 1, 'prlimit --pid $PPID --nproc=1:');
      const words = 'no more processes can be made (end some, or raise the limit: ulimit -u)';
      await expect(agent.open(client, 2)).rejects.toMatchObject({
        id: 'OutOfResources',
        message: `No session can be opened: ${words}`,
      });
      expect(await agent.output(client, 1, 'echo $((6 * 7))')).toBe('42\n');
      await expectBobUntouched();
      await agent.output(client, 1, `prlimit --pid $PPID --nproc=$(ulimit -Hu):`);
      await agent.open(client, 3);
      client.close();
    });

    test('whose session host is killed loses its sessions alone; what asked to outlive its terminal does', async () => {
      const client = await agent.connect(ann);
      await agent.open(client, 1);
      const started = 'sleep 1001 & nohup sleep 1002 >/dev/null 2>&1 & setsid sleep 1003 </dev/null >/dev/null 2>&1 &';
      await agent.output(client, 1, started);
      const sleeping = (): string[] => sleepersOf(ann).map(({ time }) => time);
      await expect.poll(sleeping, { timeout: 20_000 }).toEqual(['1001', '1002', '1003']);
      const before = await hostOf(client);
      process.kill(before, 'SIGKILL');
      await client.closed;
      // As with ssh: SIGHUP ends what has the terminal, but not who ignores it or has left.
      await expect.poll(sleeping, { timeout: 20_000 }).toEqual(['1002', '1003']);
      await expectBobUntouched();

      const again = await agent.connect(ann);
      expect((await again.link.request('session.list', {})).sessions).toEqual([]);
      await agent.open(again, 1);
      expect(await hostOf(again)).not.toBe(before);
      again.close();
    });
  },
);

/** The sleep(1) processes of a user, and how long they sleep, the shortest first. */
function sleepersOf({ uid }: UnixUser): { pid: number; time: string }[] {
  const found = readdirSync('/proc').flatMap((pid) => {
    try {
      const isTheirs = readFileSync(path.join('/proc', pid, 'status'), 'utf8').includes(`\nUid:\t${uid}\t`);
      const [name, time] = readFileSync(path.join('/proc', pid, 'cmdline'), 'utf8').split('\0');
      return isTheirs && name === 'sleep' && time !== undefined ? [{ pid: Number(pid), time }] : [];
    } catch {
      // No process, or it has just ended.
      return [];
    }
  });
  return found.toSorted((a, b) => Number(a.time) - Number(b.time));
}
