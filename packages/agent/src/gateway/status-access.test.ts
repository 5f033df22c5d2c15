import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { whyNoUsers } from '../monitor/testing/unix-user.ts';
import { TestHome, startTestGateway } from './testing/test-gateway.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const reason = whyNoUsers();

test.skipIf(reason !== undefined)(
  `who may not look into a state folder is told so, not that nothing runs there${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  async () => {
    using home = new TestHome();
    const gateway = await startTestGateway(home);
    try {
      const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--', process.execPath, MAIN];
      const ask = (command: string) => {
        const args = [...nobody, command, '--state-dir', home.stateDir];
        const { status, stdout, stderr } = spawnSync('setpriv', args, {
          cwd: '/',
          env: { PATH: process.env['PATH'], HOME: '/' },
          encoding: 'utf8',
        });
        return { status, stdout, stderr };
      };
      const said = (file: string): string =>
        `holdfast-agent: nobody may not read ${home.stateDir}/${file}: ask as the user whose agent it is, or as root\n`;
      expect(ask('status')).toEqual({ status: 4, stdout: '', stderr: said('gateway.json') });
      expect(ask('events')).toEqual({ status: 1, stdout: '', stderr: said('registry.db') });
    } finally {
      await gateway.stop('The test is over');
    }
  },
);
