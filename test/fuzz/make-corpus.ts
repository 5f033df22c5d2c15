// `node test/fuzz/make-corpus.ts`: makes the corpus anew from what real sessions, handshakes and ssh-keygen give. What was
// found by a run is not touched: it has names that begin with `found-`.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { FrameKind, StreamTransport, decodeFrame, frameOnStream, type RawMessage } from '@holdfast/protocol';
import { HostClient, testEnvironment } from '../../packages/agent/src/testing/host-client.ts';
import { TestHost } from '../../packages/agent/src/testing/test-host.ts';
import { recordHandshakes } from './handshake-parts.ts';

const CORPUS = join(import.meta.dirname, 'corpus');
const MOST_BYTES = 1500;
const scratch = mkdtempSync(join(tmpdir(), 'hf-corpus-'));

const OPTIONS = [
  'expiry-time="20400101"',
  'expiry-time="204001011230Z",no-agent-forwarding,no-port-forwarding,no-X11-forwarding,no-user-rc',
  'restrict,pty,command="echo \\"hello\\"; date"',
  'from="10.0.0.0/8,!10.0.0.1,*.example.org,2001:db8::/32",no-pty',
  'cert-authority,principals="ann,ops"',
  'environment="A=B",permitopen="srv1:22",permitlisten="8080",tunnel="0",verify-required,no-touch-required',
];
const KNOWN_HOSTS = [
  'srv1',
  '@revoked srv2',
  '@cert-authority *.example.org',
  '*.example.org,!bad.example.org',
  '[10.0.0.1]:7433',
  'srv?',
];

const AGENT_TOML = `defaultConfiguration = "small"
[configurations.small]
program = "/bin/bash"
args = ["--norc"]
idleTimeoutMs = 60_000
maxIdleTimeoutMs = 7_200_000
outputBufferBytes = 65536
outputBufferingMode = "Drop"
maxShells = 4
maxShellsPerUser = 2
[gateway]
maxConnections = 10
allowedOrigins = ["https://admin.example"]
[access]
permitRoot = false
allowUsers = ["ann", "adm-*", "@staff"]
denyUsers = ["@contractors"]
administrators = ["ann"]
[log]
file = "/var/log/holdfast.log"
level = "warn"
[metrics]
address = "unix:/run/holdfast/metrics.sock"
allowRemote = false
[host]
certificate = "/etc/ssh/ssh_host_ed25519_key-cert.pub"
[hosts]
start = "setpriv"
`;
const SHELL_TOML = `escapeKey = "ctrl-]"
[prompt]
session = "{user}@{host}:{cwd}> "
local = '{cwd}> '
[hosts.srv1]
url = "wss://10.0.0.1:7433/"
user = "ann"
identity = "~/.ssh/id_ed25519"
hostKey = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
[hosts."srv2.example.org"]
url = "wss://srv2.example.org"
`;

function makeConfigurations(): void {
  save('toml', 'agent', AGENT_TOML);
  save('toml', 'shell', SHELL_TOML);
  save(
    'toml',
    'other-forms',
    `a = 1979-05-27T07:32:00Z\n"quoted key" = '''\nlines\n'''\n[[x]]\nn = [1, 0xff, -inf]\ny.z = {a = 1}\n`,
  );
}

function save(target: string, name: string, bytes: string | Buffer): void {
  mkdirSync(join(CORPUS, target), { recursive: true });
  writeFileSync(join(CORPUS, target, name), bytes);
}

/** A real session, seen by a relay in between: its frames, and each kind of message. */
async function recordSession(): Promise<void> {
  await using host = await TestHost.start();
  const asked = new Map<number, string>();
  const seen = new Set<string>();
  const record = (side: string) => {
    let stream = Buffer.alloc(0);
    let number = 0;
    return (bytes: Buffer): void => {
      const frame = decodeFrame(bytes);
      const shown = scrubbed(frameOnStream(bytes));
      if (stream.length + shown.length <= MOST_BYTES) stream = Buffer.concat([stream, shown]);
      else if (number < 4 && stream.length > 0) {
        save('frames', `${side}-${number++}`, stream);
        stream = Buffer.alloc(0);
      }
      if (frame.kind !== FrameKind.control) return;
      const message = JSON.parse(scrubbed(frame.payload).toString()) as RawMessage;
      let name = message.type;
      if (message.type === 'reply' || message.type === 'error') {
        name = `${message.type}.${asked.get(message.id ?? 0)}`;
        // The target asks just this of it, as its first request.
        Object.assign(message, { id: 1, of: asked.get(message.id ?? 0) });
      } else if (message.id !== undefined) asked.set(message.id, message.type);
      if (seen.has(name)) return;
      seen.add(name);
      save(message.type.startsWith('hello') ? 'host-greetings' : 'messages', name, JSON.stringify(message));
    };
  };
  const relay = createServer((near) => relayFrames(near, connect(host.socket), record('client'), record('host')));
  const path = join(scratch, 'relay.sock');
  relay.listen(path);
  const client = await HostClient.connect(path);
  await useSession(client);
  client.close();
  relay.close();
}

async function useSession(client: HostClient): Promise<void> {
  const session = await client.open({ name: 'work', environment: { ...testEnvironment(), LC_ALL: 'C.UTF-8' } });
  const { channel, instanceId } = session;
  const ask = client.link;
  const ignored = (): undefined => undefined;
  await session.event('session.ready');
  await client.show(session);
  await client.run(session, 'echo hello; ls /');
  await ask.request('session.resize', { channel, columns: 100, rows: 30 });
  await ask.request('session.echo', { channel });
  await ask.request('command.complete', { channel, line: 'ls /us', point: 6 });
  const streams = { arguments: ['a'], input: 'x' };
  const commandId = randomUUID();
  await ask.request('command.run', { channel, commandId, text: 'cat', prompt: '$ ', shown: 'cat', streams });
  await session.event('command.ended', (event) => event.commandId === commandId);
  await ask.request('session.interrupt', { channel, interruptId: randomUUID() });
  await ask.request('session.hide', { channel });
  await ask.request('session.update', { instanceId, channel, name: 'named', temporary: false });
  await ask.request('session.list', {});
  await ask.request('agent.status', {});
  await ask.request('agent.configurations', {});
  const [out, err] = [client.newChannel().channel, client.newChannel().channel];
  const exec = { execId: randomUUID(), text: 'cat', environment: {}, cwd: '/', limit: 65_536, attempt: 1 };
  await ask.request('exec.start', { channel: out, errorChannel: err, ...exec });
  await ask.request('channel.end', { channel: out, at: 0 });
  await ask.request('exec.signal', { channel: out, signal: 'TERM' }).catch(ignored);
  await client.resume(1);
  await ask.request('session.detach', { instanceId, channel, idleTimeoutMs: 60_000, outputBufferingMode: 'Drop' });
  const again = client.newChannel().channel;
  await ask.request('session.connect', {
    channel: again,
    instanceId,
    force: true,
    connectId: randomUUID(),
    attempt: 1,
  });
  await ask.request('session.stop', { instanceId, channel: again });
  await ask.request('session.stop', { instanceId: randomUUID() }).catch(ignored);
  await ask.request('connection.goodbye', {});
}

function relayFrames(near: Socket, far: Socket, onNear: (frame: Buffer) => void, onFar: (frame: Buffer) => void): void {
  const [client, host] = [new StreamTransport(near), new StreamTransport(far)];
  client.onFrame = (frame) => (onNear(frame), void host.send(frame));
  host.onFrame = (frame) => (onFar(frame), void client.send(frame));
  client.onClose = () => host.terminate();
  host.onClose = () => client.terminate();
}

/** Nothing of the machine, in the same number of bytes. */
function scrubbed(bytes: Buffer): Buffer {
  const machine = [hostname(), tmpdir(), scratch, process.cwd(), process.env['HOME'] ?? ''].filter(
    (name) => name.length > 3,
  );
  let text = bytes.toString('latin1');
  for (const name of machine) text = text.replaceAll(name, 'x'.repeat(name.length));
  return Buffer.from(
    text.replaceAll(/hf-[a-z]+-[A-Za-z0-9]{6}/g, (name) => 'y'.repeat(name.length)),
    'latin1',
  );
}

/** Public keys of each type, and the files that name them. */
function makeKeyFiles(): void {
  const keygen = (...args: string[]): string =>
    execFileSync('ssh-keygen', ['-q', ...args], { cwd: scratch, encoding: 'utf8' });
  const kinds: [string, string][] = [
    ['ed25519', ''],
    ['rsa', '2048'],
    ['ecdsa', '256'],
    ['ecdsa', '384'],
    ['ecdsa', '521'],
  ];
  for (const [type, bits] of kinds) {
    keygen(
      '-t',
      type,
      ...(bits === '' ? [] : ['-b', bits]),
      '-N',
      '',
      '-C',
      `${type}${bits}@srv1`,
      '-f',
      `id_${type}${bits}`,
    );
  }
  keygen('-s', 'id_ed25519', '-I', 'ann', '-n', 'ann,ops', '-V', '20200101:20400101', 'id_ecdsa256.pub');
  const keys = readdirSync(scratch).filter((name) => name.endsWith('.pub'));
  const read = (name: string): string => readFileSync(join(scratch, name), 'utf8').trim();
  for (const name of keys) {
    const line = read(name);
    const blob = Buffer.from(line.split(' ')[1] ?? '', 'base64');
    save('public-keys', name, blob);
    if (name === 'id_rsa2048.pub') continue;
    save('authorized-keys', name, `${line}\n`);
    save('known-hosts', name, `srv1,10.0.0.1 ${line}\n`);
  }
  const ed25519 = read('id_ed25519.pub');
  const ecdsa = read('id_ecdsa256.pub');
  OPTIONS.forEach((options, index) => save('authorized-keys', `options-${index}`, `${options} ${ed25519}\n`));
  save('authorized-keys', 'several', `# keys\n\n${ecdsa}\nrestrict ${ed25519}\r\n${ed25519}\nnonsense\n`);
  save('known-hosts', 'several', KNOWN_HOSTS.map((name) => `${name} ${ed25519}\n`).join(''));
  writeFileSync(join(scratch, 'known'), `srv1 ${ed25519}\n[srv2]:7433 ${ecdsa}\n`);
  keygen('-H', '-f', 'known');
  save('known-hosts', 'hashed', readFileSync(join(scratch, 'known')));
}

try {
  await recordSession();
  makeKeyFiles();
  makeConfigurations();
  for (const [name, lines] of await recordHandshakes()) save('handshake', name, lines);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
