import { randomUUID } from 'node:crypto';
import { streamMark, type CommandStreams, type EventOf } from '@holdfast/protocol';
import { expect, test } from 'vitest';
import { TestProgram } from '../testing/test-program.ts';

type Ran = { out: string; err: string; tty: string; status: number; ended: EventOf<'command.ended'> };

/** Runs a text apart from the terminal to its end, and takes its part of the log to pieces. */
async function run(testing: TestProgram, text: string, streams: CommandStreams = {}): Promise<Ran> {
  await testing.until(() => testing.program.isReady);
  const commandId = randomUUID();
  testing.program.run(commandId, text, { streams });
  const ended = await testing.event('command.ended', (event) => event.commandId === commandId);
  const { echoTo } = await testing.event('command.started', (event) => event.commandId === commandId);
  return { ...pieces(testing.log(echoTo, ended.at), commandId), status: ended.status, ended };
}

function pieces(log: string, commandId: string): { out: string; err: string; tty: string } {
  const begin = streamMark(commandId, 'x', 't');
  expect(log.startsWith(begin)).toBe(true);
  const streams: Record<string, string> = { o: '', e: '', t: '', x: '' };
  for (const piece of log.split(`\u001b]7433;${commandId};`).slice(1)) {
    const [, stream = '', text = ''] = /^.(.).([^]*)$/u.exec(piece) ?? [];
    streams[stream] += text;
  }
  const { o = '', e = '', t = '', x = '' } = streams;
  expect(x).toBe('');
  return { out: o.replaceAll('\r\n', '\n'), err: e.replaceAll('\r\n', '\n'), tty: t };
}

test('streams stand apart in the log, byte for byte, and the shell keeps what was done to it', async () => {
  await using testing = new TestProgram();
  const text = String.raw`cd /tmp; x=5; f() { echo "f $x"; }; declare y="a b"; printf 'a\r\n\0\377b\rno end'; printf 'bad\n' >&2; (exit 4)`;
  expect(await run(testing, text)).toMatchObject({
    out: 'a\r\n\0\xffb\rno end',
    err: 'bad\n',
    tty: '',
    status: 4,
    ended: { cwd: '/tmp' },
  });
  const look = 'f; echo "$y $PWD $? $# $1"; [ -t 0 ] || [ -t 1 ] || [ -t 2 ] || echo no tty; cat; echo x >/dev/stderr';
  expect(await run(testing, look, { arguments: ["it's"], input: 'in\nput' })).toMatchObject({
    out: "f 5\na b /tmp 0 1 it's\nno tty\nin\nput",
    err: 'x\n',
  });
  expect(await run(testing, 'echo "$x"; cat; read q; echo $?')).toMatchObject({ out: '5\n1\n', err: '' });
});

test('what the terminal printed meanwhile is told from both streams', async () => {
  await using testing = new TestProgram();
  expect(await run(testing, 'echo one; echo two >/dev/tty; echo three >&2')).toMatchObject({
    out: 'one\n',
    err: 'three\n',
    tty: 'two\r\n',
  });
});

test('marks of other commands are bytes like any', async () => {
  await using testing = new TestProgram();
  const forged = streamMark(randomUUID(), 'o', 'x');
  expect((await run(testing, 'cat', { input: forged })).out).toBe(forged);
});

test('a program in the background keeps no command from ending, and writes on as any program does', async () => {
  await using testing = new TestProgram();
  const text = 'mkfifo go; { read -r _ <go; echo late; echo bad >&2; } & echo begun; trap "rm -f go" EXIT';
  await run(testing, 'cd "$(mktemp -d)"');
  const first = await run(testing, text);
  expect(first.out).toBe('begun\n');
  const second = await run(testing, 'echo >go; wait; echo done');
  expect(second.out).toBe('done\n');
  await testing.until(() => /late\r\n/u.test(testing.log()) && /bad\r\n/u.test(testing.log()));
});

test('a flood stops where the output policy stops it, and goes on from there', async () => {
  await using testing = new TestProgram({ outputBufferBytes: 256 * 1024 });
  await testing.event('session.ready');
  const commandId = randomUUID();
  testing.program.run(commandId, 'seq 1 1000000 | tee /dev/stderr | cat', { streams: {} });
  await testing.until(() => testing.program.output.full);
  // One read of each pipe at the most is under way.
  expect(testing.program.output.end).toBeLessThan(256 * 1024 + 2 * 128 * 1024 + 4096);
  const chunks: string[] = [];
  while (!testing.seen.some(({ type }) => type === 'command.ended')) {
    await testing.until(() => testing.program.output.end > testing.program.output.delivered);
    const { delivered, end } = testing.program.output;
    chunks.push(testing.log(delivered, end));
    testing.program.output.deliver(end);
    testing.program.pace();
  }
  chunks.push(testing.log(testing.program.output.delivered));
  const log = chunks.join('');
  const { out, err } = pieces(log.slice(log.indexOf('\u001b]7433;'), log.indexOf('\u001b]133;D')), commandId);
  const whole = `${Array.from({ length: 1_000_000 }, (_, index) => index + 1).join('\n')}\n`;
  expect(out === whole).toBe(true);
  expect(err === whole).toBe(true);
});

test('exit ends the text and not the shell, from wherever it is called', async () => {
  await using testing = new TestProgram();
  const text = String.raw`
    trap 'echo int' INT
    x=1; cd /tmp; echo out
    f() { y=2; while :; do for i in 1 2; do eval '. /dev/stdin <<<"z=3; exit $1"'; done; done; echo never >&2; }
    (exit 5); a=$?; echo b | while read -r _; do exit 6; done; b=$?
    f "$1"
    echo never >&2`;
  expect(await run(testing, text, { arguments: ['3'] })).toMatchObject({ out: 'out\n', err: '', tty: '', status: 3 });
  expect(await run(testing, 'echo $x $y $z $a $b $PWD; type -t exit; trap -p INT; kill -INT $$')).toMatchObject({
    out: "1 2 3 5 6 /tmp\nfunction\ntrap -- 'echo int' SIGINT\nint\n",
  });
  expect(await run(testing, 'false; exit')).toMatchObject({ status: 1, err: '' });
  expect(await run(testing, 'exit -1')).toMatchObject({ status: 255, tty: '' });
  expect(await run(testing, 'exit 08x')).toMatchObject({
    status: 2,
    err: 'bash: exit: 08x: numeric argument required\n',
  });
  const after = randomUUID();
  await testing.until(() => testing.program.isReady);
  testing.program.run(after, 'type -t exit');
  const { at } = await testing.event('command.ended', ({ commandId }) => commandId === after);
  expect(testing.log(0, at)).toMatch(/builtin\r\n$/u);
});

test('a text that ends the shell is told with all that it wrote', async () => {
  await using testing = new TestProgram();
  await testing.event('session.ready');
  const commandId = randomUUID();
  testing.program.run(commandId, 'echo last words; exec sh -c "exit 7"', { streams: {} });
  expect(await testing.event('session.exited')).toMatchObject({ status: 7 });
  const log = testing.log();
  expect(pieces(log.slice(log.indexOf('\u001b]7433;')), commandId).out).toBe('last words\n');
});

test('a busy session refuses, and what runs keeps its streams', async () => {
  await using testing = new TestProgram();
  await testing.event('session.ready');
  const commandId = randomUUID();
  testing.program.run(commandId, 'read -r x </dev/tty; echo $x', { streams: {} });
  expect(() => testing.program.run(randomUUID(), 'true', { streams: {} })).toThrow('The session runs a command');
  testing.program.type(Buffer.from('here\r'));
  const { at } = await testing.event('command.ended');
  expect(testing.log(0, at)).toContain('here\r\n\u001b]7433');
});

test.each([
  'set -u',
  'set -f',
  'set -C',
  'IFS=x',
  'set -o posix',
  'shopt -s nocasematch extdebug',
  'set -T; trap : DEBUG; trap : ERR; trap : RETURN',
  "alias exit='exit '; alias eval=false set=false builtin=false kill=false",
  'eval() { false; }; set() { false; }; kill() { false; }; trap() { false; }',
  "trap '' INT",
  'enable -n printf mapfile read',
  'PROMPT_COMMAND=false',
  'set -b',
])('after `%s` a text runs apart and exit ends it', async (first) => {
  await using testing = new TestProgram();
  expect((await run(testing, first)).err).toBe('');
  const isPosix = first.includes('posix');
  const end = isPosix ? '(exit 7)' : 'f() { echo b; exit 7; }; f; echo never';
  expect(await run(testing, `echo a >&2; x=1; ${end}`)).toMatchObject({
    out: isPosix ? '' : 'b\n',
    err: 'a\n',
    tty: '',
    status: 7,
  });
  expect(await run(testing, 'echo $x')).toMatchObject({ out: '1\n', err: '', status: 0 });
});

test('set -x is told on standard error, of the text alone', async () => {
  await using testing = new TestProgram();
  await run(testing, 'set -x');
  expect(await run(testing, 'echo a; exit 3')).toMatchObject({ out: 'a\n', status: 3, tty: '' });
});
