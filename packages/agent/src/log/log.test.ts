import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AgentProcess } from '../gateway/testing/agent-process.ts';
import { TestHome } from '../gateway/testing/test-gateway.ts';
import { eachLine } from './each-line.ts';
import { openDescriptor, openFile } from './log-output.ts';
import { openLog } from './log-settings.ts';
import { createLog } from './log.ts';

const LOG_FIXTURE = fileURLToPath(new URL('testing/log-lines.fixture.ts', import.meta.url));

let folder: string;
const opened: number[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-log-'));
});

afterEach(() => {
  for (const descriptor of opened.splice(0)) closeSync(descriptor);
  rmSync(folder, { recursive: true, force: true });
});

function open(file: string, flags: string | number): number {
  const descriptor = openSync(file, flags);
  opened.push(descriptor);
  return descriptor;
}

function linesOf(file: string): unknown[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line): unknown => JSON.parse(line));
}

describe('createLog()', () => {
  test('writes one JSON object a line, with its time and level', () => {
    const file = path.join(folder, 'log');
    const log = createLog(openDescriptor(open(file, 'a')));
    log('client.refused', { reason: 'a\nb', port: 3, user: undefined });
    log('gateway.stopped');
    const time = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(linesOf(file)).toEqual([
      { time, level: 'warn', event: 'client.refused', reason: 'a\nb', port: 3 },
      { time, level: 'info', event: 'gateway.stopped' },
    ]);
  });

  test('shares a file with whoever else writes to it', () => {
    const file = path.join(folder, 'log');
    const descriptor = open(file, 'w');
    const log = createLog(openDescriptor(descriptor));
    log('gateway.started');
    writeSync(descriptor, '"listening"\n');
    log('gateway.stopped');
    expect(linesOf(file)).toMatchObject([{ event: 'gateway.started' }, 'listening', { event: 'gateway.stopped' }]);
  });

  test('leaves out what is below its level, and the value of what would be a secret', () => {
    const file = path.join(folder, 'log');
    const log = createLog(openFile(file), 'warn');
    log('gateway.started');
    log('error', { ticket: 'abc', secret: 'def', message: 'it failed' });
    expect(linesOf(file)).toMatchObject([{ ticket: '[not logged]', secret: '[not logged]', message: 'it failed' }]);
  });

  test('neither waits nor fails when nobody reads its pipe, and says later how many lines were lost', () => {
    const fifo = path.join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const reader = open(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    const log = createLog(openDescriptor(open(fifo, 'w')));
    for (let line = 0; line < 10_000; line += 1) log('client.refused', { line });
    const buffer = Buffer.alloc(4 * 1024 * 1024);
    const first = buffer.toString('utf8', 0, readSync(reader, buffer)).trimEnd().split('\n');
    log('after');
    const last: unknown = JSON.parse(buffer.toString('utf8', 0, readSync(reader, buffer)));
    const lost = 10_000 - first.filter((line) => line.endsWith('}')).length;
    expect(last).toMatchObject({ event: 'after', droppedLines: lost });
    expect(log.droppedLines).toBe(lost);
  });

  test('nor when nobody reads its socket, as the journal is one', async () => {
    // Node's pipes to children are sockets. The child says on its channel how far it got, and nobody has read its log.
    const child = spawn(process.execPath, [LOG_FIXTURE, '10000'], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const stderr = child.stderr as unknown as Readable;
    stderr.pause();
    const [told] = await once(child, 'message');
    let text = '';
    stderr.on('data', (data: Buffer) => {
      text += data.toString();
      // It logs once more, and ends, when this has been read.
      if (child.connected && text.length > 100_000) child.disconnect();
    });
    const ended = once(stderr, 'end');
    stderr.resume();
    await ended;
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line): { event: string; droppedLines?: number } => JSON.parse(line));
    const { dropped } = told as { dropped: number };
    expect(dropped).toBeGreaterThan(1000);
    expect(lines.at(-1)).toMatchObject({ event: 'after', droppedLines: dropped });
    expect(lines).toHaveLength(10_000 - dropped + 1);
  });
});

test('eachLine() gives on whole lines, and none that is too long', async () => {
  const lines: string[] = [];
  const stream = Readable.from(['one\ntw', 'o\n', 'x'.repeat(9), 'y'.repeat(9), '\nfour\nunfinished']);
  eachLine(stream, 10, (line) => lines.push(line));
  await once(stream, 'end');
  expect(lines).toEqual(['one\n', 'two\n', 'four\n']);
});

describe('[log]', () => {
  test('a file gets the log of monitor or gateway, and SIGHUP opens it anew for whoever rotated it', async () => {
    using home = new TestHome();
    const file = path.join(home.folder, 'agent.log');
    const config = path.join(home.folder, 'agent.toml');
    writeFileSync(config, `[log]\nfile = "${file}"\n`);
    await using agent = await AgentProcess.start(home, ['--config', config]);
    expect(linesOf(file)).toMatchObject([{ level: 'info', event: 'gateway.started' }]);
    expect(agent.log).toBe('');
    renameSync(file, `${file}.1`);
    process.kill(agent.pid, 'SIGHUP');
    await expect.poll(() => execFileSync('ls', [home.folder], { encoding: 'utf8' })).toMatch(/^agent\.log$/m);
    await agent.stop('SIGTERM');
    expect(linesOf(file)).toMatchObject([{ event: 'gateway.stopped' }]);
    expect(linesOf(`${file}.1`)).toHaveLength(1);
  });

  test('says what is wrong with it', () => {
    const file = path.join(folder, 'agent.toml');
    for (const [table, message] of [
      ['file = "agent.log"', /\[log\] of .*: file: it must be a whole path/],
      ['level = "loud"', /\[log\] of .*: level: /],
      [`file = "${folder}"`, /\[log\] file: EISDIR/],
    ] as const) {
      writeFileSync(file, `[log]\n${table}\n`);
      expect(() => openLog(file)).toThrow(message);
    }
  });
});
