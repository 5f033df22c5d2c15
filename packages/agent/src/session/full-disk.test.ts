import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SmallDisk } from '../../../../test/support/small-disk.ts';
import { TestProgram } from '../testing/test-program.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-disk-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program whose output log has `disk`, 128 KiB of memory, and tries a disk that failed every 50 ms. */
function start(mode: 'Drop' | 'Block'): TestProgram {
  return new TestProgram({
    outputFolder: folder,
    mode,
    settings: { outputMemoryBytes: 128 * KiB, diskRetryMs: 50 },
  });
}

/** Whole lines that are numbers; the first line may be cut. */
function counted(text: string): number[] {
  return text
    .split('\r\n')
    .slice(1, -1)
    .filter((line) => /^\d+$/.test(line))
    .map(Number);
}

function expectConsecutive(numbers: readonly number[]): void {
  const [first = 0] = numbers;
  expect(numbers.findIndex((number, index) => number !== first + index)).toBe(-1);
}

function problems({ seen }: TestProgram): (string | undefined)[] {
  return seen.flatMap((event) => (event.type === 'disk.changed' ? [event.problem] : []));
}

/** A failure of the disk is told again only when it had recovered. */
function expectToldOnce(testing: TestProgram): void {
  const told = problems(testing);
  expect(told.length).toBeGreaterThan(0);
  expect(told.map((problem, index) => (problem !== undefined) === (index % 2 === 0))).not.toContain(false);
}

describe('a session on a full disk', () => {
  test('Block: the program waits, one event says so, and it goes on when there is room', async () => {
    using disk = new SmallDisk(folder, 4 * MiB);
    await using testing = start('Block');
    const { program } = testing;
    await testing.event('session.ready');
    disk.fill();
    const commandId = randomUUID();
    program.run(commandId, 'echo; seq 200000');
    await testing.event('disk.changed');
    await expect.poll(() => program.output.full, { timeout: 20_000 }).toBe(true);
    expect(program.output.end).toBeLessThan(512 * KiB);
    expect(program.kept.diskProblem).toBe('the disk is full (make room there)');

    disk.empty();
    const ended = await testing.event('command.ended', (event) => event.commandId === commandId);
    await testing.until(() => problems(testing).length === 2);
    const numbers = counted(testing.log(0, ended.at));
    expect([numbers.length, program.kept.diskProblem]).toEqual([200_000, undefined]);
    expectConsecutive(numbers);
    expect(problems(testing)).toEqual(['the disk is full (make room there)', undefined]);
  });

  test('Drop: the oldest goes, its gap is told, and the rest is right, whoever filled the disk', async () => {
    using _disk = new SmallDisk(folder, 2 * MiB);
    await using testing = start('Drop');
    const { program } = testing;
    await testing.event('session.ready');
    const commandId = randomUUID();
    // More than the disk holds: the log fills it by itself.
    program.run(commandId, 'echo; seq 1000000 1499999');
    await testing.event('output.dropped');
    const ended = await testing.event('command.ended', (event) => event.commandId === commandId);
    const gaps = testing.seen.filter((event) => event.type === 'output.dropped');
    expect(gaps.every((gap, index) => gap.at === (gaps[index - 1]?.to ?? 0))).toBe(true);
    const { start: from } = program.output;
    expect([from, ended.at - from < 3 * MiB]).toEqual([gaps.at(-1)?.to, true]);
    const numbers = counted(testing.log(from, ended.at));
    expect(numbers.at(-1)).toBe(1_499_999);
    expectConsecutive(numbers);
    expectToldOnce(testing);
  });

  test('somebody who looks misses nothing: what was delivered gives room', async () => {
    using _disk = new SmallDisk(folder, 2 * MiB);
    await using testing = start('Block');
    const { program } = testing;
    await testing.event('session.ready');
    testing.backlogBytes = 0;
    const commandId = randomUUID();
    program.run(commandId, 'echo; seq 1000000 1499999');
    const pieces: string[] = [];
    let read = 0;
    const readOn = (): void => {
      pieces.push(testing.log(read));
      read = program.output.end;
      program.output.deliver(read);
      program.pace();
    };
    await testing.until(() => {
      readOn();
      return testing.seen.some((event) => event.type === 'command.ended');
    });
    readOn();
    const numbers = counted(pieces.join(''));
    expect(numbers.length).toBe(500_000);
    expectConsecutive(numbers);
    expectToldOnce(testing);
  });
});
