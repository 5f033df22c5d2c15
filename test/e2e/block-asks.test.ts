import { expect, test } from 'vitest';
import { HOLDFAST } from '../support/machine.ts';
import { needProgram } from '../support/need-program.ts';
import { startRemote } from '../support/remote.ts';
import { Tmux } from '../support/tmux.ts';

test('a block that asks at its terminal is answered at the prompt, and the prompt has its terminal back', async () => {
  needProgram('tmux');
  await using remote = await startRemote();
  using screen = new Tmux([HOLDFAST], { env: remote.client.env, cwd: remote.client.home });
  await screen.waitFor('local session ready');
  screen.line('$s = New-PSSession srv1');
  const ask = 'sh -c "stty -echo; printf Password:; read -r x; stty echo; echo; echo got \\$x >&2" <>/dev/tty >&0';
  screen.line(`Invoke-Command $s { echo begin; ${ask}; echo end }`);
  await screen.waitFor(/^begin\nPassword:\s*$/m);
  screen.line('secret');
  await screen.waitFor(/got secret/);
  // Streams and terminal are apart: which of them comes first behind the answer is not known.
  await screen.waitFor(/end[^]*~>\s*$/);
  expect(screen.screen()).not.toMatch(/^secret/mu);
  screen.line('echo $((6 * 7))');
  await screen.waitFor(/^42$/m);

  // bash writes it to standard error, as a line without an end.
  screen.line('Invoke-Command $s { read -p "name? " -r name </dev/tty; echo hello $name }');
  await screen.waitFor(/^name\?\s*$/m);
  screen.line('bob');
  await screen.waitFor(/^hello bob$/m);

  screen.line(`Invoke-Command $s { ${ask} }`);
  await screen.waitFor(/Password:\s*$/);
  screen.keys('C-c');
  await screen.waitFor(/~>\s*$/);
  screen.line('clear; echo back');
  await screen.waitFor(/^back\n~>\s*$/m);
  screen.line('Invoke-Command $s { echo free }');
  await screen.waitFor(/^free$/m);
});
