import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { LocalMachine } from '../cli/testing/local-machine.ts';
import { HostsFile } from '../client/hosts.ts';
import { Remoting } from '../client/remoting.ts';
import { RemoteText } from '../runtime/remote-text.ts';
import { Runspace } from '../runtime/runspace.ts';
import { RecordingHost } from '../runtime/testing/recording-host.ts';

const machine = new LocalMachine();
const folder = mkdtempSync(join(tmpdir(), 'hf-invoke-'));

let host = new RecordingHost();
let remoting = new Remoting({ environment: machine.environment, hosts: new HostsFile() });
let runspace = new Runspace({ remoting, host });

async function run(
  line: string,
  signal = new AbortController().signal,
): Promise<{ output: string[]; errors: string[] }> {
  await runspace.run(line, signal);
  return host.take();
}

async function values(line: string): Promise<unknown[]> {
  await run(`$__results = @(${line})`);
  return runspace.scope.get('__results') as unknown[];
}

beforeEach(() => {
  host = new RecordingHost();
  remoting = new Remoting({ environment: machine.environment, hosts: new HostsFile() });
  runspace = new Runspace({ remoting, host });
});

afterEach(async () => {
  await remoting.goodbyeAll();
});

afterAll(async () => {
  await machine[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test('a block runs verbatim in a login shell of the host, line by line', async () => {
  const block = String.raw`for i in 1 2; do echo "$i: $((i * 2)) \$x"; done | tr a-z A-Z; [ -t 1 ] || echo 'no tty' # it's so`;
  expect(await run(`Invoke-Command -ComputerName localhost { ${block}\n }`)).toEqual({
    output: ['1: 2 $X', '2: 4 $X', 'no tty'],
    errors: [],
  });
  expect(runspace.exitCode).toBe(0);
});

test('lines of output carry the host they came from', async () => {
  const [line, ...others] = await values('icm localhost { echo one }');
  expect(others).toEqual([]);
  expect(line).toBeInstanceOf(RemoteText);
  expect(String(line)).toBe('one');
  expect(line).toMatchObject({ PSComputerName: 'localhost', PSShowComputerName: true });
  expect(await values('(icm localhost { echo one }).PSComputerName')).toEqual(['localhost']);
  const uses =
    "$x.ToUpper(); $x -eq 'one'; 'one' -eq $x; $x -match 'n'; $x + 2; $x.Length; 1 + (icm localhost { echo 2 })";
  expect((await run(`$x = icm localhost { echo one }; ${uses}`)).output).toEqual([
    'ONE',
    'True',
    'True',
    'True',
    'one2',
    '3',
    '3',
  ]);
});

test('standard error and an exit status are errors of the target', async () => {
  expect(await run('Invoke-Command localhost { echo out; echo wrong >&2; exit 3 }')).toEqual({
    output: ['out'],
    errors: ['wrong', 'The command ended with exit status 3'],
  });
  expect(runspace.errors[1]).toMatchObject({ id: 'NativeCommandErrorMessage', target: 'localhost' });
  expect(runspace.exitCode).toBe(3);
  expect(await run('Invoke-Command localhost { exit 3 } -ErrorAction Ignore')).toEqual({ output: [], errors: [] });
});

test('several hosts are labelled, unless the names are hidden', async () => {
  const both = await run('Invoke-Command -ComputerName localhost, . { echo here; echo bad >&2 }');
  expect(both.output.toSorted()).toEqual(['.: here', 'localhost: here']);
  expect(both.errors.toSorted()).toEqual(['[.] bad', '[localhost] bad']);
  const hidden = await run('Invoke-Command -ComputerName localhost, . { echo here } -HideComputerName');
  expect(hidden).toEqual({ output: ['here', 'here'], errors: [] });
});

test('a host that cannot be reached is an error of its own', async () => {
  const { output, errors } = await run('Invoke-Command 127.0.0.1:1, localhost { echo here }');
  expect(output).toEqual(['localhost: here']);
  expect(errors).toEqual([
    expect.stringMatching(
      /^\[127\.0\.0\.1:1\] Connecting to remote server 127\.0\.0\.1:1 failed with the following error message : /u,
    ),
  ]);
});

test('arguments, $Using: and the pipeline reach the shell', async () => {
  expect((await run(`Invoke-Command localhost { echo "$#: $1, $2" } -ArgumentList "it's", 'b c'`)).output).toEqual([
    "2: it's, b c",
  ]);
  expect((await run('$Log = "a b"; Invoke-Command localhost { echo "$Using:Log" ${using:log} }')).output).toEqual([
    'a b a b',
  ]);
  expect((await run('Invoke-Command localhost { echo $Using:nothing }')).errors).toEqual([
    "Invoke-Command : The value of the using variable '$using:nothing' cannot be retrieved because it has not been set in the local session.",
  ]);
  expect((await run("'b', 'a' | Invoke-Command localhost { sort }")).output).toEqual(['a', 'b']);
});

test('a local file runs on the host, with the program that it names', async () => {
  const [shell, other] = [join(folder, 'plain.sh'), join(folder, 'other')];
  writeFileSync(shell, 'echo "plain $1"\n');
  writeFileSync(other, '#!/usr/bin/awk -f\nBEGIN { print "awk", ARGV[1] }\n');
  expect((await run(`Invoke-Command localhost -FilePath ${shell} -ArgumentList x`)).output).toEqual(['plain x']);
  expect((await run(`Invoke-Command localhost -FilePath ${other} -ArgumentList x`)).output).toEqual(['awk x']);
  expect((await run('Invoke-Command localhost -FilePath /nosuch')).errors).toEqual([
    "Invoke-Command : Cannot find path '/nosuch' because it does not exist.",
  ]);
});

test("a session's shell keeps what a block did, and has no terminal for it", async () => {
  await run('$s = New-PSSession');
  expect(await run('Invoke-Command -Session $s { cd /tmp; x=5; declare y="a b" }')).toEqual({ output: [], errors: [] });
  expect(await run('Invoke-Command $s { echo "$x $y $PWD $#"; [ -t 1 ] || echo no tty; cat }')).toEqual({
    output: ['5 a b /tmp 0', 'no tty'],
    errors: [],
  });
  expect(
    await run(`Invoke-Command $s { printf 'no end: %s' "$1"; ls /nosuch; (exit 4) } -ArgumentList "it's"`),
  ).toEqual({
    output: ["no end: it's"],
    errors: [expect.stringContaining('/nosuch'), 'The command ended with exit status 4'],
  });
  expect((await run("'b', 'a' | Invoke-Command $s { sort; echo $Using:s }")).output).toEqual([
    'a',
    'b',
    '[PSSession]Session1',
  ]);
  expect((await run('Invoke-Command $s { if }')).errors[0]).toContain('syntax error');
  expect((await run('(Invoke-Command $s { seq 1 100000 }).Count')).output).toEqual(['100000']);
});

test('exit ends the block and not the session, exec ends the session, and the output is there', async () => {
  await run('$s = New-PSSession');
  expect(await run('Invoke-Command $s { x=5; f() { exit 3; }; echo last words; f; echo never }')).toEqual({
    output: ['last words'],
    errors: ['The command ended with exit status 3'],
  });
  expect(await run('Invoke-Command $s { echo $x; exec sh -c "exit 4" }')).toEqual({
    output: ['5'],
    errors: ['[localhost] The shell ended with status 4'],
  });
  expect((await run('$s.State')).output).toEqual(['Closed']);
});

test('several sessions work side by side', async () => {
  await run('$s = New-PSSession localhost, localhost -Name a, b');
  const { output, errors } = await run('Invoke-Command $s { echo $((1 + 1)) }');
  expect({ output, errors }).toEqual({ output: ['localhost: 2', 'localhost: 2'], errors: [] });
});

test('a session that is not open or not free is refused in the words of PowerShell', async () => {
  await run('$open = New-PSSession -Name open; $gone = New-PSSession -Name gone; Disconnect-PSSession $gone');
  const { output, errors } = await run('Invoke-Command -Session $open, $gone { echo here } -HideComputerName');
  const id = remoting.sessions.find(({ Name }) => Name === 'gone')?.InstanceId;
  const refusal = `Invoke-Command : Because the session state for session gone, ${id}, localhost is not equal to Open, you cannot run a command in the session. The session state is Disconnected.`;
  expect({ output, errors }).toEqual({ output: ['here'], errors: [refusal] });
  expect((await run('Invoke-Command -Session $gone { echo here }')).errors).toEqual([
    refusal,
    'Invoke-Command : No valid sessions were specified. Ensure you provide valid sessions that are in the Opened state and are available to run commands.',
  ]);
  await run('Remove-PSSession $gone');
});

test('a stop reaches every target, and leaves a session usable', async () => {
  await run('$s = New-PSSession');
  for (const target of ['$s', 'localhost, .']) {
    const stop = new AbortController();
    // Said by a program: bash loses an interrupt that comes between its fork and exec.
    const running = run(`Invoke-Command ${target} { sh -c "echo started; exec sleep 60" }`, stop.signal);
    await expect.poll(() => host.output).toContain('started');
    stop.abort();
    await running;
    expect(runspace.lastStatus).toBe(130);
    host.take();
  }
  expect(await run('Invoke-Command $s { echo here }')).toEqual({ output: ['here'], errors: [] });
});

test('whoever has enough ends the command', async () => {
  expect(await run('Invoke-Command localhost { yes } | Select-Object -First 2')).toEqual({
    output: ['y', 'y'],
    errors: [],
  });
});

test('without a target the block is code of this language', async () => {
  expect((await run('Invoke-Command { $x = 1; $args[0] + 1 } -ArgumentList 4; "x: $x"')).output).toEqual(['5', 'x:']);
  expect((await run('Invoke-Command { $x = 1 } -NoNewScope; "x: $x"')).output).toEqual(['x: 1']);
});

test('one of our cmdlets in a block acts on the host, or is refused', async () => {
  await run('$s = New-PSSession -Name there');
  const row = '1 there localhost Opened default Available';
  expect((await run('Invoke-Command localhost { Get-PSSession -Name there }')).output.at(-1)).toBe(row);
  expect((await run('Invoke-Command $s { Get-PSSession -Name there }')).output.at(-1)).toBe(row);
  const list = await run('icm -ComputerName localhost {Get-PSSessionConfiguration default} | Format-List -Property *');
  expect(list.output[0]).toBe('Architecture : 64');
  expect(list.output.slice(-3)).toEqual([
    'PSComputerName : localhost',
    expect.stringMatching(/^RunspaceId : \S{36}$/u),
    'PSShowComputerName : True',
  ]);
  expect((await run('Invoke-Command localhost { Get-Job }')).errors).toEqual([
    'Invoke-Command : Get-Job would act on this machine, not on the hosts: use their own commands, or leave it out of the block',
  ]);
});
