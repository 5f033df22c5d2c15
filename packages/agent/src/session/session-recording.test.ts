import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STREAM_MARK } from '@holdfast/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { needProgram } from '../../../../test/support/need-program.ts';
import { SmallDisk } from '../../../../test/support/small-disk.ts';
import { echoes } from '../terminal/line-discipline.ts';
import { readRecording, replay } from '../testing/recorded-file.ts';
import { TestProgram } from '../testing/test-program.ts';
import { SessionRecording } from './session-recording.ts';

const MiB = 1024 * 1024;
const HOUR_MS = 60 * 60 * 1000;
const FULL = 'the disk is full (make room there)';
const HEADER = { columns: 80, rows: 24, title: 'work (session 3)', terminal: 'xterm-256color', shell: '/bin/bash' };
const PICTURES = `printf '\\e[1;31m%s\\e[0m\\n' 'é€🚀 red'; printf '\\e[5;10Hhere\\e[?25l'; printf '\\xff\\n'; seq 40`;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-recording-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** @param options.flushMs as good as never by default, so that what is expected on the disk was not left to time */
function recordingIn(
  path: string,
  onFullDisk: 'stopSession' | 'stopRecording' = 'stopRecording',
  options: { flushMs?: number; maxBytes?: number } = {},
): SessionRecording {
  const { flushMs = HOUR_MS, maxBytes = 64 * MiB } = options;
  return new SessionRecording({ path, settings: { enabled: true, onFullDisk, maxBytes }, flushMs, header: HEADER });
}

async function run(testing: TestProgram, text: string, streams?: { input?: string }): Promise<void> {
  const commandId = randomUUID();
  testing.program.run(commandId, text, streams === undefined ? {} : { streams });
  await testing.event('command.ready', (event) => event.commandId === commandId);
}

describe('the recording of a session', () => {
  test('replayed, gives its screen, with its sizes, and is what its terminal printed', async () => {
    const path = join(folder, 'a.cast');
    await using testing = new TestProgram({ recording: recordingIn(path), mode: 'Drop', outputBufferBytes: 64 * 1024 });
    const { program } = testing;
    await testing.event('session.ready');
    await run(testing, PICTURES);
    program.resize(50, 12);
    await run(testing, 'echo apart; echo failed >&2', {});
    await run(testing, 'seq -w 20000; stty size');
    program.resize(100, 30);
    await run(testing, 'stty size');
    // What the policy discarded is recorded too.
    expect(testing.seen.some((event) => event.type === 'output.dropped')).toBe(true);
    const [screen, size] = [await program.screen.snapshot(), statSync(path).size];
    expect(size).toBeGreaterThan(64 * 1024);
    await program.stop();
    const recorded = readRecording(path);
    expect(recorded.header).toEqual({
      version: 2,
      width: 80,
      height: 24,
      timestamp: expect.any(Number),
      title: 'work (session 3)',
      env: { TERM: 'xterm-256color', SHELL: '/bin/bash' },
    });
    expect([recorded.torn, recorded.text.includes(STREAM_MARK)]).toEqual(['', false]);
    expect(recorded.text).toContain('apart\r\nfailed\r\n');
    expect(recorded.text).toContain('\u001b]133;C\u000700001\r\n00002\r\n');
    expect(recorded.text).toContain('\ufffd');
    expect(recorded.events.filter(([, code]) => code === 'r').map(([, , data]) => data)).toEqual(['50x12', '100x30']);
    expect(recorded.events.filter(([, code]) => code === 'm').map(([, , data]) => data)).toEqual([
      PICTURES,
      'echo apart; echo failed >&2',
      'seq -w 20000; stty size',
      'stty size',
    ]);
    const times = recorded.events.map(([seconds]) => seconds);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect((await replay(recorded)).bytes.toString()).toBe(screen.bytes.toString());
  });

  test('holds nothing of what is typed while the terminal does not echo', async () => {
    const path = join(folder, 'a.cast');
    await using testing = new TestProgram({ recording: recordingIn(path) });
    const { program } = testing;
    await testing.event('session.ready');
    const commandId = randomUUID();
    program.run(commandId, "read -s -p 'Password: ' word; echo; echo ${#word} characters; read name");
    await expect.poll(() => testing.log()).toContain('Password: ');
    await expect.poll(() => echoes(program.slavePath, 5_000)).toBe(false);
    program.type(Buffer.from('hunter2-secret\r'));
    await expect.poll(() => testing.log()).toContain('14 characters');
    await expect.poll(() => echoes(program.slavePath, 5_000)).toBe(true);
    program.type(Buffer.from('visible\r'));
    await testing.event('command.ready', (event) => event.commandId === commandId);
    await program.stop();
    const { text } = readRecording(path);
    expect(text).toContain('Password: \r\n14 characters\r\nvisible\r\n');
    expect(readFileSync(path, 'utf8')).not.toContain('hunter2');
  });

  test('is played by asciinema', async () => {
    needProgram('asciinema');
    const path = join(folder, 'a.cast');
    await using testing = new TestProgram({ recording: recordingIn(path) });
    await testing.event('session.ready');
    await run(testing, PICTURES);
    testing.program.resize(50, 12);
    await run(testing, 'echo last');
    await testing.program.stop();
    // It wants a terminal.
    await using player = new TestProgram();
    await player.event('session.ready');
    await run(player, `ASCIINEMA_CONFIG_HOME=${folder} asciinema cat ${path}`);
    const { at } = await player.event('command.ended');
    const played = Buffer.from(player.log(0, at), 'latin1').toString();
    expect(played).toContain(readRecording(path).text);
    expect(played).toContain('last\r\n');
  });

  test('ends at a whole line when its disk is full, which is told once; the session goes on', async () => {
    using disk = new SmallDisk(folder, 2 * MiB);
    const path = join(folder, 'a.cast');
    await using testing = new TestProgram({ recording: recordingIn(path) });
    await testing.event('session.ready');
    disk.fill();
    await run(testing, 'seq 100000');
    expect(testing.seen.filter(({ type }) => type === 'recording.ended')).toMatchObject([
      { problem: FULL, stops: false },
    ]);
    expect(testing.program.kept.recording).toEqual({ file: path, problem: FULL });
    disk.empty();
    await run(testing, 'echo later');
    await testing.program.stop();
    const { torn, text, events } = readRecording(path);
    expect([torn, text.includes('later'), events.length > 0]).toEqual(['', false, true]);
    expect(testing.log()).toContain('later\r\n');
  });

  test('with stopSession ends the session with the reason; nothing that is not recorded was shown', async () => {
    using disk = new SmallDisk(folder, 2 * MiB);
    const path = join(folder, 'a.cast');
    await using testing = new TestProgram({ recording: recordingIn(path, 'stopSession') });
    const { program } = testing;
    await testing.event('session.ready');
    await run(testing, 'echo é first');
    // At once, not within the flush interval.
    expect(readRecording(path).text).toContain('é first\r\n');
    disk.fill();
    program.run(randomUUID(), 'seq 100000; read line');
    await testing.event('recording.ended');
    expect(() => program.run(randomUUID(), 'true')).toThrow(`it cannot be recorded further: ${FULL}`);
    const exited = await testing.event('session.exited');
    expect(exited).toMatchObject({ reason: `it cannot be recorded further: ${FULL}` });
    const { torn, text } = readRecording(path);
    expect(torn).toBe('');
    expect(Buffer.from(text).toString('latin1')).toBe(testing.log());
    expect(testing.log()).not.toContain('\n100000\r\n');
  });

  test('with the most bytes that it may have is full too', async () => {
    const path = join(folder, 'a.cast');
    await using testing = new TestProgram({ recording: recordingIn(path, 'stopRecording', { maxBytes: 100_000 }) });
    await testing.event('session.ready');
    await run(testing, 'seq 100000');
    expect(testing.program.kept.recording?.problem).toMatch('100000 (maxBytes)');
    expect(statSync(path).size).toBeLessThanOrEqual(100_000);
    expect(readRecording(path).torn).toBe('');
  });
});
