import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findIdentity } from '../auth/identity.ts';
import { readGatewaySettings, type GatewaySettings } from '../gateway/settings.ts';
import { GatewayProcess } from './gateway-process.ts';
import { whyNoUsers } from './testing/unix-user.ts';
import { UsersAgent } from './testing/users-agent.ts';

const reason = whyNoUsers();

describe.skipIf(reason !== undefined)(
  `the gateway of an agent for all users${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let agent: UsersAgent;

    beforeEach(() => {
      agent = new UsersAgent();
    });

    afterEach(() => agent[Symbol.asyncDispose]());

    test('is killed when it does not stop in its time', async () => {
      await agent.start('[gateway]\nuser = "nobody"\ngatewayStopMs = 200\n');
      const pid = Number(/"event":"gateway.started".*"pid":(\d+)/.exec(agent.process.log)?.[1]);
      process.kill(pid, 'SIGSTOP');
      expect(await agent.process.stop('SIGTERM')).toBe(0);
      expect(existsSync(`/proc/${pid}`)).toBe(false);
    });

    // The wait doubles each time: without the limit, twenty of them would take twelve days.
    test.each([
      ['its longest one', { restartPauseMs: 1, restartLongestPauseMs: 4, restartSteadyMs: 60_000 }],
      ['that after one which ran', { restartPauseMs: 1, restartLongestPauseMs: 2 ** 30, restartSteadyMs: 1 }],
    ])('is started again after no longer wait than %s', async (_, limits) => {
      const ended = Promise.withResolvers<void>();
      let count = 0;
      const gateway = new GatewayProcess({
        command: ['true'],
        user: await nobody(),
        hasLowPort: false,
        onStart: () => ({ take: () => true, close: () => undefined }),
        logging: {
          level: 'info',
          output: { write: () => undefined, dropped: 0, unsaid: 0, reopen: () => undefined },
          log: () => {
            count += 1;
            if (count === 30) ended.resolve();
          },
        },
        limits: { ...readGatewaySettings(), ...limits } satisfies GatewaySettings,
      });
      gateway.start();
      await ended.promise;
      await gateway.stop('The test is over');
    });
  },
);

async function nobody() {
  const identity = await findIdentity('nobody', 20_000);
  if (identity === undefined) throw new Error('There is no user nobody');
  return identity;
}
