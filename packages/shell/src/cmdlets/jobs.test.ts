import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { LocalMachine } from '../cli/testing/local-machine.ts';
import { TestClient } from './testing/test-client.ts';

const machine = new LocalMachine();
let client = new TestClient(machine.environment);
const run = (line: string): ReturnType<TestClient['run']> => client.run(line);

beforeEach(() => {
  client = new TestClient(machine.environment);
});

afterEach(async () => {
  await client.remoting.goodbyeAll();
  rmSync(`${machine.home}/go`, { force: true });
});

afterAll(() => machine[Symbol.asyncDispose]());

const HEADING = [
  'Id Name PSJobTypeName State HasMoreData Location Command',
  '-- ---- ------------- ----- ----------- -------- -------',
];

/** Runs until the test lets it go. */
const WAITING = 'echo begun; until [ -e ~/go ]; do sleep 0.01; done; echo done';

test('a job has a child for each host, and gives each line once', async () => {
  expect(await run('$j = Invoke-Command localhost, . { echo here } -AsJob; $j')).toEqual({
    output: [...HEADING, '1 Job1 RemoteJob Running True localhost,. echo here'],
    errors: [],
  });
  expect((await run('$j | Wait-Job')).output).toEqual([
    ...HEADING,
    '1 Job1 RemoteJob Completed True localhost,. echo here',
  ]);
  expect((await run('$j.ChildJobs')).output).toEqual([
    ...HEADING,
    '2 Job2 Completed True localhost echo here',
    '3 Job3 Completed True . echo here',
  ]);
  expect((await run('Receive-Job -Name Job3 -Keep')).output).toEqual(['.: here']);
  expect((await run('(Receive-Job $j -Keep).PSComputerName')).output.toSorted()).toEqual(['.', 'localhost']);
  expect((await run('Receive-Job -Id 1')).output.toSorted()).toEqual(['.: here', 'localhost: here']);
  expect(await run('Receive-Job 1')).toEqual({ output: [], errors: [] });
  expect((await run('(Get-Job).HasMoreData')).output).toEqual(['False']);
});

test('a failed target is an error of the job, and its child tells why', async () => {
  await run('Invoke-Command localhost { echo wrong >&2; exit 3 } -JobName Backup | Wait-Job');
  expect((await run('Get-Job -State Failed')).output.at(-1)).toBe(
    '1 Backup RemoteJob Failed True localhost echo wrong >&2; exit 3',
  );
  expect((await run('(Get-Job Backup).JobStateInfo.Reason; (Get-Job Job2).JobStateInfo.Reason')).output).toEqual([
    'The command ended with exit status 3',
  ]);
  expect(await run('Get-Job | Receive-Job')).toEqual({
    output: [],
    errors: ['wrong', 'The command ended with exit status 3'],
  });
  expect((await run('(Get-Job Job2).Error.Count')).output).toEqual(['2']);
});

test('what is under way can be received, waited for with a limit, and followed to its end', async () => {
  await run(`$j = Invoke-Command localhost { ${WAITING} } -AsJob`);
  await expect.poll(async () => (await run('Receive-Job $j')).output).toEqual(['begun']);
  expect(await run('Wait-Job $j -Timeout 0')).toEqual({ output: [], errors: [] });
  const following = run('Receive-Job $j -Wait -AutoRemoveJob');
  await client.remoting
    .connection('localhost')
    .then((connection) => connection.run('touch ~/go', { onStdout: () => undefined, onStderr: () => undefined }));
  expect(await following).toEqual({ output: ['done'], errors: [] });
  expect((await run('Get-Job')).output).toEqual([]);
});

test('of two jobs in one session begun at once the second fails, and the first loses nothing', async () => {
  await run('$s = New-PSSession');
  await run(
    '$a = Invoke-Command $s { echo one; sleep 0.1; echo two } -AsJob; $b = Invoke-Command $s { echo x } -AsJob',
  );
  await run('$a, $b | Wait-Job');
  expect((await run('$a | Receive-Job')).output).toEqual(['one', 'two']);
  expect((await run('$a.State; $b.State')).output).toEqual(['Completed', 'Failed']);
});

test("a session's job keeps it busy, and a second one there fails", async () => {
  await run(`$s = New-PSSession -Name work; $j = Invoke-Command $s { ${WAITING} } -AsJob`);
  await expect.poll(async () => (await run('Receive-Job $j')).output).toEqual(['begun']);
  expect((await run('Invoke-Command $s { echo x }')).errors[0]).toMatch(
    /^Invoke-Command : The session work, \S+, localhost is not available to run commands\. The session availability is Busy\.$/u,
  );
  expect((await run('Invoke-Command $s { echo x } -AsJob | Wait-Job | Receive-Job')).errors).toEqual([
    'Receive-Job : The pipeline was not run because a pipeline is already running. Pipelines cannot be run concurrently.',
  ]);
  await run('Invoke-Command localhost { touch ~/go }');
  expect((await run('$j | Receive-Job -Wait')).output).toEqual(['done']);
});

test('a job is stopped, and removed when it has ended', async () => {
  await run(`$s = New-PSSession; $j = Invoke-Command $s { sh -c "echo begun; exec sleep 60" } -AsJob`);
  await expect.poll(async () => (await run('Receive-Job $j -Keep')).output).toEqual(['begun']);
  expect((await run('Remove-Job $j; Remove-Job -Name Job2')).errors).toEqual([
    'Remove-Job : The command cannot remove the job with the job ID 1 because the job is not finished. To remove the job, first stop the job, or use the Force parameter.',
    'Remove-Job : The command cannot remove the job because it does not exist or because it is a child job. Child jobs can be removed only by removing the parent job.',
  ]);
  expect((await run('($j | Stop-Job -PassThru).State')).output).toEqual(['Stopped']);
  expect((await run('(Receive-Job $j)[0]; Invoke-Command $s { echo here }')).output).toEqual(['begun', 'here']);
  await run('Get-Job | Remove-Job; Invoke-Command localhost { sleep 60 } -AsJob | Remove-Job -Force');
  expect(await run('Get-Job')).toEqual({ output: [], errors: [] });
});

test.each([
  [
    'Get-Job -Id 9',
    'Get-Job : The command cannot find a job with the job ID 9. Verify the value of the Id parameter and then try the command again.',
  ],
  [
    'Wait-Job -Name nosuch',
    'Wait-Job : The command cannot find the job because the job name nosuch was not found. Verify the value of the Name parameter, and then try the command again.',
  ],
  ['Receive-Job -Id 9 -Force', 'Receive-Job : The -Force parameter cannot be used without the -Wait parameter.'],
  [
    'Receive-Job -Id 9 -AutoRemoveJob',
    'Receive-Job : The -AutoRemoveJob parameter cannot be used without the -Wait parameter',
  ],
  ['Wait-Job', 'Wait-Job : Cannot process command because of one or more missing mandatory parameters: Job.'],
])('%s', async (line, error) => {
  expect(await run(line)).toEqual({ output: [], errors: [error] });
});

test('jobs are chosen by their command, their properties and their times', async () => {
  await run('Invoke-Command localhost { echo one } -JobName first | Wait-Job');
  await run('Invoke-Command localhost { echo two; exit 3 } -JobName second | Wait-Job');
  await run(`Invoke-Command localhost { ${WAITING} } -JobName third`);
  const names = async (line: string): Promise<string[]> => (await run(`(${line}).Name`)).output;
  expect(await names('Get-Job -Command "echo t*"')).toEqual(['second']);
  expect(await names("[pscustomobject]@{Command='echo t*'} | Get-Job")).toEqual(['second']);
  expect(await names("Get-Job @{State='failed'; Location='local*'}")).toEqual(['second']);
  expect(await names("Get-Job -Filter @{Name='first','third'}")).toEqual(['first', 'third']);
  expect(await names('Get-Job Failed')).toEqual([]);
  expect(await names('Get-Job -HasMoreData $true -Newest 2')).toEqual(['second', 'third']);
  await run('Receive-Job -Name first');
  expect(await names('Get-Job -HasMoreData $false')).toEqual(['first']);
  expect(await names('Get-Job -Before (Get-Job second).PSEndTime')).toEqual(['first']);
  expect(await names('Get-Job -After (Get-Job first).PSEndTime')).toEqual(['second']);
  expect(await names('Get-Job -Name second -ChildJobState Failed')).toEqual(['second', 'Job4']);
  expect((await run("Get-Job -Filter @{Colour='red'}")).errors).toEqual([
    "Get-Job : Jobs have no property 'Colour': Id, Name, InstanceId, State, HasMoreData, Location and Command are theirs.",
  ]);
  expect(await names("[pscustomobject]@{Name='second'} | Wait-Job")).toEqual(['second']);
  await run("Stop-Job -Filter @{Name='third'}; Remove-Job -Command 'echo one'; Remove-Job -State Stopped");
  expect(await names('Get-Job')).toEqual(['second']);
});
