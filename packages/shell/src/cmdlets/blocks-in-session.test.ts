import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { LocalMachine } from '../cli/testing/local-machine.ts';
import { runInSession } from '../client/run-in-session.ts';
import type { RemoteSession } from '../client/remote-session.ts';
import { TestClient } from './testing/test-client.ts';

const machine = new LocalMachine();

let client = new TestClient(machine.environment);

beforeEach(() => {
  client = new TestClient(machine.environment);
});

afterEach(() => client.remoting.goodbyeAll());

afterAll(() => machine[Symbol.asyncDispose]());

async function newSession(): Promise<RemoteSession> {
  await client.run('$s = New-PSSession');
  const remote = client.remoting.sessions[0]?.remote;
  if (remote === undefined) throw new Error('There is no session');
  return remote;
}

/** What a session's log shows, from its first byte to the last one so far. */
async function logOf(session: RemoteSession): Promise<string> {
  let log = '';
  const whole = Promise.withResolvers<void>();
  const end = session.info.outputEnd;
  const view = {
    columns: 80,
    rows: 24,
    skipEcho: false,
    onSnapshot: () => undefined,
    onEvent: () => undefined,
    onOutput: (bytes: Buffer, done: () => void) => {
      log += bytes.toString('latin1');
      done();
      if (log.length >= end) whole.resolve();
    },
  };
  await session.show(view, 'start');
  await whole.promise;
  await session.hide();
  return log;
}

test('both streams come byte for byte', async () => {
  const session = await newSession();
  const all = Buffer.from(Array.from({ length: 256 * 1024 }, (_, index) => (index * 7 + (index >> 8)) & 0xff));
  const streams: { out: Buffer[]; err: Buffer[] } = { out: [], err: [] };
  const text = `base64 -d | tee /dev/stderr`;
  await runInSession(
    session,
    { text, input: all.toString('base64') },
    { onStdout: (bytes) => void streams.out.push(bytes), onStderr: (bytes) => void streams.err.push(bytes) },
  );
  expect(Buffer.concat(streams.out).equals(all)).toBe(true);
  expect(Buffer.concat(streams.err).equals(all)).toBe(true);
});

test('100 blocks that print on both streams and end at once lose no byte, and wait for nothing', async () => {
  const session = await newSession();
  for (let run = 0; run < 100; run += 1) {
    const size = (run * run * run) % 300_007;
    const count = { out: 0, err: 0 };
    await runInSession(
      session,
      { text: `head -c ${size} /dev/zero; head -c ${size} /dev/zero >&2; sleep 100 & pids+=($!)` },
      { onStdout: ({ length }) => void (count.out += length), onStderr: ({ length }) => void (count.err += length) },
    );
    expect({ run, out: count.out }).toEqual({ run, out: size });
    // An interactive bash tells the number of a background program there.
    expect(count.err).toBeGreaterThan(size);
    expect(count.err).toBeLessThan(size + 20);
  }
  await runInSession(session, { text: 'kill "${pids[@]}"' }, { onStdout: () => undefined, onStderr: () => undefined });
});

test('the screen shows the block behind the prompt of a session, and nothing of ours', async () => {
  const session = await newSession();
  await client.run('Invoke-Command $s { cd /tmp }');
  await client.run("$v = 'w'; Invoke-Command $s { for i in 1 2\ndo echo $i $Using:v\ndone } -ArgumentList x");
  // eslint-disable-next-line no-control-regex -- what no terminal shows
  const shown = (await logOf(session)).replaceAll(/\u001b\][^\u0007]*\u0007/gu, '');
  const block = 'for i in 1 2\r\ndo echo $i $Using:v\r\ndone\r\n1 w\r\n2 w\r\n';
  expect(shown).toMatch(/^\[localhost\] \S+> cd \/tmp\r\n\[localhost\] \/tmp> for/mu);
  expect(shown.endsWith(`[localhost] /tmp> ${block}`)).toBe(true);
});

const ASKING = 'echo one; read -rsp "Password for bob: " x </dev/tty 2>/dev/tty; echo "<$x>"';

test('a block that asks at the terminal, where nobody is, fails and says what it was asked', async () => {
  await newSession();
  const nobody = 'Nobody can answer here: run it alone at a prompt of Holdfast, or enter the session';
  expect(await client.run(`Invoke-Command $s { ${ASKING} }`)).toEqual({
    output: ['one'],
    errors: ['[localhost] The command asks: Password for bob:', nobody],
  });
  expect((await client.run('$Error[0].FullyQualifiedErrorId')).output).toEqual(['TerminalNeeded']);
  expect(await client.run(`Invoke-Command $s { ${ASKING} } -AsJob | Receive-Job -Wait`)).toEqual({
    output: ['one'],
    errors: ['[localhost] The command asks: Password for bob:', nobody],
  });
  // It was interrupted: the session is free.
  expect(await client.run('Invoke-Command $s { echo here }')).toEqual({ output: ['here'], errors: [] });
});

test('a block that asks has the terminal of the prompt until it ends', async () => {
  await newSession();
  const lent: string[] = [];
  client.host.lendTerminal = ({ write }) => ({
    output: (bytes, done) => {
      lent.push(Buffer.from(bytes).toString());
      done();
    },
    begin: () => write(Buffer.from('secret\r')),
    end: () => lent.push('end'),
  });
  expect(await client.run(`Invoke-Command $s { ${ASKING} }`)).toEqual({ output: ['one', '<secret>'], errors: [] });
  expect(lent).toEqual(['Password for bob: ', 'end']);
});

test('what a block prints on the terminal is shown', async () => {
  await newSession();
  expect(await client.run('Invoke-Command $s { echo half way >/dev/tty; echo done }')).toEqual({
    output: ['done'],
    errors: ['half way'],
  });
});

test('a block that asks while nobody is connected says so to whoever receives its output', async () => {
  await client.run(`Invoke-Command localhost { ${ASKING} } -InDisconnectedSession -SessionName Asks`);
  const [said] = (await client.run('Receive-PSSession localhost -Name Asks')).errors;
  expect(said).toBe('[localhost] The command asks: Password for bob:');
  client.host.lendTerminal = ({ write }) => ({
    output: (_bytes, done) => done(),
    begin: () => write(Buffer.from('secret\r')),
    end: () => undefined,
  });
  expect(await client.run('Receive-PSSession -Name Asks')).toEqual({ output: ['<secret>'], errors: [] });
});

test('a block whose session is disconnected from elsewhere goes on, and becomes a job that gives the rest', async () => {
  const other = new TestClient(machine.environment);
  try {
    await client.run('$s = New-PSSession -Name Long');
    const instanceId = client.remoting.sessions[0]?.InstanceId ?? '';
    const running = client.run(
      'Invoke-Command $s { echo begun; printf half; until [ -e ~/go ]; do sleep 0.01; done; echo way; echo $((6 * 7)); (exit 3) }',
    );
    await expect.poll(() => client.host.output).toContain('begun');
    await (await other.remoting.connection('localhost')).detachSession(instanceId);
    const { output, errors } = await running;
    expect(output).toEqual(['begun']);
    expect(errors).toEqual([
      expect.stringMatching(
        /^WARNING: Session Long with instance ID \S{36} on computer localhost has been disconnected: \[localhost\] Disconnected by /u,
      ),
      'WARNING: Job Job1 has been created for reconnection. To go on with it: Receive-PSSession -ComputerName localhost -Name Long',
    ]);
    expect((await client.run('(Get-Job).State; $s.State')).output).toEqual(['Disconnected', 'Disconnected']);
    await other.run('Invoke-Command localhost { touch ~/go }');
    await client.run('$j = Receive-PSSession -ComputerName localhost -Name Long');
    expect(await client.run('$j | Receive-Job -Wait; $j.State')).toEqual({
      output: ['halfway', '42', 'Failed'],
      errors: ['The command ended with exit status 3'],
    });
  } finally {
    await other.remoting.goodbyeAll();
  }
});

test('a block whose session is taken by another client goes on there', async () => {
  const other = new TestClient(machine.environment);
  try {
    await client.run('$s = New-PSSession -Name Taken');
    const running = client.run('Invoke-Command $s { echo begun; sh -c "read x </dev/tty; echo \\$x" }');
    await expect.poll(() => client.host.output).toContain('begun');
    await other.run('$s = Connect-PSSession localhost -Name Taken -Force');
    expect((await running).errors[0]).toMatch(/^WARNING: Session Taken .* The session was taken by /u);
    expect((await client.run('$s.State; $s.Availability; (Get-Job).State')).output).toEqual([
      'Disconnected',
      'Busy',
      'Disconnected',
    ]);
  } finally {
    await other.run('Remove-PSSession $s');
    await other.remoting.goodbyeAll();
  }
});

test('whoever has enough of a flood ends the block, and the session is free', async () => {
  await newSession();
  expect(await client.run('Invoke-Command $s { yes | tee /dev/stderr } 2>$null | Select-Object -First 2')).toEqual({
    output: ['y', 'y'],
    errors: [],
  });
  expect(await client.run('Invoke-Command $s { echo free }')).toEqual({ output: ['free'], errors: [] });
});
