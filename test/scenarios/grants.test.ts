import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsersAgent } from '../../packages/agent/src/monitor/testing/users-agent.ts';
import { whyNoUsers, type UnixUser } from '../../packages/agent/src/monitor/testing/unix-user.ts';
import { HostsFile } from '../../packages/shell/src/client/hosts.ts';
import { Remoting } from '../../packages/shell/src/client/remoting.ts';
import { Runspace } from '../../packages/shell/src/runtime/runspace.ts';
import { SpawnedShell } from '../../packages/shell/src/runtime/spawned-shell.ts';
import { RecordingHost } from '../../packages/shell/src/runtime/testing/recording-host.ts';

const reason = whyNoUsers();

/** What a person of a user's types, and what is shown of it. */
class Person implements AsyncDisposable {
  readonly #host = new RecordingHost();
  readonly #runspace: Runspace;

  constructor(agent: UsersAgent, user: UnixUser) {
    const { folder } = agent.home;
    const { port } = agent.process;
    const address = {
      kind: 'agent',
      computerName: 'srv1',
      host: '127.0.0.1',
      port,
      path: '/',
      user: user.name,
    } as const;
    const remoting = new Remoting({
      hosts: new HostsFile([address]),
      environment: agent.home.environment,
      identity: join(folder, `key-${user.name}`),
      knownHostsFiles: [join(folder, `known-${user.name}`)],
      confirmHostKey: () => Promise.resolve(true),
    });
    this.#runspace = new Runspace({ remoting, host: this.#host, nativeShell: new SpawnedShell(() => folder) });
  }

  async types(line: string): Promise<string> {
    await this.#runspace.run(line, new AbortController().signal);
    const { output, errors } = this.#host.take();
    return [...output, ...errors].join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#runspace.remoting.goodbyeAll();
  }
}

describe.skipIf(reason !== undefined)(
  `a session that is granted to another user${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let agent: UsersAgent;
    let ann: UnixUser;
    let bob: UnixUser;

    beforeAll(async () => {
      agent = new UsersAgent();
      [ann, bob] = [agent.makeUser(), agent.makeUser()];
      await agent.start(`[gateway]\nuser = "nobody"\nhostAnswerMs = 20000\n`);
    });

    afterAll(() => agent[Symbol.asyncDispose]());

    test('is found by that user, who runs commands in it as its owner, until it is taken back', async () => {
      await using owner = new Person(agent, ann);
      await using guest = new Person(agent, bob);
      await owner.types('$s = New-PSSession srv1 -Name ITTask');
      expect(await guest.types('Get-PSSession -ComputerName srv1')).toBe('');
      expect(await owner.types(`Grant-PSSessionAccess $s -UserName no-such-user`)).toContain(
        'There is no user no-such-user on this machine',
      );
      expect(await owner.types(`Grant-PSSessionAccess $s -UserName ${bob.name} -For 60`)).toContain('over at once');
      const write = `Grant-PSSessionAccess -Name ITTask -UserName ${bob.name} -Access Write -For 1:00:00`;
      expect(await owner.types(`(${write}).Grants.Access`)).toBe('Write');
      expect(await owner.types('"$((Get-PSSession -Name ITTask).Grants)"')).toBe(`${bob.name}: Write`);
      await owner.types('Disconnect-PSSession $s');
      expect(await guest.types('Connect-PSSession srv1')).toBe('');
      expect(await guest.types('Connect-PSSession srv1 -Name ITTask')).toContain(
        `Session ITTask is ${ann.name}'s: choose`,
      );
      await guest.types('$g = Get-PSSession -ComputerName srv1');
      expect(await guest.types('$g.Owner')).toBe(ann.name);
      expect(await guest.types('Connect-PSSession $g | Out-Null; Invoke-Command $g { id -un }')).toBe(ann.name);
      expect(await guest.types('Remove-PSSession $g')).toContain(`That is not for ${bob.name}`);
      expect(await owner.types(`(Revoke-PSSessionAccess $s -UserName ${bob.name}).Grants.Count`)).toBe('0');
      expect(await guest.types('Get-PSSession -ComputerName srv1')).toBe('');
      expect(await owner.types('Connect-PSSession $s | Out-Null; Invoke-Command $s { echo mine }')).toBe('mine');
      await owner.types('Remove-PSSession $s');
    });

    test('gives way to an own one of the same name, and is taken by its name in no case', async () => {
      await using owner = new Person(agent, ann);
      await using guest = new Person(agent, bob);
      await owner.types('$s = New-PSSession srv1 -Name ITTask');
      await owner.types(`Grant-PSSessionAccess $s -UserName ${bob.name} -Access Write`);
      await owner.types('Disconnect-PSSession $s');
      await guest.types('$theirs = Get-PSSession -ComputerName srv1 | Connect-PSSession');
      await guest.types('$mine = New-PSSession srv1 -Name ITTask');
      expect(await guest.types('(Get-PSSession -Name ITTask).Count')).toBe('2');
      expect(await guest.types('(Disconnect-PSSession -Name ITTask).Owner')).toBe(bob.name);
      expect(await guest.types('$theirs.State')).toBe('Opened');
      expect(await guest.types('Receive-PSSession -Name ITTask; $mine.State')).toBe('Opened');
      await guest.types('Disconnect-PSSession $theirs; Disconnect-PSSession $mine');
      expect(await guest.types('Receive-PSSession -ComputerName srv1 -Name itt*; $mine.State')).toBe('Opened');
      expect(await guest.types('(Connect-PSSession -ComputerName srv1 -Name ITTask).Owner')).toBe(bob.name);
      expect(await guest.types('$theirs.State')).toBe('Disconnected');
      expect(await guest.types('Enter-PSSession -Name ITTask; Exit-PSSession')).toBe('');
      expect(await guest.types('Remove-PSSession -Name ITTask; $mine.State; $theirs.State')).toBe(
        'Closed\nDisconnected',
      );
      expect(await guest.types('Receive-PSSession -ComputerName srv1 -Name ITTask')).toContain(
        `Session ITTask is ${ann.name}'s: choose`,
      );
      expect(await guest.types('$theirs.State')).toBe('Disconnected');
      await owner.types('Remove-PSSession $s');
    });
  },
);
