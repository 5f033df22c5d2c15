import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestShell } from './testing/test-shell.ts';

const RC = String.raw`
myfunc_abc() { :; }
alias myfunc_alias=ls
_colors() {
  if [[ $cur_seen ]]; then :; fi
  SEEN="$1|$2|$3|$COMP_CWORD|$COMP_LINE|$COMP_POINT|$(IFS=,; echo "\${COMP_WORDS[*]}")"
  COMPREPLY=($(compgen -W 'always auto never' -- "$2"))
  echo noise; echo noise >&2
}
complete -F _colors paint
complete -W 'alpha beta' words
_names() { compopt -o filenames; COMPREPLY=("my dir"); }
complete -F _names names
_lazy() { complete -W 'late later' lazy; return 124; }
complete -D -F _lazy
_slow() { echo slow >/dev/tty; sleep 30; }
complete -F _slow slow
`.replaceAll('\\${', '${');

describe('completion in the live shell', () => {
  let shell: TestShell;
  const complete = (line: string, signal?: AbortSignal): Promise<string[]> =>
    shell.driver.complete(line, Buffer.byteLength(line), signal);
  /** Completes after the last completion has given the shell back. */
  const idly = async (line: string): Promise<string[]> => {
    await shell.run('true');
    return complete(line);
  };

  beforeAll(async () => {
    shell = new TestShell({ rc: RC, completionTimeoutMs: 500 });
    await shell.started;
    mkdirSync(join(shell.home, 'my dir'));
    mkdirSync(join(shell.home, 'sub'));
    writeFileSync(join(shell.home, 'sub', "it's"), '');
    writeFileSync(join(shell.home, 'a b'), '');
  });
  afterAll(() => shell[Symbol.asyncDispose]());

  test('knows commands, functions and aliases', async () => {
    expect(await complete('myfunc_')).toEqual(['myfunc_abc', 'myfunc_alias']);
    expect(await idly('ls | myfunc_a')).toEqual(['myfunc_abc', 'myfunc_alias']);
    expect(await idly('/bin/bas')).toContain('/bin/bash');
  });

  test('quotes files as the shell wants them', async () => {
    expect(await idly('cat < a')).toEqual(['a\\ b']);
    expect(await idly('cat < my\\ d')).toEqual(['my\\ dir/']);
    expect(await idly('cat < "my d')).toEqual(['my\\ dir/']);
    expect(await idly('cat < ~/su')).toEqual(['~/sub/']);
    expect(await idly('cat < sub/')).toEqual(["sub/it\\'s"]);
  });

  test("asks the command's own completion with words split as readline splits them", async () => {
    expect(await idly('echo x; paint --color=a')).toEqual(['--color=always', '--color=auto']);
    expect(await shell.out('echo "$SEEN"')).toBe('paint|a|=|3|paint --color=a|15|paint,--color,=,a\n');
    expect(await idly('paint n')).toEqual(['never']);
    expect(await idly('words b')).toEqual(['beta']);
    expect(await idly('names m')).toEqual(['my\\ dir/']);
    expect(await idly('lazy la')).toEqual(['late', 'later']);
  });

  test('knows variables', async () => {
    await shell.run('HFVARIABLE=1');
    expect(await complete('echo $HFVAR')).toEqual(['$HFVARIABLE']);
    expect(await idly('echo ${HFVAR')).toEqual(['${HFVARIABLE}']);
  });

  test('shows nothing and keeps $?, $_ and the modes', async () => {
    await shell.run('(exit 9)');
    const before = shell.output;
    await complete('paint --color=a');
    expect(await shell.out('echo $?')).toBe('9\n');
    expect(shell.output).toBe(`${before}9\r\n`);
  });

  test('gives up after its time', async () => {
    expect(await idly('slow x')).toEqual([]);
    expect(await shell.out('echo on')).toBe('on\n');
  });

  test('gives way to a command', async () => {
    await shell.run('true');
    const slow = complete('slow x');
    await shell.shows('slow');
    expect(shell.driver.idle).toBe(true);
    // On a busy machine Ctrl-C may come before bash waits for its child, and bash then tells of that as of a job.
    expect(await shell.out('echo on')).toMatch(/^(?:\[1\] +Interrupt +sleep 30\n)?on\n$/);
    expect(await slow).toEqual([]);
  });

  test('ends with its signal, and is refused while a command runs', async () => {
    await shell.run('true');
    const stop = new AbortController();
    const slow = complete('slow x', stop.signal);
    await shell.shows('slow');
    stop.abort(new Error('enough'));
    await expect(slow).rejects.toThrow('enough');
    await expect(complete('l', AbortSignal.abort())).rejects.toThrow('abort');
    const ran = shell.begin('cat');
    await expect(complete('l')).rejects.toMatchObject({ id: 'SessionBusy' });
    shell.type('\x04');
    await ran;
  });
});
