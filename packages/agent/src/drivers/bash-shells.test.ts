import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { BashOptions } from './bash.ts';
import { driverFor } from './driver.ts';
import { startRaw } from './raw.ts';
import { TestShell, makeHome } from './testing/test-shell.ts';

const shells: TestShell[] = [];
afterEach(async () => {
  for (const shell of shells.splice(0)) await shell[Symbol.asyncDispose]();
});

async function start(options: Partial<BashOptions> & { home?: string; rc?: string } = {}): Promise<TestShell> {
  const shell = new TestShell(options);
  shells.push(shell);
  await shell.started;
  return shell;
}

describe('the end of a shell', () => {
  test('by exit has its status, all output and no word of its own', async () => {
    const shell = await start();
    expect(await shell.run('echo bye; exit 42')).toMatchObject({ raw: 'bye\r\n', exit: { status: 42 } });
    expect(shell.driver.idle).toBe(false);
    expect(readdirSync(shell.folder)).toEqual([]);
  });

  test('by exec is that of the program', async () => {
    const shell = await start();
    expect(await shell.run('exec sh -c "echo exit; exit 3"')).toMatchObject({ exit: { status: 3 } });
  });

  test('by a signal is told', async () => {
    const shell = await start();
    expect(await shell.run('kill -9 $$')).toMatchObject({ exit: { status: 137, signal: 9 } });
  });

  test('under set -e comes with the first failure and not before', async () => {
    const shell = await start();
    expect(await shell.run('(exit 3); set -e; echo on')).toMatchObject({ output: 'on\n', status: 0 });
    expect(await shell.run('true; echo still')).toMatchObject({ output: 'still\n', status: 0 });
    expect(await shell.run('false && true')).toMatchObject({ status: 1 });
    expect(await shell.run('echo $-')).toMatchObject({ output: expect.stringContaining('e') });
    expect(await shell.run('false; echo never')).toMatchObject({ raw: '', exit: { status: 1 } });
  });

  test('waits for stopped jobs as at a prompt', async () => {
    const shell = await start();
    const ran = shell.begin(`sh -c 'echo on; exec sleep 60'`);
    await shell.shows('on');
    shell.type('\x1a');
    await ran;
    expect(await shell.run('exit')).toMatchObject({
      jobs: 1,
      output: expect.stringContaining('There are stopped jobs.'),
    });
    expect(await shell.run('exit 5')).toMatchObject({ exit: { status: 5 } });
  });

  test('by logout is one by exit', async () => {
    const shell = await start();
    await shell.run('(exit 7)');
    expect(await shell.run('logout')).toMatchObject({ raw: '', exit: { status: 7 } });
    const other = await start();
    const ran = other.begin(`sh -c 'echo on; exec sleep 60'`);
    await other.shows('on');
    other.type('\x1a');
    await ran;
    expect(await other.out('logout 5')).toContain('There are stopped jobs.');
    expect(await other.run('logout 5')).toMatchObject({ exit: { status: 5 } });
  });
});

describe('what a shell says of its jobs', () => {
  test('is what bash says at a prompt: which have ended or stopped, once', async () => {
    const shell = await start({ rc: `PROMPT_COMMAND='sh -c "exit 3"'` });
    await shell.run('sleep 60 &');
    await shell.run('true');
    expect(shell.output).toMatch(/^\[1\] \d+\r\n$/);
    const ended = shell.output.length;
    await shell.run('kill %1; while [[ $(jobs -r) ]]; do :; done');
    await shell.run('true');
    expect(shell.output.slice(ended)).toMatch(/^\[1\]\+ +Terminated +sleep 60\r\n$/);
    const stopped = shell.output.length;
    await shell.run('sleep 60 & kill -STOP $!; until [[ $(jobs -s) ]]; do :; done');
    await shell.run('true');
    expect(shell.output.slice(stopped)).toMatch(/^\[1\] \d+\r\n\r\n\[1\]\+ +Stopped +sleep 60\r\n$/);
    await shell.run('kill -9 %1');
  });
});

describe('settings of the user', () => {
  test('set -u, -f, -C, IFS, posix, noclobber and nocasematch disturb nothing', async () => {
    const shell = await start();
    await shell.run('set -u; set -f; set -C; IFS=:; shopt -s nocasematch xpg_echo; readonly s=1 u=2 f=3 j=4');
    expect(await shell.run('echo a:b; (exit 4)')).toMatchObject({ output: 'a:b\n', status: 4 });
    expect(await shell.out('echo $?$-')).toMatch(/^4.*f.*C|^4.*C.*f/);
    await shell.run('set -o posix');
    expect(await shell.out('echo posix')).toBe('posix\n');
    await shell.run('unset PS1 PWD; TMOUT=');
    expect(await shell.out('echo unset')).toBe('unset\n');
  });

  test('set -x and set -v show the command and little else', async () => {
    const shell = await start();
    await shell.run('set -x');
    expect(await shell.out('echo xx')).toBe('++ echo xx\nxx\n');
    expect((await shell.run('(exit 3)')).status).toBe(3);
    expect(await shell.out('echo $?')).toBe('++ echo 3\n3\n');
    await shell.run('set +x; set -v');
    expect(await shell.out('echo vv')).toBe('echo vv\nvv\n');
    await shell.run('set +v');
    expect(await shell.out('echo $-')).not.toMatch(/[xv]/);
  });

  test('ERR and DEBUG traps, set -x, -v and -k meet the commands of the user only', async () => {
    const shell = await start({ rc: 'set -x' });
    /** All that a command prints, to the next prompt. */
    const all = async (text: string): Promise<string> => {
      const since = shell.output.length;
      await shell.run(text);
      return shell.output.slice(since).replaceAll('\r', '');
    };
    expect(await all('echo x')).toBe('++ echo x\nx\n');
    expect(await all(`{ set +x; } 2>/dev/null; trap 'echo ERR' ERR`)).toBe('');
    expect(await all('false # on purpose')).toBe('ERR\n');
    expect(await all('echo $?')).toBe('1\n');
    expect(await all('set -E; f() { (exit 4); }; f && true')).toBe('');
    expect(await all('echo $?; set +E')).toBe('4\n');
    expect(await all(`trap - ERR; trap 'echo "D:$BASH_COMMAND"' DEBUG`)).toBe('');
    expect(await all('echo hi')).toBe('D:echo hi\nhi\n');
    expect(await all('set -T')).toBe('D:set -T\n');
    expect(await all('echo t')).toBe('D:echo t\nt\n');
    expect(await all('set +T; echo $?')).toBe('D:set +T\nD:echo $?\n0\n');
    expect(await all('trap - DEBUG')).toBe('D:trap - DEBUG\n');
    expect(await all('set -v')).toBe('');
    expect(await all('set +v; set -k')).toBe('set +v; set -k\n');
    expect(await all('echo a=b c; (exit 3)')).toBe('c\n');
    expect(await all('echo $?')).toBe('3\n');
  });

  test('a DEBUG trap of an rc file, and one that a PROMPT_COMMAND sets', async () => {
    const shell = await start({ rc: `trap 'echo "D:$BASH_COMMAND"' DEBUG` });
    expect(shell.output).toBe('');
    expect((await shell.run('echo hi')).output).toBe('D:echo hi\nhi\n');
    const late = await start({ rc: `PROMPT_COMMAND="trap 'echo D' DEBUG; PROMPT_COMMAND="` });
    expect((await late.run('echo hi')).output).toBe('D\nhi\n');
  });

  test('a builtin that is disabled costs no prompt and stays disabled', async () => {
    const shell = await start();
    await shell.run('enable -n printf read');
    for (const status of [3, 4]) expect(await shell.run(`(exit ${status})`)).toMatchObject({ status, raw: '' });
    expect(await shell.out('enable -n; printf on')).toBe('enable -n printf\nenable -n read\non');
  });

  test('a PROMPT_COMMAND that is set anew takes the place of the old one', async () => {
    const shell = await start({ rc: `PROMPT_COMMAND='echo old'` });
    await shell.run('. ~/.bashrc');
    const since = shell.output.length;
    await shell.run(`PROMPT_COMMAND='echo new'`);
    expect(shell.output.slice(since)).toBe('new\r\n');
  });

  test('PROMPT_COMMAND, PS1 and a DEBUG trap may be changed at any time', async () => {
    const shell = await start({ rc: `PS1='rc> '; PROMPT_COMMAND='S=$?; N=$((N+1))'` });
    expect(await shell.out('echo "$PS1$((N>0))"')).toBe('rc> 1\n');
    await shell.run('(exit 5)');
    expect(await shell.out('echo $S')).toBe('5\n');
    await shell.run(`PROMPT_COMMAND='echo PCX'; PS1="(venv) $PS1"`);
    await shell.shows('PCX');
    expect(await shell.out('echo "$PS1"')).toBe('(venv) rc> \n');
    await shell.run(`trap 'DBG=1' DEBUG; PROMPT_COMMAND+=('echo "unfinished')`);
    expect(await shell.run('echo b; false')).toMatchObject({ output: 'b\n', status: 1 });
    await shell.run('export PROMPT_COMMAND=; set -a');
    expect(await shell.out('env | grep -c -e PROMPT_COMMAND -e __hf')).toBe('0\n');
    await shell.run('unset PROMPT_COMMAND');
    expect(await shell.run('cat <<X\n1\nX\nunset PROMPT_COMMAND')).toMatchObject({ output: '1\n' });
    expect(await shell.out('echo on')).toBe('on\n');
  });

  test('set -o vi gives no line editor to fight with', async () => {
    const shell = await start({ rc: 'set -o vi' });
    await shell.run('set -o emacs');
    await shell.run('. ~/.bashrc');
    for (const word of 'abc') await shell.run(`echo ${word}`);
    expect(shell.output).toBe('a\r\nb\r\nc\r\n');
  });

  test('a history file gets nothing from us', async () => {
    const home = makeHome({ '.bashrc': 'shopt -s histappend; PROMPT_COMMAND="history -a"', '.bash_history': 'old\n' });
    const shell = await start({ home });
    await shell.run('echo a');
    await shell.run('exit');
    expect(readFileSync(`${home}/.bash_history`, 'utf8')).toBe('old\n');
  });

  test('a TMOUT does not end an idle shell', async () => {
    const shell = await start({ rc: 'readonly TMOUT=1; PROMPT_COMMAND="echo tick"' });
    await shell.shows(/(tick\s+){5}/);
    expect(shell.exit).toBeUndefined();
    expect(shell.readies.length).toBe(1);
    await shell.until(() => shell.driver.idle);
    expect(await shell.out('(exit 3); echo $?')).toBe('3\n');
  });

  test('an older bash, whose PROMPT_COMMAND is one string, is driven too', async () => {
    const shell = await start({ rc: 'PROMPT_COMMAND="N=\\$?"', rcText: (text) => text.replaceAll('>= 501', '>= 999') });
    expect((await shell.run('(exit 6)')).status).toBe(6);
    expect(await shell.out('echo $N $?')).toBe('6 6\n');
    await shell.run('PROMPT_COMMAND="echo PCX;$PROMPT_COMMAND"');
    expect(await shell.out('echo a')).toBe('a\n');
  });
});

describe('the start of a shell', () => {
  test('reads the rc files with a line editor, as in any interactive bash', async () => {
    const shell = await start({ rc: `bind 'set completion-ignore-case on'; bind '"\\e[A": history-search-backward'` });
    expect(shell.output).toBe('');
  });

  test('bears set -u in an rc file', async () => {
    const shell = await start({ rc: 'set -u' });
    expect(shell.driver.name).toBe('bash');
    expect(await shell.out('echo $-; echo $nosuch')).toMatch(/^\S*u\S*\nbash: nosuch: unbound variable\n$/);
  });

  test('reads what a login shell reads, then ~/.bashrc, and that once', async () => {
    const own = await start({ home: makeHome({ '.profile': 'echo profile', '.bashrc': 'echo bashrc' }) });
    expect(own.output).toBe('profile\r\nbashrc\r\n');
    const sourced = await start({
      home: makeHome({
        '.bash_profile': 'f=~/.bashrc\n[ -f $f ] && . ~/.bashrc',
        '.profile': 'echo no',
        '.bashrc': 'echo bashrc',
      }),
    });
    expect(sourced.output).toBe('bashrc\r\n');
    expect(await sourced.out('trap -p RETURN; echo $_')).toBe('RETURN\n');
  });

  test('takes keys and shows output before the first prompt', async () => {
    const shell = new TestShell({ rc: 'read -p "passphrase: " P' });
    shells.push(shell);
    await shell.shows('passphrase: ');
    shell.type('secret\rahead');
    expect(await shell.started).toMatchObject({ driver: 'bash', typeahead: Buffer.from('ahead') });
    expect(await shell.out('echo $P')).toBe('secret\n');
  });

  test('that ends at once is an exit', async () => {
    const shell = new TestShell({ rc: 'echo no; exit 9' });
    shells.push(shell);
    expect(await shell.started).toEqual({ status: 9 });
    expect(shell.output).toBe('no\r\n');
  });

  test('in another program is a plain terminal', async () => {
    const shell = await start({ rc: 'exec sh', readyTimeoutMs: 400 });
    expect(shell.readies).toMatchObject([{ driver: 'raw' }]);
    expect(shell.output).toMatch(
      /\r\n· no prompt came from bash within 0.4 s: this session is a raw terminal, .*\r\n$/,
    );
    expect(shell.driver).toMatchObject({ name: 'raw', idle: false });
    expect(() => shell.driver.run('c', 'ls')).toThrow(expect.objectContaining({ id: 'SessionBusy' }));
    shell.type('echo on-$((1+1))\r');
    await shell.shows('on-2');
  });

  test('that takes too long is a plain terminal, where the shell comes without us', async () => {
    const shell = await start({ rc: `PS1='late> '; read -p 'wait ' x`, readyTimeoutMs: 400 });
    expect(shell.readies).toMatchObject([{ driver: 'raw' }]);
    shell.type('x\recho ahead\r');
    await shell.shows('late> ');
    shell.type('echo on-$((1+1)); declare -F | grep -c __hf; echo "[$PROMPT_COMMAND]"\r');
    await shell.shows(/on-2\r\n0\r\n\[\]\r\n/);
    expect(shell.output).toContain('ahead\r\n');
    expect(shell.output).not.toMatch(/7337|off!/);
  });

  test.each(["PS1='ro> '; readonly PROMPT_COMMAND=:", "readonly PS1='ro> '"])(
    'with %j is a plain terminal at once, and says so',
    async (rc) => {
      const shell = await start({ rc });
      expect(shell.readies).toMatchObject([{ driver: 'raw' }]);
      await shell.shows('ro> ');
      expect(shell.output.match(/· bash is older than .* is a raw terminal/g)).toHaveLength(1);
    },
  );
});

describe('commands and keys in a hurry', () => {
  test('Ctrl-C at the prompt costs at most the next command', async () => {
    const shell = await start();
    for (let count = 0; count < 20; count++) {
      shell.driver.pty.interrupt();
      const { status, output, typeahead } = await shell.run('echo on');
      expect([0, 130]).toContain(status);
      if (status === 0) expect(output).toContain('on\n');
      expect(typeahead).toBe('');
      expect(await shell.out('echo sure')).toMatch(/sure\n$/);
    }
  });

  test('keys at any moment are read by the program or come back, once and in order', async () => {
    const shell = await start();
    for (let count = 0; count < 30; count++) {
      const keys = `${'k'.repeat(5)}${count}`;
      const since = shell.readies.length;
      const ran = shell.begin('true');
      for (const key of keys) {
        await new Promise((resolve) => setImmediate(resolve));
        shell.type(key);
      }
      await ran;
      const back = (): string =>
        shell.readies
          .slice(since)
          .map((ready) => ready.typeahead.toString())
          .join('');
      await shell.until(() => back().length >= keys.length);
      expect(back()).toBe(keys);
    }
    expect(await shell.out('echo on')).toBe('on\n');
  });

  test('a command line of 10,000 keys typed ahead does not stop the shell', async () => {
    const shell = await start();
    const ran = shell.begin('echo on; sleep 0.2');
    await shell.shows('on');
    shell.type('y'.repeat(10_000));
    expect((await ran).typeahead).toMatch(/^y{4095,}$/);
    expect(await shell.out('echo on')).toMatch(/on\n$/);
  });
});

test('a raw driver runs any program, takes keys and no commands', async () => {
  expect(['/bin/bash', 'zsh', '/usr/bin/fish', 'sh'].map(driverFor)).toEqual(['bash', 'raw', 'raw', 'raw']);
  const home = makeHome({});
  const { promise, resolve } = Promise.withResolvers<unknown[]>();
  const events: unknown[] = [];
  const driver = startRaw({
    folder: home,
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
    columns: 80,
    rows: 24,
    readyTimeoutMs: 1000,
    file: 'cat',
    args: [],
    listeners: {
      onOutput: (bytes) => events.push(bytes.toString()),
      onReady: ({ driver: name }) => {
        events.push(name);
        driver.write(Buffer.from('\x04'));
      },
      onEnded: () => events.push('ended'),
      onExit: (exit) => {
        events.push(exit);
        resolve(events);
      },
    },
  });
  expect(driver.idle).toBe(false);
  expect(() => driver.run('c', 'ls')).toThrow('plain terminal');
  await expect(driver.complete('l', 1)).rejects.toMatchObject({ id: 'SessionBusy' });
  expect(await promise).toEqual(['raw', { status: 0 }]);
  rmSync(home, { recursive: true });
});
