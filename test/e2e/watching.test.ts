import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HOLDFAST } from '../support/machine.ts';
import { needProgram } from '../support/need-program.ts';
import { makeSecondMachine, startRemote } from '../support/remote.ts';
import { Tmux } from '../support/tmux.ts';

const PROMPT = /\[srv1\] ~>\s*$/;
const WATCH = ['enter', 'srv1', '--name', 'work', '--watch'];

/** Rows as they stand, for comparing what two terminals show. */
function rows(screen: Tmux, columns: number, count: number): string[] {
  const lines = screen.screen().split('\n');
  return Array.from({ length: count }, (_, row) => (lines[row] ?? '').padEnd(columns).slice(0, columns));
}

/** Waits until what was said for a moment is gone and the watcher shows what the typist sees. */
async function waitForSame(watcher: Tmux, typist: Tmux, columns: number, count: number): Promise<void> {
  const same = {
    test: () => rows(watcher, columns, count).join('\n') === rows(typist, columns, count).join('\n'),
    toString: () => `what the typist sees:\n${typist.screen()}`,
  };
  await watcher.waitFor(same);
}

test('a watcher of another size sees command lines and vim beside the typist, and leaves as it came', async () => {
  needProgram('vim');
  await using remote = await startRemote();
  using other = makeSecondMachine(remote);
  other.clientSettings = { noticeMs: 2000 };
  using typist = new Tmux([HOLDFAST, 'enter', 'srv1', '--name', 'work'], { env: remote.client.env, columns: 80 });
  await typist.waitFor(PROMPT);
  typist.line('echo shown to all');
  await typist.waitFor(/^shown to all$/m);

  using watcher = new Tmux(['bash', '--norc', '--noprofile'], { env: other.env, columns: 100, rows: 30 });
  await watcher.waitFor(/[#$]/);
  watcher.line('echo before');
  watcher.line(`${HOLDFAST} ${WATCH.join(' ')}`);
  await watcher.waitFor(/Watching work on srv1: .* types/);
  await watcher.waitFor(/\[srv1\] ~> echo shown to all +│\nshown to all +│/);
  await typist.waitFor(/ watches$/m);
  const told = execFileSync(HOLDFAST, ['-c', '(Get-PSSession -ComputerName srv1).Attachments | Format-Table Role'], {
    env: other.env,
    encoding: 'utf8',
  });
  expect(told).toMatch(/Keyboard\s+Watching/);

  writeFileSync(join(remote.host.home, 'text'), Array.from({ length: 60 }, (_, at) => `line ${at}\n`).join(''));
  typist.line('vim -u NONE -N text');
  await typist.waitFor(/^line 22$/m);
  await waitForSame(watcher, typist, 80, 23);
  watcher.type('ddGx:q!');
  watcher.keys('Enter');
  await watcher.waitFor(/Nothing is typed: /);
  typist.type('Gofrom the typist');
  typist.keys('Escape');
  await typist.waitFor('from the typist');
  await waitForSame(watcher, typist, 80, 23);
  watcher.resize(60, 12);
  await watcher.waitFor('from the typist');
  typist.line(':wq');
  await typist.waitFor(PROMPT);
  expect(readFileSync(join(remote.host.home, 'text'), 'utf8')).toMatch(/^line 0\n[^]*line 59\nfrom the typist\n$/);

  watcher.keys('C-]');
  await watcher.waitFor(/\[t\] take the keyboard {2}\[l\] leave/);
  watcher.keys('l');
  const left = await watcher.waitFor(/work on srv1: watched no more\n[^]*[#$]/);
  expect(left).toContain('before');
  expect(watcher.format('#{alternate_on} #{cursor_flag} #{wrap_flag}')).toBe('0 1 1');
  expect(typist.format('#{window_width}x#{window_height}')).toBe('80x24');
});

test('the keyboard goes to and fro between two terminals: what each typed while it had it arrived once', async () => {
  await using remote = await startRemote();
  using other = makeSecondMachine(remote);
  using one = new Tmux([HOLDFAST, 'enter', 'srv1', '--name', 'work'], { env: remote.client.env, columns: 110 });
  await one.waitFor(PROMPT);
  const file = join(remote.host.home, 'typed');
  one.line(`printf 'reads%s\\n' now; stty -echo; cat > ${file}`);
  await one.waitFor(/^readsnow$/m);
  using two = new Tmux([HOLDFAST, ...WATCH], { env: other.env, columns: 110 });
  await two.waitFor(/Watching work/);

  let [typist, watcher] = [one, two];
  let expected = '';
  for (let turn = 0; turn < 3; turn += 1) {
    watcher.line(`never ${turn}`);
    await watcher.waitFor('Nothing is typed');
    const line = `turn ${turn} ${createHash('sha256').update(String(turn)).digest('hex')}`;
    typist.line(line);
    expected += `${line}\n`;
    await expect.poll(() => readFileSync(file, 'utf8'), { timeout: 20_000 }).toBe(expected);
    watcher.keys('C-]');
    await watcher.waitFor('[t] take the keyboard');
    watcher.keys('t');
    await typist.waitFor(/has the keyboard|took the keyboard|Watching work/);
    await watcher.waitFor({ test: (text) => !text.includes('[t] take'), toString: () => 'no menu' });
    await typist.waitFor('Watching work');
    [typist, watcher] = [watcher, typist];
  }
  typist.keys('C-d');
  await typist.waitFor(PROMPT);
  expect(readFileSync(file, 'utf8')).toBe(expected);
});
