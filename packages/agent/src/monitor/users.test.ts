import { randomUUID } from 'node:crypto';
import { chmodSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { handshakeAsClient, type RequestOf, type Signer } from '@holdfast/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHandshake, withCertificate, type TestClient } from '../gateway/testing/test-client.ts';
import { run, whyNoUsers, type UnixUser } from './testing/unix-user.ts';
import { LIMIT } from './testing/talk.ts';
import { UsersAgent } from './testing/users-agent.ts';

const reason = whyNoUsers();
const GROUP = `hfg${process.pid}`;
/** What an agent may be started with; of it, nothing but LANG and the settings of session hosts is for anybody else. */
const OF_THE_AGENT = {
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  NODE_NO_WARNINGS: '1',
  XDG_CONFIG_HOME: '/nowhere',
  HOLDFAST_GATEWAY_SETTINGS: '{}',
  SECRET_OF_THE_AGENT: 'x',
};
/** The names of what a login has. */
const LOGIN_NAMES = ['HOME', 'LANG', 'LOGNAME', 'PATH', 'SHELL', 'USER'];
const HOST_NAMES = ['HOLDFAST_HOST_SETTINGS', 'HOLDFAST_RUNTIME_DIR', 'HOLDFAST_STATE_DIR'];

describe.skipIf(reason !== undefined)(
  `an agent for all users${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let agent: UsersAgent;
    let ann: UnixUser;
    let bob: UnixUser;
    let boss: UnixUser;

    beforeAll(async () => {
      agent = new UsersAgent();
      run('/usr/sbin/groupadd', GROUP);
      ann = agent.makeUser('--groups', GROUP);
      bob = agent.makeUser();
      boss = agent.makeUser();
      agent.home.makeKey('ca');
      await agent.start(
        `[access]\ntrustedUserCAKeys = "${agent.home.folder}/ca.pub"\ndenyUsers = ["@${GROUP}-denied"]\nadministrators = ["${boss.name}"]\n[gateway]\nuser = "nobody"\n`,
        OF_THE_AGENT,
      );
    });

    afterAll(async () => {
      await agent[Symbol.asyncDispose]();
      run('/usr/sbin/groupdel', GROUP);
    });

    test('gives each a session with the rights and the environment of a login', async () => {
      for (const user of [ann, bob]) {
        const client = await agent.connect(user);
        await agent.open(client, 1);
        const said = await agent.output(
          client,
          1,
          'id -un; id -u; id -g; id -Gn; umask; pwd; grep -E "^(Cap|NoNewPrivs)" /proc/self/status',
        );
        const lines = said.split('\n');
        expect(lines.slice(0, 6)).toEqual([
          user.name,
          String(user.uid),
          String(user.gid),
          run('id', '-Gn', user.name),
          '0022',
          user.home,
        ]);
        expect(said).toMatch(/CapInh:\s0+\nCapPrm:\s0+\nCapEff:\s0+\n/);
        expect(said).toMatch(/CapAmb:\s0+\nNoNewPrivs:\s0/);
        const [host] = (await client.link.request('agent.status', {})).hosts;
        expect(namesIn(environmentOf(Number(host?.pid)))).toEqual([...HOST_NAMES, ...LOGIN_NAMES].toSorted());
        const given = environmentOf(Number(await agent.output(client, 1, 'echo $$')));
        expect(namesIn(given)).toEqual(['HOLDFAST_INSTANCE_ID', 'TERM', ...LOGIN_NAMES].toSorted());
        const variables = (await agent.output(client, 1, 'env -0 | tr "\\n\\0" "?\\n"')).trimEnd().split('\n');
        expect(namesIn(variables)).toEqual(namesIn(loginShell(user, given)));
        expect(await agent.output(client, 1, 'ls /proc/self/fd | wc -l')).toBe('4\n');
        await client.link.request('connection.goodbye', {});
        client.close();
      }
    });

    test('keeps them apart: sessions, sockets, folders, processes and files', async () => {
      const [one, two] = [await agent.connect(ann), await agent.connect(bob)];
      const mine = await agent.open(one, 1);
      const others = await agent.open(two, 1);
      const listed = async (client: TestClient): Promise<string[]> =>
        (await client.link.request('session.list', {})).sessions.flatMap((session) =>
          session.state === 'Running' ? session.instanceId : [],
        );
      expect(await listed(one)).toEqual([mine.session.instanceId]);
      expect(await listed(two)).toEqual([others.session.instanceId]);
      const { instanceId } = others.session;
      const refused = { id: 'SessionNotFound' };
      await expect(one.link.request('session.connect', { channel: 5, instanceId, force: true })).rejects.toMatchObject(
        refused,
      );
      await expect(one.link.request('session.stop', { instanceId })).rejects.toMatchObject(refused);
      await expect(one.link.request('session.detach', { instanceId })).rejects.toMatchObject(refused);
      const resume: RequestOf<'connection.resume'> = {
        channels: [{ channel: 9, ...others.attachment, receivedTo: 0, limit: LIMIT, eventsTo: 0 }],
      };
      const { channels } = await one.link.request('connection.resume', resume);
      expect(channels).toMatchObject([{ error: { error: 'AttachmentLost' } }]);
      const [host] = (await two.link.request('agent.status', {})).hosts;
      const folder = path.join(agent.home.runtimeDir, String(bob.uid));
      const [socket = ''] = readdirSync(folder).filter((name) => name.endsWith('.sock'));
      const tries = [
        `ls ${folder}`,
        `stat ${folder}/${socket}`,
        `python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect("${folder}/${socket}")'`,
        `kill -0 ${host?.pid}`,
        `ls /proc/${host?.pid}/fd`,
        `cat /proc/${host?.pid}/environ`,
        `ls ${bob.home}`,
        `cat ${agent.home.stateDir}/host_key`,
        `cat ${agent.home.stateDir}/ticket_key`,
        `ls ${agent.home.stateDir}/gateway`,
      ];
      for (const text of tries) {
        expect(await agent.output(one, 1, `${text} 2>&1; echo "status $?"`)).toMatch(
          /(?:Permission denied|not permitted)[\s\S]*status [1-9]/,
        );
      }
      for (const client of [one, two]) {
        await client.link.request('connection.goodbye', {});
        client.close();
      }
    });

    test('lets an administrator list, message, disconnect and stop the sessions of all, and attach to none', async () => {
      const [user, admin] = [await agent.connect(ann), await agent.connect(boss)];
      const other = await agent.connect(bob);
      const { session } = await agent.open(user, 1);
      const own = await agent.open(admin, 1);
      const { instanceId } = session;
      const listed = (await admin.link.request('session.list', {})).sessions.map(({ instanceId: id }) => id);
      expect(listed).toEqual(expect.arrayContaining([instanceId, own.session.instanceId]));
      expect(await agent.output(admin, 1, 'id -un')).toBe(`${boss.name}\n`);
      await expect(
        admin.link.request('session.connect', { channel: 5, instanceId, force: true }),
      ).rejects.toMatchObject({ id: 'SessionNotFound' });
      const message = { instanceId, caption: 'Alert', text: 'Going down' };
      await expect(other.link.request('session.message', message)).rejects.toMatchObject({ id: 'SessionNotFound' });
      expect(await admin.link.request('session.message', message)).toEqual({ shownTo: 1 });
      const told = await user.until(() => user.events.find(({ event }) => event.type === 'session.message'));
      expect(told.event).toMatchObject({ user: boss.name, caption: 'Alert', text: 'Going down' });
      await expect(other.link.request('session.detach', { instanceId })).rejects.toMatchObject({
        id: 'SessionNotFound',
      });
      expect(user.events.filter(({ event }) => event.type === 'session.detached')).toEqual([]);
      const left = await admin.link.request('session.detach', { instanceId });
      expect(left.session).toMatchObject({ instanceId, state: 'Running' });
      expect(left.session.holder).toBeUndefined();
      const lost = await user.until(() => user.events.find(({ event }) => event.type === 'session.detached'));
      expect(lost).toMatchObject({
        channel: 1,
        event: { reason: expect.stringContaining('Disconnected by test client') },
      });
      await expect(user.link.request('session.echo', { channel: 1 })).rejects.toMatchObject({ id: 'AttachmentLost' });
      const { session: again } = await user.link.request('session.connect', { channel: 3, instanceId, force: false });
      expect(again).toMatchObject({ instanceId, state: 'Running', holder: { clientId: user.clientId } });
      await admin.link.request('session.stop', { instanceId });
      await user.until(() => user.events.find(({ event }) => event.type === 'session.exited'));
      for (const client of [user, admin, other]) {
        await client.link.request('connection.goodbye', {});
        client.close();
      }
    });

    test("records what each does; one's own is for each, all for an administrator", async () => {
      const [one, two, three] = [await agent.connect(ann), await agent.connect(bob), await agent.connect(boss)];
      for (const [client, user] of [
        [one, ann],
        [two, bob],
      ] as const) {
        await agent.open(client, 1);
        await agent.output(client, 1, `: by ${user.name}`);
      }
      const texts = async ({ link }: TestClient, filter: object = {}): Promise<string[]> => {
        const { events } = await link.request('events.list', { types: ['command.started'], limit: 500, ...filter });
        return events.flatMap(({ user = '', text = '' }) => (text.startsWith(': by') ? `${user} ${text}` : []));
      };
      const [ofAnn, ofBob] = [ann, bob].map(({ name }) => `${name} : by ${name}`);
      expect(await texts(one)).toEqual([ofAnn]);
      expect(await texts(two)).toEqual([ofBob]);
      expect(new Set(await texts(three))).toEqual(new Set([ofAnn, ofBob]));
      expect(await texts(three, { user: bob.name })).toEqual([ofBob]);
      await expect(texts(one, { user: bob.name })).rejects.toMatchObject({ id: 'AccessDenied' });
      await expect(one.link.request('journal.read', { after: {} })).rejects.toMatchObject({ id: 'AccessDenied' });
      const { events } = await one.link.request('events.list', { limit: 500 });
      expect(new Set(events.map(({ user }) => user))).toEqual(new Set([ann.name]));

      // What a host says of itself counts for its own user, also when somebody writes the journal by hand.
      const forged = { number: 1000, time: 1, type: 'command.started', user: bob.name, text: ': by a forger' };
      const foreign = { number: 1001, time: 1, type: 'client.refused', text: ': by a forger' };
      const lines = [forged, foreign].map((event) => JSON.stringify(event));
      const journal = `${randomUUID()}.1000.journal`;
      writeFileSync(
        path.join(journalsOf(ann), journal),
        lines.map((line) => `${crc32(line).toString(16).padStart(8, '0')} ${line}\n`).join(''),
      );
      await agent.output(one, 1, ': by ann again');
      expect(await texts(one)).toContain(`${ann.name} : by a forger`);
      expect(await texts(two)).toEqual([ofBob]);
      expect(await texts(three, { types: ['client.refused'] })).toEqual([]);
      for (const client of [one, two]) await client.link.request('connection.goodbye', {});
      for (const client of [one, two, three]) client.close();
    });

    /** All that a stranger reads after the host's proof, byte for byte. */
    async function answers(user: string, key: Signer): Promise<string[]> {
      const { socket, io } = await openHandshake(agent.process.port);
      const seen: string[] = [];
      const tape = {
        ...io,
        receive: async (signal: AbortSignal): Promise<Buffer> => {
          const message = await io.receive(signal);
          seen.push(message.toString('latin1'));
          return message;
        },
      };
      const keys = async function* (): AsyncGenerator<Signer> {
        yield await Promise.resolve(key);
      };
      await handshakeAsClient(tape, {
        user,
        clientId: randomUUID(),
        clientName: 'stranger',
        checkHostKey: () => Promise.resolve(),
        keys: keys(),
        signal: AbortSignal.timeout(20_000),
      }).catch(() => undefined);
      socket.terminate();
      return seen.slice(2);
    }

    test('lets a certificate of a trusted authority in as its principal, and as nobody else', async () => {
      const file = path.join(agent.home.folder, 'certified');
      const key = agent.home.makeKey('certified');
      const options = ['-I', 'ann@work', '-n', ann.name, '-V', '-1m:+1d', `${file}.pub`];
      run('ssh-keygen', '-q', '-s', path.join(agent.home.folder, 'ca'), ...options);
      const certified = withCertificate(key, `${file}-cert.pub`);
      const client = await agent.connect(ann, { key: certified });
      await agent.open(client, 1);
      expect(await agent.output(client, 1, 'id -un')).toBe(`${ann.name}\n`);
      await client.link.request('connection.goodbye', {});
      client.close();
      expect(await answers(bob.name, certified)).toEqual(['{"type":"auth.refused"}']);
      const why = `The certificate is for ${JSON.stringify(ann.name)}, not for ${JSON.stringify(bob.name)}`;
      await expect.poll(() => agent.process.log).toContain(JSON.stringify(why).slice(1, -1));
    });

    test('refuses an account that may not log in with the very bytes of an unknown key', async () => {
      const stranger = agent.home.makeKey('stranger');
      const unknown = await answers(ann.name, stranger);
      expect(unknown).toEqual(['{"type":"auth.refused"}']);
      const because = async (user: string, key: Signer, why: RegExp): Promise<void> => {
        expect(await answers(user, key)).toEqual(unknown);
        await expect
          .poll(() => agent.process.log.split('\n').some((line) => line.includes('client.refused') && why.test(line)))
          .toBe(true);
      };
      await because('no-such-user-here', stranger, /There is no such user/);
      await because('root', stranger, /permitRoot/);
      const locked = agent.makeUser();
      run('/usr/sbin/usermod', '--lock', locked.name);
      await because(locked.name, locked.key, /is locked/);
      const expired = agent.makeUser('--expiredate', '2001-01-01');
      await because(expired.name, expired.key, /has expired/);
      const nologin = agent.makeUser();
      run('/usr/sbin/usermod', '--shell', '/usr/sbin/nologin', nologin.name);
      await because(nologin.name, nologin.key, /has no login shell/);
      const loose = agent.makeUser();
      chmodSync(loose.keysFile, 0o664);
      await because(loose.name, loose.key, /others may write .*authorized_keys/);
      const open = agent.makeUser();
      chmodSync(open.home, 0o777);
      await because(open.name, open.key, /others may write/);
      const elsewhere = agent.makeUser();
      writeFileSync(elsewhere.keysFile, `from="192.0.2.1" ${readFileSync(elsewhere.keysFile, 'utf8')}`);
      await because(elsewhere.name, elsewhere.key, /The key is not let in from 127\.0\.0\.1/);
      run('/usr/sbin/groupadd', `${GROUP}-denied`);
      const denied = agent.makeUser('--groups', `${GROUP}-denied`);
      await because(denied.name, denied.key, /denyUsers keeps/);
      // As useradd makes it, and as the users of cloud images are.
      const withoutPassword = agent.makeUser('--password', '!');
      for (const { name, key } of [ann, withoutPassword]) expect(await answers(name, key)).not.toEqual(unknown);
      run('/usr/sbin/groupdel', `${GROUP}-denied`);
    });
  },
);

/** What a process was started with, one `NAME=value` each. */
function environmentOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
}

function namesIn(environment: readonly string[]): string[] {
  return environment.map((entry) => entry.slice(0, entry.indexOf('='))).toSorted();
}

/** What a login shell of the user has in the end that is started with no more than `given`: startup files add to it. */
function loginShell({ uid, gid }: UnixUser, given: readonly string[]): string[] {
  const rights = [`--reuid=${uid}`, `--regid=${gid}`, '--init-groups'];
  return run('setpriv', ...rights, 'env', '-i', ...given, '/bin/bash', '-lic', 'env -0')
    .split('\0')
    .filter(Boolean);
}

function journalsOf({ home }: UnixUser): string {
  return path.join(home, '.local', 'state', 'holdfast-agent', 'journal');
}
