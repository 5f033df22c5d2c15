import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, createServer } from 'node:tls';
import { createTlsCertificate } from '@holdfast/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOLDFAST, Machine } from '../support/machine.ts';
import { startRemote, type Remote } from '../support/remote.ts';

describe('who is refused', () => {
  let remote: Remote;
  beforeAll(async () => {
    remote = await startRemote();
  });
  afterAll(async () => {
    await remote[Symbol.asyncDispose]();
  });

  /** Runs a one-shot from a machine: refused with one line, while the agent lives and lets in whom it knows. */
  async function refused(machine: Machine): Promise<string> {
    const result = await runOn(machine);
    expect(result.status).toBe(255);
    expect(result.stdout).toBe('');
    expect((await runOn(remote.client)).stdout).toBe('let-in\n');
    return result.stderr.trim();
  }

  function stranger(): Machine {
    const machine = new Machine();
    machine.knows({ srv1: { port: remote.agent.port, hostKey: remote.agent.hostKey } });
    return machine;
  }

  function authorize(line: string): void {
    const file = join(remote.host.home, 'authorized_keys');
    writeFileSync(file, `${readFileSync(file, 'utf8')}${line}\n`);
  }

  test('a key that is not in authorized_keys', async () => {
    using machine = stranger();
    const message = await refused(machine);
    expect(message).toMatch(/srv1/);
    expect(message.split('\n')).toHaveLength(1);
    await expect.poll(() => remote.agent.log).toMatch(/refused/);
  });

  test('a key that is let in there and cannot be unlocked here, with the way to unlock it', async () => {
    using machine = new Machine({ key: false });
    authorize(machine.makeKey('id_ed25519', { passphrase: 'correct horse' }));
    machine.makeKey('id_rsa', { type: 'rsa' });
    machine.knows({ srv1: { port: remote.agent.port, hostKey: remote.agent.hostKey } });
    const locked = join(machine.home, '.ssh/id_ed25519');
    const user = machine.env['USER'];
    expect(await refused(machine)).toBe(
      `holdfast: srv1: The host lets in no key of ours as ${user} (refused: ${join(machine.home, '.ssh/id_rsa')}). The key ${locked} has a passphrase, and nobody can be asked for it here: run ssh-add ${locked}, or connect at a terminal`,
    );
  });

  test('nobody who has a key that others may read, and no other', async () => {
    using machine = stranger();
    const key = join(machine.home, '.ssh/id_ed25519');
    chmodSync(key, 0o644);
    expect(await refused(machine)).toMatch(
      new RegExp(
        `no key of ours as \\w+\\. The key ${key} cannot be used: others may read it .*: run chmod 600 ${key}$`,
      ),
    );
  });

  test('a key line with an option that is not honoured', async () => {
    using machine = stranger();
    authorize(`environment="A=b" ${machine.publicKey()}`);
    await refused(machine);
    await expect.poll(() => remote.agent.log).toMatch(/Its option environment is not honoured/);
  });

  test('a key that may have no terminal, or has its own command: the rest is refused in one line', async () => {
    using machine = stranger();
    authorize(`restrict ${machine.publicKey()}`);
    expect(await runOn(machine)).toEqual({ status: 0, stdout: 'let-in\n', stderr: '' });
    const opened = await runOn(machine, ['-c', 'New-PSSession srv1']);
    expect(opened.stderr).toMatch(/^[^\n]*This key may not open a terminal \(no-pty\)[^\n]*\n$/);
    using other = stranger();
    authorize(`command="echo [$SSH_ORIGINAL_COMMAND]" ${other.publicKey()}`);
    expect(await runOn(other)).toEqual({ status: 0, stdout: '[echo let-in]\n', stderr: '' });
    const doctor = await runOn(other, ['doctor', 'srv1']);
    expect(doctor.stdout).toMatch(
      /ok {4}user key +it is accepted\nok {4}agent +This key runs its own command and nothing/,
    );
    expect(doctor.status).toBe(0);
  });

  test('a certificate that has expired or is for others, and not the one that is in order', async () => {
    using machine = stranger();
    using authority = new Machine();
    authorize(`cert-authority,principals="ops" ${authority.publicKey()}`);
    const certify = (...options: string[]): void => {
      const ca = join(authority.home, '.ssh/id_ed25519');
      const file = join(machine.home, '.ssh/id_ed25519.pub');
      execFileSync('ssh-keygen', ['-q', '-s', ca, '-I', 'me', ...options, file], { stdio: 'pipe' });
    };
    certify('-n', 'dev', '-V', '-1m:+1d');
    expect(await refused(machine)).toMatch(/no key of ours .*id_ed25519-cert\.pub/);
    await expect.poll(() => remote.agent.log).toMatch(/The certificate is for \\"dev\\", not for \\"ops\\" \(ID me/);
    certify('-n', 'ops', '-V', '20200101:20200201');
    expect(await refused(machine)).toMatch(/id_ed25519-cert\.pub is not used: The certificate expired at 2020/);
    certify('-n', 'ops', '-V', '-1m:+1d');
    expect((await runOn(machine)).stdout).toBe('let-in\n');
  });

  test('a host whose key is another than the configured one', async () => {
    using machine = stranger();
    using other = new Machine();
    const hostKey = other.publicKey().split(' ').slice(0, 2).join(' ');
    machine.knows({ srv1: { port: remote.agent.port, fields: { hostKey } } });
    authorize(machine.publicKey());
    expect(await refused(machine)).toMatch(/host key/i);
  });

  test('a host whose key in known_hosts has changed, naming the line', async () => {
    using machine = stranger();
    using other = new Machine();
    authorize(machine.publicKey());
    machine.knows({ srv1: { port: remote.agent.port, hostKey: other.publicKey().split(' ').slice(0, 2).join(' ') } });
    expect(await refused(machine)).toMatch(/known_hosts:1/);
  });

  test('a host that is not known, without a terminal to ask, showing the line to add', async () => {
    using machine = stranger();
    authorize(machine.publicKey());
    machine.knows({ srv1: { port: remote.agent.port } });
    expect(await refused(machine)).toContain(`[127.0.0.1]:${remote.agent.port} ${remote.agent.hostKey}`);
  });

  test('a relay in the middle that ends TLS on both sides', async () => {
    using machine = stranger();
    authorize(machine.publicKey());
    const relay = createServer({ ...createTlsCertificate('relay', 1), minVersion: 'TLSv1.3' }, (near) => {
      const far = connectTls({ port: remote.agent.port, host: '127.0.0.1', rejectUnauthorized: false });
      near.pipe(far).pipe(near);
      // Either side may hang up first.
      near.on('error', () => far.destroy());
      far.on('error', () => near.destroy());
    });
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
    const { port } = relay.address() as AddressInfo;
    machine.knows({ srv1: { port, hostKey: remote.agent.hostKey } });
    const message = await runOn(machine);
    expect(message.status).toBe(255);
    expect(message.stderr.trim().split('\n')).toHaveLength(1);
    expect(message.stderr).toMatch(/middle|signature|prove/i);
    relay.close();
  });

  test('garbage before authentication, and a frame too large', async () => {
    for (const garbage of [Buffer.alloc(100_000, 0x41), Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')]) {
      const socket = connectTcp(remote.agent.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.end(garbage);
      socket.resume();
      await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    }
    expect((await runOn(remote.client)).stdout).toBe('let-in\n');
  });
});

async function runOn(
  machine: Machine,
  args: readonly string[] = ['run', 'srv1', '--', 'echo let-in'],
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(HOLDFAST, args, {
    env: machine.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => (output.stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output.stderr += text.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...output };
}
