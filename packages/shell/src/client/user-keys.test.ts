import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { WireReader, sshsigData, armorSshsig, plainKey, verifySignature, type Signer } from '@holdfast/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SshAgent } from './ssh-agent.ts';
import { openKeyFile, type AskPassphrase } from './ssh-key.ts';
import { UserKeys } from './user-keys.ts';

const TYPES = ['ed25519', 'ecdsa', 'rsa'];
const PASSPHRASE = 'correct horse';
const data = sshsigData('holdfast-user@v1', Buffer.from('message'));
let made = '';
let folder = '';

beforeAll(() => {
  made = mkdtempSync(join(tmpdir(), 'made-keys-'));
  for (const type of TYPES) {
    for (const passphrase of ['', PASSPHRASE]) {
      const file = join(made, `${passphrase === '' ? '' : 'locked_'}id_${type}`);
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', `my ${type}`, '-f', file]);
    }
  }
  execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-m', 'PEM', '-N', PASSPHRASE, '-f', join(made, 'pem_locked')]);
  execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-b', '521', '-N', '', '-f', join(made, 'other')]);
});
afterAll(() => rmSync(made, { recursive: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'user-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function place(from: string, to = from): string {
  copyFileSync(join(made, from), join(folder, to));
  copyFileSync(join(made, `${from}.pub`), join(folder, `${to}.pub`));
  return join(folder, to);
}

function blobOf(name: string): Buffer {
  return Buffer.from(readFileSync(join(made, `${name}.pub`), 'utf8').split(' ')[1] ?? '', 'base64');
}

async function all(keys: UserKeys): Promise<Signer[]> {
  const found: Signer[] = [];
  for await (const key of keys) found.push(key);
  return found;
}

async function proves(key: Signer): Promise<boolean> {
  return verifySignature(key.publicKey, await key.sign(data), data);
}

function answering(...answers: (string | undefined)[]): {
  ask: AskPassphrase;
  asked: { file: string; attempt: number }[];
} {
  const asked: { file: string; attempt: number }[] = [];
  return {
    asked,
    ask: (question) => {
      asked.push(question);
      return Promise.resolve(answers.shift());
    },
  };
}

describe('openKeyFile()', () => {
  test.each(TYPES)('signs with id_%s', async (type) => {
    const key = await openKeyFile(place(`id_${type}`), undefined);
    expect(key.publicKey).toEqual(blobOf(`id_${type}`));
    expect(key.askFirst).toBeUndefined();
    expect(await proves(key)).toBe(true);
  });

  test.each([...TYPES.map((type) => `locked_id_${type}`), 'pem_locked'])(
    'asks for the passphrase of %s when it signs, once',
    async (name) => {
      const { ask, asked } = answering('wrong', PASSPHRASE);
      const file = place(name);
      const key = await openKeyFile(file, ask);
      expect(key).toMatchObject({ publicKey: blobOf(name), askFirst: true });
      expect(asked).toEqual([]);
      expect(await proves(key)).toBe(true);
      expect(await proves(key)).toBe(true);
      expect(asked).toEqual([
        { file, attempt: 1 },
        { file, attempt: 2 },
      ]);
    },
  );

  test('decrypts off the event loop', async () => {
    const key = await openKeyFile(place('locked_id_ed25519'), answering(PASSPHRASE).ask);
    let turns = 0;
    const ticker = setInterval(() => (turns += 1), 1);
    await key.sign(data);
    clearInterval(ticker);
    // Hashing the passphrase takes some 300 ms; on this thread it would take a turn or two.
    expect(turns).toBeGreaterThan(10);
  });

  test('gives up when nobody knows the passphrase', async () => {
    const file = place('locked_id_ed25519');
    const never = await openKeyFile(file, undefined);
    await expect(never.sign(data)).rejects.toMatchObject({
      id: 'KeyFileUnusable',
      message: `The key ${file} has a passphrase, and nobody can be asked for it here: run ssh-add ${file}, or connect at a terminal`,
    });
    const { ask, asked } = answering('a', 'b', 'c', PASSPHRASE);
    const wrong = await openKeyFile(file, ask);
    await expect(wrong.sign(data)).rejects.toThrow('wrong 3 times');
    expect(asked).toHaveLength(3);
    expect(await proves(wrong)).toBe(true);
    const silent = await openKeyFile(file, answering(undefined).ask);
    await expect(silent.sign(data)).rejects.toThrow('no passphrase was given');
  });

  test('says what is wrong with a file', async () => {
    const file = place('id_ed25519');
    chmodSync(file, 0o644);
    await expect(openKeyFile(file, undefined)).rejects.toThrow(`others may read it (mode 644): run chmod 600 ${file}`);
    await expect(openKeyFile(`${file}.no`, undefined)).rejects.toMatchObject({
      id: 'KeyFileUnusable',
      target: `${file}.no`,
    });
    writeFileSync(file, 'junk', { mode: 0o600 });
    chmodSync(file, 0o600);
    await expect(openKeyFile(file, undefined)).rejects.toThrow('holds no private key');
    const pem = place('pem_locked');
    rmSync(`${pem}.pub`);
    await expect(openKeyFile(pem, undefined)).rejects.toThrow(`ssh-keygen -y -f ${pem} > ${pem}.pub`);
  });

  test('works in a bundle', async () => {
    const entry = (name: string): string => join(import.meta.dirname, name);
    await build({
      entryPoints: [entry('ssh-key.ts'), entry('ssh-key-worker.ts')],
      outdir: join(folder, 'dist'),
      entryNames: '[name]',
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      external: ['cpu-features', '*.node'],
      // As tools/build.mjs has it.
      banner: {
        js: `import { createRequire as cr } from 'node:module';
          const require = cr(import.meta.url);
          const __dirname = import.meta.dirname;`,
      },
    });
    writeFileSync(join(folder, 'dist', 'package.json'), '{"type":"module"}');
    const file = place('locked_id_ecdsa');
    const program = `
      import { openKeyFile } from './ssh-key.js';
      const key = await openKeyFile(${JSON.stringify(file)}, async () => ${JSON.stringify(PASSPHRASE)});
      process.stdout.write((await key.sign(Buffer.from('${data.toString('hex')}', 'hex'))).toString('hex'));`;
    writeFileSync(join(folder, 'dist', 'main.js'), program);
    const output = execFileSync(process.execPath, [join(folder, 'dist', 'main.js')], { encoding: 'utf8' });
    expect(verifySignature(blobOf('locked_id_ecdsa'), Buffer.from(output, 'hex'), data)).toBe(true);
  });
});

let agent: ChildProcess | undefined;
let socketPath = '';

async function startAgent(...names: string[]): Promise<SshAgent> {
  socketPath = join(folder, 'agent.sock');
  const process = spawn('ssh-agent', ['-D', '-a', socketPath], { stdio: ['ignore', 'pipe', 'ignore'] });
  agent = process;
  // It says where it listens as soon as it does.
  await once(process.stdout, 'data');
  for (const name of names) add(join(made, name));
  return new SshAgent(socketPath);
}

function add(...options: string[]): void {
  execFileSync('ssh-add', ['-q', ...options], { env: { ...process.env, SSH_AUTH_SOCK: socketPath }, stdio: 'pipe' });
}

afterEach(async () => {
  if (agent === undefined) return;
  agent.kill();
  await once(agent, 'exit');
  agent = undefined;
});

describe('a real ssh-agent', () => {
  test('lists its keys and signs with each, RSA with SHA-512', async () => {
    const sshAgent = await startAgent('id_ed25519', 'id_ecdsa', 'id_rsa', 'other');
    const keys = await sshAgent.listKeys();
    expect(keys.map((key) => key.comment).slice(0, 3)).toEqual(['my ed25519', 'my ecdsa', 'my rsa']);
    for (const key of keys) {
      const signature = await key.sign(data);
      expect(verifySignature(key.publicKey, signature, data)).toBe(true);
      const type = new WireReader(key.publicKey).readText();
      if (type === 'ssh-rsa') expect(new WireReader(signature).readText()).toBe('rsa-sha2-512');
      writeFileSync(join(folder, 'allowed'), `me ${type} ${key.publicKey.toString('base64')}\n`);
      writeFileSync(join(folder, 'sig'), armorSshsig('holdfast-user@v1', key.publicKey, signature));
      const verify = ['-Y', 'verify', '-f', 'allowed', '-I', 'me', '-n', 'holdfast-user@v1', '-s', 'sig'];
      expect(execFileSync('ssh-keygen', verify, { cwd: folder, input: 'message', encoding: 'utf8' })).toMatch(/^Good/);
    }
  });

  test('keys that it does not let sign say so', async () => {
    const sshAgent = await startAgent('id_ed25519');
    const [key] = await sshAgent.listKeys();
    execFileSync('ssh-add', ['-q', '-D'], { env: { ...process.env, SSH_AUTH_SOCK: socketPath }, stdio: 'pipe' });
    await expect(key?.sign(data)).rejects.toMatchObject({
      id: 'KeyFileUnusable',
      message: expect.stringContaining('it refused'),
    });
    expect(await sshAgent.listKeys()).toEqual([]);
  });

  test('UserKeys offers its keys first, the usual ones in front, and no key twice', async () => {
    await startAgent('other', 'id_rsa');
    for (const type of TYPES) place(`id_${type}`);
    const keys = await all(new UserKeys({ agentSocket: socketPath, folder }));
    const names = ['id_rsa', 'other', 'id_ed25519', 'id_ecdsa'];
    expect(keys.map((key) => key.publicKey)).toEqual(names.map(blobOf));
    expect(keys.map((key) => key.askFirst === true)).toEqual([true, true, false, false]);
  });

  test('UserKeys takes a named key from it, and no other', async () => {
    await startAgent('other', 'id_rsa');
    execFileSync('ssh-add', ['-q', '-d', join(made, 'other.pub')], {
      env: { ...process.env, SSH_AUTH_SOCK: socketPath },
      stdio: 'pipe',
    });
    const locked = place('id_rsa', 'named');
    rmSync(locked);
    for (const identity of [locked, `${locked}.pub`]) {
      const keys = await all(new UserKeys({ identity, agentSocket: socketPath, folder }));
      expect(keys.map((key) => key.publicKey)).toEqual([blobOf('id_rsa')]);
      expect(await proves(keys[0] as Signer)).toBe(true);
    }
    const refusal = (file: string): Promise<unknown> =>
      all(new UserKeys({ identity: join(made, file), agentSocket: socketPath, folder })).catch(
        (error: unknown) => error,
      );
    expect(await refusal('absent')).toMatchObject({
      id: 'KeyFileUnusable',
      message: `The key ${join(made, 'absent')} cannot be used: there is no such file: name another as identity`,
    });
    expect(await refusal('other.pub')).toMatchObject({
      id: 'KeyFileUnusable',
      message: expect.stringMatching(/other\.pub cannot be used: it is the public half, and ssh-agent does not hold /),
    });
  });
});

describe('certificates', () => {
  /** Signs the public half of a placed key; `ssh-keygen -s` puts the certificate beside it. */
  function certify(file: string, ...options: string[]): Buffer {
    const about = ['-I', 'me@here', '-n', 'me', ...(options.length === 0 ? ['-V', '-1m:+1d'] : options)];
    execFileSync('ssh-keygen', ['-q', '-s', join(made, 'other'), ...about, `${file}.pub`], { stdio: 'pipe' });
    return Buffer.from(readFileSync(`${file}-cert.pub`, 'utf8').split(' ')[1] ?? '', 'base64');
  }

  const provesKey = async (key: Signer): Promise<boolean> =>
    verifySignature(plainKey(key.publicKey), await key.sign(data), data);

  test('beside key files are offered before the keys alone, and asked for with a passphrase just once', async () => {
    const certified = [place('id_ed25519'), place('locked_id_rsa', 'id_rsa')].map((file) => certify(file));
    const { ask, asked } = answering(PASSPHRASE);
    const keys = await all(new UserKeys({ agentSocket: '', folder, askPassphrase: ask }));
    expect(keys.map(({ publicKey }) => publicKey)).toEqual([
      certified[0],
      blobOf('id_ed25519'),
      certified[1],
      blobOf('locked_id_rsa'),
    ]);
    for (const key of keys) expect(await provesKey(key)).toBe(true);
    expect(asked).toHaveLength(1);
    const identity = join(folder, 'id_ed25519');
    const named = await all(new UserKeys({ agentSocket: '', identity }));
    expect(named.map(({ publicKey }) => publicKey)).toEqual([certified[0], blobOf('id_ed25519')]);
  });

  test('that no host would take are left out, and that is said', async () => {
    const file = place('id_ed25519');
    const keys = new UserKeys({ agentSocket: '', folder });
    const problem = async (): Promise<string> => {
      expect((await all(keys)).map(({ publicKey }) => publicKey)).toEqual([blobOf('id_ed25519')]);
      return keys.leftOut.join();
    };
    certify(file, '-V', '20200101:20200201');
    expect(await problem()).toContain(`The certificate ${file}-cert.pub is not used: The certificate expired at 2020-`);
    certify(file, '-h');
    expect(await problem()).toContain('it is one for a host');
    certify(place('id_ecdsa', 'strange'));
    copyFileSync(join(folder, 'strange-cert.pub'), `${file}-cert.pub`);
    expect(await problem()).toContain('it is of another key');
    writeFileSync(`${file}-cert.pub`, readFileSync(`${file}.pub`));
    expect(await problem()).toContain('is not used');
    certify(file);
    expect(await all(keys)).toHaveLength(2);
    expect(keys.leftOut).toEqual([]);
  });

  test('that a real ssh-agent holds are offered first, and one beside a file whose key it holds', async () => {
    const held = certify(place('id_rsa'));
    await startAgent();
    add(join(folder, 'id_rsa'));
    const beside = certify(place('id_ed25519'));
    add(join(made, 'id_ed25519'));
    const keys = await all(new UserKeys({ agentSocket: socketPath, folder }));
    const expected = [held, blobOf('id_rsa'), beside, blobOf('id_ed25519')];
    expect(keys.map(({ publicKey }) => publicKey)).toEqual(expected);
    for (const key of keys) expect(await provesKey(key)).toBe(true);
    const identity = join(folder, 'id_rsa.pub');
    const named = await all(new UserKeys({ agentSocket: socketPath, identity }));
    expect(named.map(({ publicKey }) => publicKey)).toEqual([held, blobOf('id_rsa')]);
    expect(new WireReader(await (named[0] as Signer).sign(data)).readText()).toBe('rsa-sha2-512');
  });
});

describe('an agent that misbehaves', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function fake(answer: Buffer | undefined): Promise<SshAgent> {
    const path = join(folder, 'fake.sock');
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      if (answer !== undefined) socket.end(answer);
    });
    servers.push(server);
    server.listen(path);
    await once(server, 'listening');
    // Only the one that says nothing is to run into the limit, also where the machine is slow.
    const limitMs = answer === undefined ? 100 : 30_000;
    return new SshAgent(path, { listMs: limitMs, signMs: limitMs });
  }

  test.each([
    ['says nothing', undefined, 'did not answer within 0.1 s'],
    ['hangs up', Buffer.alloc(0), 'hung up'],
    ['sends rubbish', Buffer.from('rubbish'), 'bytes'],
    ['refuses', Buffer.of(0, 0, 0, 1, 5), 'refused'],
    ['sends half a key', Buffer.of(0, 0, 0, 6, 12, 0, 0, 0, 1, 0), 'too early'],
    ['counts wrong', Buffer.of(0, 0, 0, 5, 12, 0, 0, 0, 9), 'announced 9 keys and sent 0'],
  ])('one that %s', async (_name, answer, problem) => {
    const sshAgent = await fake(answer);
    await expect(sshAgent.listKeys()).rejects.toMatchObject({
      id: 'KeyFileUnusable',
      message: expect.stringContaining(problem),
    });
  });

  test('leaves the files to be offered', async () => {
    place('id_ed25519');
    const keys = new UserKeys({ agentSocket: join(folder, 'absent.sock'), folder });
    expect((await all(keys)).map((key) => basename(key.comment))).toEqual(['id_ed25519']);
    expect(keys.leftOut).toEqual([expect.stringContaining('none listens there')]);
  });
});

describe('UserKeys from files', () => {
  test('goes on past a file that cannot be used, and tells of it', async () => {
    for (const type of TYPES) place(`id_${type}`);
    chmodSync(join(folder, 'id_ecdsa'), 0o644);
    const keys = new UserKeys({ agentSocket: '', folder });
    const names = async (): Promise<string[]> => (await all(keys)).map((key) => basename(key.comment));
    expect(await names()).toEqual(['id_ed25519', 'id_rsa']);
    expect(keys.leftOut).toEqual([expect.stringContaining('id_ecdsa')]);
    chmodSync(join(folder, 'id_ecdsa'), 0o600);
    expect(await names()).toEqual(['id_ed25519', 'id_ecdsa', 'id_rsa']);
    expect(keys.leftOut).toEqual([]);
  });

  test('asks for a passphrase once, however many connections are made', async () => {
    place('locked_id_ed25519', 'id_ed25519');
    const { ask, asked } = answering(PASSPHRASE);
    const keys = new UserKeys({ agentSocket: '', folder, askPassphrase: ask });
    for (let connection = 0; connection < 2; connection++) {
      for (const key of await all(keys)) expect(await proves(key)).toBe(true);
    }
    expect(asked).toHaveLength(1);
  });

  test('has none where there are none', async () => {
    mkdirSync(join(folder, 'empty'));
    expect(await all(new UserKeys({ agentSocket: '', folder: join(folder, 'empty') }))).toEqual([]);
  });
});
