import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseExposition } from '../gateway/metrics/testing/parse-exposition.ts';
import { runAgent } from '../gateway/testing/agent-process.ts';
import { whyNoUsers } from './testing/unix-user.ts';
import { UsersAgent } from './testing/users-agent.ts';

const reason = whyNoUsers();

describe.skipIf(reason !== undefined)(
  `the health of an agent for all users${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let agent: UsersAgent;
    let url: string;

    beforeAll(async () => {
      agent = new UsersAgent();
      chmodSync(agent.home.folder, 0o711);
      await agent.start('[gateway]\nuser = "nobody"\nhostAnswerMs = 1000\n[metrics]\naddress = "127.0.0.1:0"\n');
      const { stdout } = await runAgent(agent.home, ['status', '--json', '--state-dir', agent.home.stateDir]);
      const status: { gateway: { metrics: string } } = JSON.parse(stdout);
      url = status.gateway.metrics;
    });

    afterAll(() => agent[Symbol.asyncDispose]());

    async function health(): Promise<string> {
      const response = await fetch(new URL('/healthz', url));
      return `${response.status} ${await response.text()}`;
    }

    test('tells of all users’ sessions in numbers, and of a monitor that does not answer', async () => {
      const user = agent.makeUser();
      const client = await agent.connect(user);
      await agent.open(client, 1);
      // Also a machine that is busy answers in the end.
      await expect.poll(health).toBe('200 ok\n');
      const sessions = async (): Promise<unknown> =>
        Object.fromEntries(parseExposition(await (await fetch(url)).text()).get('holdfast_sessions')?.samples ?? []);
      await expect.poll(sessions).toEqual({ 'state="held"': 1, 'state="disconnected"': 0 });
      const { stdout } = await runAgent(agent.home, ['status', '--state-dir', agent.home.stateDir]);
      expect(stdout).toContain(`  metrics ${url}\n  health: `);
      expect(stdout).toMatch(
        new RegExp(`\n1 session of all users\n {2}1 {2}${user.name} {2}\\S+ {2}default {2}idle, held by`),
      );
      process.kill(agent.process.pid, 'SIGSTOP');
      try {
        expect(await health()).toBe('503 The monitor does not answer\n');
        const without = parseExposition(await (await fetch(url)).text());
        expect(without.get('holdfast_session_hosts_up')?.samples.get('')).toBe(0);
      } finally {
        process.kill(agent.process.pid, 'SIGCONT');
      }
      await expect.poll(health).toBe('200 ok\n');
      await client.link.request('connection.goodbye', {});
      client.close();
    });
  },
);
