import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needProgram } from '../../../../test/support/need-program.ts';
import { TestShell } from './testing/test-shell.ts';

const RC = String.raw`
case $- in *i*) ;; *) return;; esac
PS1='\u@\h:\w\$ '
alias ll='echo LL-ALIAS'
alias printf='echo BADALIAS'
alias builtin='echo BADALIAS'
greet() { echo "hi $1"; }
PROMPT_COMMAND='RCHOOK=$((RCHOOK+1))'
export FOO=bar
bind '"\e[A": history-search-backward' 2>/dev/null
`.replace("alias builtin='echo BADALIAS'\n", '');

describe('a bash session', () => {
  let shell: TestShell;
  beforeAll(async () => {
    shell = new TestShell({ rc: RC });
    await shell.started;
  });
  afterAll(() => shell[Symbol.asyncDispose]());

  test('shows the output and no echo', async () => {
    expect((await shell.run('echo hello')).raw).toBe('hello\r\n');
  });

  test('keeps $? and $_ for the next command', async () => {
    expect((await shell.run('(exit 7)')).status).toBe(7);
    expect(await shell.out('echo $?')).toBe('7\n');
    await shell.run('mkdir -p "$HOME/a b"');
    expect(await shell.out('echo "$_"')).toBe(`${shell.home}/a b\n`);
    await shell.run('cat <<X\n1\nX\nfalse');
    expect(await shell.out('echo $?')).toBe('1\n');
  });

  test.each(["we;ird d'ir é", 'new\nline', 'bell\x07', '\x1b[31mred', '(b)$(a)`c`'])(
    'follows cd to %j',
    async (name) => {
      mkdirSync(join(shell.home, name));
      const { cwd } = await shell.run(`cd ~/'${name.replaceAll("'", `'\\''`)}'`);
      expect(cwd).toBe(join(shell.home, name));
      await shell.run('cd');
    },
  );

  test('has the aliases, functions and variables of the rc, and keeps new ones', async () => {
    expect(await shell.out('ll; greet bob; echo $FOO')).toBe('LL-ALIAS\nhi bob\nbar\n');
    await shell.run('nf() { echo new-$1; }; v1=5; declare -A m=([k]=v)');
    expect(await shell.out('nf x; echo $v1 ${m[k]}')).toBe('new-x\n5 v\n');
  });

  test('runs several lines with a here-document and quotes', async () => {
    const text = 'cat <<EOF\na "$((1+1))"\n  b \\\\ $HOME_X\nEOF\nfor i in 1 2; do\n echo "$i"\ndone';
    expect(await shell.out(text)).toBe('a "2"\n  b \\ \n1\n2\n');
    expect(await shell.out('cat <<EOF\nopen')).toMatch(/here-document.*delimited.*\nopen\n$/);
    expect(await shell.out('echo a # b')).toBe('a\n');
    expect(await shell.out('echo a\\')).toBe('a\\\n');
  });

  test('runs 1 MiB of text: 10,000 lines, and one line', async () => {
    const line = `x=$((x+1))  # ${'z'.repeat(86)}\n`;
    expect(await shell.out(`x=0\n${line.repeat(10_000)}echo $x`)).toBe('10000\n');
    const text = "x=''; echo ${#x}; unset x";
    const fill = 2 ** 20 - text.length;
    expect(await shell.out(text.replace("''", `'${'q'.repeat(fill)}'`))).toBe(`${fill}\n`);
    expect(() => shell.driver.run('c', 'q'.repeat(2 ** 20 + 1))).toThrow(
      expect.objectContaining({ id: 'CommandTooLong' }),
    );
  });

  test('survives Ctrl-C, which ends the whole line', async () => {
    const ran = shell.begin(`sh -c 'echo on; exec sleep 30'; echo not-here`);
    await shell.shows('on');
    shell.driver.pty.interrupt();
    expect(await ran).toMatchObject({ status: 130, output: expect.not.stringContaining('not-here') });
    expect(await shell.out('echo alive')).toBe('alive\n');
  });

  test('stops a job by Ctrl-Z, counts it and brings it back', async () => {
    const ran = shell.begin('sh -c "echo on; exec sleep 0.3"');
    await shell.shows('on');
    shell.type('\x1a');
    expect(await ran).toMatchObject({ status: 148, jobs: 1 });
    expect(await shell.out('jobs')).toMatch(/^\[1\]\+ +Stopped +sh -c/);
    expect(await shell.run('fg')).toMatchObject({ status: 0, jobs: 0 });
  });

  test('lets a command read keys', async () => {
    const ran = shell.begin('read -p name: x; echo "got:$x"');
    await shell.shows('name:');
    shell.type('abc def\r');
    expect((await ran).output).toContain('got:abc def\n');
    const cat = shell.begin('cat; echo end');
    shell.type('line\n');
    await shell.shows('line\r\nline');
    shell.type('\x04');
    expect((await cat).output).toBe('line\nline\nend\n');
  });

  test('survives a syntax error, which is shown as at a prompt', async () => {
    expect(await shell.run('if true; then echo')).toMatchObject({
      status: 2,
      output: 'bash: syntax error: unexpected end of file\n',
    });
    expect(await shell.run(')')).toMatchObject({ status: 2, output: "bash: syntax error near unexpected token `)'\n" });
    expect(await shell.run('echo a &&')).toMatchObject({
      status: 2,
      output: 'bash: syntax error: unexpected end of file\n',
    });
    expect(await shell.run('nosuchcommand')).toMatchObject({
      status: 127,
      output: 'bash: nosuchcommand: command not found\n',
    });
    expect(await shell.run('')).toMatchObject({ status: 127, output: '' });
    expect(await shell.out('echo ok')).toBe('ok\n');
  });

  test('finds its end although the output is redirected', async () => {
    await shell.run('exec 3>&1 4>&2 >~/ex.out 2>&1');
    expect((await shell.run('echo hidden; pwd')).raw).toBe('');
    expect(await shell.out('exec >&3 2>&4 3>&- 4>&-; cat ~/ex.out')).toContain('hidden');
  });

  test('gives 128 + n for a child that a signal killed', async () => {
    expect((await shell.run(`sh -c 'kill -9 $$'`)).status).toBe(137);
  });

  test('passes binary output, also a forged mark, untouched', async () => {
    expect((await shell.run(String.raw`\printf 'x\e]7337;deadbeef;E\x1f0\ay'`)).raw).toBe(
      'x\x1b]7337;deadbeef;E\x1f0\x07y',
    );
    expect((await shell.run(String.raw`\printf 'é€😀\n\e]7337;'`)).output).toBe('é€😀\n\x1b]7337;');
    expect((await shell.run(`echo 'a!b' "c\\!d" '\\x'`)).output).toBe('a!b c\\!d \\x\n');
    expect(() => shell.driver.run('c', 'a\0b')).toThrow(expect.objectContaining({ id: 'CommandNotText' }));
  });

  test('gives late output of a background job after the prompt', async () => {
    const { output, jobs } = await shell.run('(read -t 0.2 <> <(:); echo LATE) &');
    expect(output).not.toContain('LATE');
    expect(jobs).toBe(1);
    await shell.shows('LATE');
    await shell.run('wait');
  });

  test('gives typed-ahead keys back and runs none', async () => {
    const ran = shell.begin('echo on; sleep 0.3');
    await shell.shows('on');
    shell.type('rm -rf /tmp/x\r');
    shell.type('é!hf-');
    expect(await ran).toMatchObject({ typeahead: 'rm -rf /tmp/x\ré!hf-' });
    expect(await shell.out('echo next')).toBe('next\n');
    const readies = shell.readies.length;
    shell.type('stray');
    expect(shell.readies.slice(readies).map((ready) => ready.typeahead.toString())).toEqual(['stray']);
    expect(await shell.out('echo next')).toBe('next\n');
  });

  test('mends a terminal that a program left raw, and leaves other modes to the user', async () => {
    const modes = 'stty -a | grep -oE "[-]?(icanon|echo|opost|ixon)\\b" | tr "\\n" " "';
    await shell.run('stty raw -echo');
    expect((await shell.run(`echo a; ${modes}`)).raw).toBe('a\r\nixon opost icanon echo ');
    await shell.run('stty -ixon');
    await shell.run('stty raw -echo');
    expect(await shell.out(modes)).toBe('-ixon opost icanon echo ');
    await shell.run('stty ixon');
  });

  test('runs a nested shell and comes back', async () => {
    const ran = shell.begin('PS1=nested: bash --norc -i');
    await shell.shows('nested:');
    shell.type('echo nest-$((1+1))\n');
    await shell.shows('nest-2');
    shell.type('exit\n');
    await ran;
    expect(await shell.out('echo back')).toBe('back\n');
  });

  test('leaves nothing of a command in ps, environments or files while it runs', async () => {
    needProgram('ps');
    const ran = shell.begin(': SECRET-TOKEN; set -a; echo on; env | grep -i -e secret -e __hf; set +a; cat');
    await shell.shows('on');
    expect(execFileSync('ps', ['axeww']).toString()).not.toMatch(/SECRET-TOKEN|__hf/);
    const files = readdirSync(shell.folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    expect(files.map((file) => file.name).toSorted()).toEqual(['debug', 'text']);
    for (const { parentPath, name } of files) {
      expect(readFileSync(join(parentPath, name), 'utf8')).not.toContain('SECRET');
    }
    shell.type('\x04');
    expect((await ran).output).toBe('on\n');
    await shell.run('set -a');
    expect(await shell.out('env | grep -ic -e __hf -e secret')).toBe('0\n');
    expect(await shell.out('readlink /proc/self/fd/*')).not.toMatch(/holdfast|ptmx|socket/);
    await shell.run('set +a');
  });

  test('keeps traps of subshells and of the user', async () => {
    expect(await shell.run(`(trap 'echo sub-exit' EXIT; exit 5)`)).toMatchObject({ status: 5, output: 'sub-exit\n' });
    await shell.run(`trap 'echo got-int' INT`);
    const ran = shell.begin(`sh -c 'echo on; exec sleep 5'; echo after`);
    await shell.shows('on');
    shell.driver.pty.interrupt();
    // As at a prompt: the signal was the child's, and a trap keeps the rest of the line alive.
    expect((await ran).output).toMatch(/after\n$/);
    await shell.run('trap - INT');
  });

  test('runs vim in full screen', async () => {
    needProgram('vim');
    const ran = shell.begin('vim -u NONE -N v.txt');
    await shell.shows('v.txt');
    shell.type('ihello\x1b:wq!\r');
    expect((await ran).status).toBe(0);
    expect(readFileSync(join(shell.home, 'v.txt'), 'utf8')).toBe('hello\n');
  });

  test('gives every byte of 20 MB before the end', async () => {
    const { raw } = await shell.run('seq 1000000 3000000; echo END');
    expect(raw.length).toBe(2_000_001 * 9 + 5);
    expect(raw.startsWith('1000000\r\n1000001\r\n')).toBe(true);
    expect(raw.endsWith('3000000\r\nEND\r\n')).toBe(true);
  }, 120_000);

  test('takes a command within milliseconds', async () => {
    const times: number[] = [];
    for (let count = 0; count < 50; count++) {
      const start = performance.now();
      await shell.run('true');
      times.push(performance.now() - start);
    }
    expect(times.sort((a, b) => a - b)[25]).toBeLessThan(30);
  });
});
