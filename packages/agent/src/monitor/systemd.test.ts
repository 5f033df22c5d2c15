import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Signer } from '@holdfast/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestClient, type ClientOptions } from '../gateway/testing/test-client.ts';
import { TestHome } from '../gateway/testing/test-gateway.ts';
import { SystemdMachine, whyNoSystemd } from './testing/systemd-machine.ts';
import { LIMIT, openSession, outputOf } from './testing/talk.ts';

const reason = whyNoSystemd();
const UID = 61_234;
const UNIT = `holdfast-host@${UID}.service`;
/** Below 1024: the gateway has no rights, and is given this one. */
const PORT = 600 + (process.pid % 400);
/** The exposure of the agent's unit by `systemd-analyze security`, out of 10; a service as it comes has 9.6. */
const MOST_EXPOSURE = 2.8;
const TRY_MS = 20_000;

describe.skipIf(reason !== undefined)(
  `the units on a real systemd${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    const home = new TestHome();
    let machine: SystemdMachine;
    let key: Signer;

    beforeAll(async () => {
      key = home.makeKey('ann');
      const publicKey = readFileSync(path.join(home.folder, 'ann.pub'), 'utf8').trim();
      machine = await SystemdMachine.boot(`
        useradd --uid ${UID} --create-home --home-dir /home/ann --shell /bin/bash --password '*' ann
        mkdir --mode=700 ~ann/.ssh
        echo '${publicKey}' > ~ann/.ssh/authorized_keys
        chown -R ann: ~ann
        echo 'ann hard nproc 4321' > /etc/security/limits.d/ann.conf
        cp /usr/bin/id /usr/local/bin/id-by-root
        chmod u+s /usr/local/bin/id-by-root
        printf '#!/bin/sh\\nexec /opt/node_modules/.bin/node /opt/packages/agent/src/main.ts "$@"\\n' > /usr/local/bin/holdfast-agent
        chmod 755 /usr/local/bin/holdfast-agent
        cp /opt/packages/agent/systemd/*.service /etc/systemd/system/
        cp /opt/packages/agent/systemd/holdfast.sysusers.conf /usr/lib/sysusers.d/holdfast.conf
        systemd-sysusers holdfast.conf
        mkdir /etc/systemd/system/holdfast-agent.service.d
        printf '[Service]\\nExecStart=\\nExecStart=holdfast-agent serve --listen 127.0.0.1:${PORT}\\n' \\
          > /etc/systemd/system/holdfast-agent.service.d/listen.conf`);
      await machine.run('systemctl start systemd-journald.socket systemd-journald.service');
      await machine.run('systemctl start holdfast-agent');
    });

    afterAll(async () => {
      await machine?.[Symbol.asyncDispose]();
      home[Symbol.dispose]();
    });

    /** Comes in as soon as the agent listens. */
    async function connect(options: Partial<ClientOptions> = {}): Promise<TestClient> {
      for (const until = Date.now() + TRY_MS; ; await delay(50)) {
        try {
          return await TestClient.connect({ port: PORT, key, user: 'ann', ...options });
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED') || Date.now() > until)
            throw error;
        }
      }
    }

    async function leave(client: TestClient): Promise<void> {
      await client.link.request('connection.goodbye', {});
      client.close();
    }

    function pidOf(unit: string): Promise<string> {
      return machine.run(`systemctl show --property MainPID --value ${unit}`);
    }

    /** Comes back to a session after its link broke. @returns also where its output goes on */
    async function resume(client: TestClient, attachment: { attachmentId: string; incarnation: string }) {
      await client.closed;
      const again = await connect({ clientId: client.clientId, ticket: client.ticket });
      expect(again.resumed).toBe(true);
      const from = client.output(1).length;
      const channel = { channel: 1, ...attachment, receivedTo: from, limit: from + LIMIT, eventsTo: 0 };
      const { channels } = await again.link.request('connection.resume', { channels: [channel] });
      expect(channels[0]?.error).toBeUndefined();
      return { client: again, from };
    }

    test('pass systemd-analyze verify, with an exposure that is no more than it must be', async () => {
      expect(await machine.run('systemd-analyze verify holdfast-agent.service holdfast-host@1000.service 2>&1')).toBe(
        '',
      );
      const table = await machine.run(
        'systemd-analyze security --offline=true --no-pager /etc/systemd/system/holdfast-agent.service | tail -1',
      );
      process.stdout.write(`${table}\n`);
      expect(Number(/: (\d+\.\d)/.exec(table)?.[1])).toBeLessThanOrEqual(MOST_EXPOSURE);
    });

    test('run the agent confined, and its gateway with the right to a low port alone', async () => {
      await leave(await connect());
      const monitor = await pidOf('holdfast-agent');
      const gateway = await machine.run(`pgrep --parent ${monitor} --uid holdfast`);
      const rights = await machine.run(`grep -hE '^(CapPrm|CapBnd|NoNewPrivs|Seccomp):' /proc/${gateway}/status`);
      expect(rights.replaceAll(/\s+/g, ' ')).toBe(
        'CapPrm: 0000000000000400 CapBnd: 0000000000000400 NoNewPrivs: 1 Seccomp: 2',
      );
      const into = `nsenter --target ${monitor} --mount --`;
      for (const file of ['/etc/x', '/usr/x', '/home/ann/x', '/var/x', '/run/x']) {
        expect(await machine.run(`${into} touch ${file} 2>&1; true`)).toMatch(/Read-only file system/);
      }
      await machine.run(`${into} touch /run/holdfast/x /var/lib/holdfast/x`);
    });

    test.each(['/etc/nologin', '/run/nologin'])('let nobody in while there is %s', async (file) => {
      await leave(await connect());
      await machine.run(`touch ${file}`);
      await expect(connect()).rejects.toMatchObject({ id: 'AccessDenied' });
      await expect
        .poll(() => machine.run('journalctl --unit holdfast-agent --output cat'))
        .toContain(`${file} keeps everybody out but root`);
      await machine.run(`rm ${file}`);
      await leave(await connect());
    });

    test('give a session the rights and limits of a login, in a unit of its own', async () => {
      const client = await connect();
      await openSession(client, 1);
      const said = async (text: string): Promise<string> => (await outputOf(client, 1, text)).trim();
      expect(await said('grep ^0:: /proc/self/cgroup')).toMatch(new RegExp(`/${UNIT}$`));
      expect(await said('ulimit -Hu; cat /proc/self/loginuid; echo; umask')).toBe(`4321\n${UID}\n0022`);
      expect(await said('id-by-root -u; grep -hE "^(NoNewPrivs|Seccomp):" /proc/self/status')).toMatch(
        /^0\nNoNewPrivs:\s0\nSeccomp:\s0$/,
      );
      expect(await said('touch /tmp/seen-by-all ~/own && echo written')).toBe('written');
      expect(await machine.run('stat -c %U /tmp/seen-by-all')).toBe('ann');
      // LANG is there where the machine has one.
      const given = (await said('tr "\\0" "\\n" < /proc/$$/environ | cut -d= -f1 | grep -v ^LANG$ | sort')).split('\n');
      expect(given).toEqual(['HOLDFAST_INSTANCE_ID', 'HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER']);
      await leave(client);
    });

    test('leave sessions alone when the agent is restarted, killed and stopped', async () => {
      const first = await connect();
      const { attachment } = await openSession(first, 1);
      const shell = (await outputOf(first, 1, 'word=kept; echo $$')).trim();
      const before = await pidOf('holdfast-agent');
      await machine.run('systemctl restart holdfast-agent');
      const second = await resume(first, attachment);
      expect(await outputOf(second.client, 1, 'echo $word $$', second.from)).toBe(`kept ${shell}\n`);
      const restarted = await pidOf('holdfast-agent');
      expect(restarted).not.toBe(before);
      await machine.run(`kill -KILL ${restarted}`);
      await second.client.closed;
      await machine.run('systemctl stop holdfast-agent');
      expect(await machine.run(`ps -o comm= ${shell}; systemctl is-active ${UNIT}`)).toBe('bash\nactive');
      await machine.run('systemctl start holdfast-agent');
      const client = await connect();
      const { sessions } = await client.link.request('session.list', {});
      expect(sessions.map(({ state }) => state)).toContain('Running');
      await leave(client);
    });

    test('have hosts of two builds or configurations side by side, and end with the last', async () => {
      const old = await connect();
      const { session } = await openSession(old, 1);
      await machine.run('mkdir -p /etc/holdfast && touch /etc/holdfast/agent.toml && systemctl restart holdfast-agent');
      await old.closed;
      const client = await connect();
      const opened = await openSession(client, 1);
      const { hosts } = await client.link.request('agent.status', {});
      expect(hosts).toHaveLength(2);
      const { sessions } = await client.link.request('session.list', {});
      const ids = sessions.flatMap(({ state, instanceId }) => (state === 'Running' ? instanceId : []));
      expect(ids).toEqual(expect.arrayContaining([session.instanceId, opened.session.instanceId]));
      const inUnit = await machine.run(`cat /sys/fs/cgroup/system.slice/*host.slice/${UNIT}/cgroup.procs`);
      expect(inUnit.split('\n')).toEqual(expect.arrayContaining(hosts.map(({ pid }) => String(pid))));
      expect(await machine.run('holdfast-agent status')).toContain('sessions of all users');
      await machine.run(`systemctl stop ${UNIT}`);
      expect(await machine.run(`systemctl is-active ${UNIT} holdfast-agent; true`)).toBe('inactive\nactive');
      await client.closed;
      const next = await connect();
      await openSession(next, 1);
      await leave(next);
    });
  },
);
