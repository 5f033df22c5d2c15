import { describe, expect, test } from 'vitest';
import { sessionFixture } from '@holdfast/protocol/testing';
import { HostsFile } from '../client/hosts.ts';
import { PSSession } from '../client/ps-session.ts';
import { Remoting } from '../client/remoting.ts';
import { Runspace } from '../runtime/runspace.ts';
import { SpawnedShell } from '../runtime/spawned-shell.ts';
import { RecordingHost } from '../runtime/testing/recording-host.ts';
import { EnteredInput } from './entered-input.ts';
import { TypedText } from './input-part.ts';
import { ShellNames } from './shell-names.ts';
import { expectLinear } from '../testing/expect-linear.ts';

const runspace = new Runspace({ remoting: new Remoting({ hosts: new HostsFile() }), host: new RecordingHost() });

function partsOf(text: string, among = runspace): string[] {
  return new TypedText(among)
    .parts(text)
    .map((part) => `${part.isOurs ? 'ours' : 'bash'}${part.isIncomplete ? ' incomplete' : ''}: ${part.text}`);
}

const PASTES: [name: string, text: string, parts: string[]][] = [
  [
    'a here-document that is refused asks for its lines',
    'cat <<EOF | Where-Object { $_ }\nrm x',
    ['ours incomplete: cat <<EOF | Where-Object { $_ }\nrm x'],
  ],
  [
    'and has them',
    "cat <<'E' | Where-Object { $_ }\nrm x\nE\nls",
    ["ours: cat <<'E' | Where-Object { $_ }\nrm x\nE", 'bash: ls'],
  ],
  [
    'one behind a loop too',
    'while read f; do echo $f; done <<E | Sort-Object\nrm x\nE\nls',
    ['ours: while read f; do echo $f; done <<E | Sort-Object\nrm x\nE', 'bash: ls'],
  ],
  ['<< in quotes is none', "'a <<b' | Sort-Object\nls", ["ours: 'a <<b' | Sort-Object", 'bash: ls']],
  [
    'a loop of bash over several lines with one of ours behind it',
    'for f in *.md; do\n  echo $f\ndone | Where-Object { $_ }\nls',
    ['ours: for f in *.md; do\n  echo $f\ndone | Where-Object { $_ }', 'bash: ls'],
  ],
  ['one line', 'ls', ['bash: ls']],
  ['nothing', '', ['bash: ']],
  ['lines of both', 'ls\n$x = 5\npwd\n6 * 7\n', ['bash: ls', 'ours: $x = 5', 'bash: pwd', 'ours: 6 * 7']],
  [
    'a loop of bash between ours',
    '1 + 1\nfor i in 1 2; do\n  $i\ndone\nGet-PSSession',
    ['ours: 1 + 1', 'bash: for i in 1 2; do\n  $i\ndone', 'ours: Get-PSSession'],
  ],
  [
    'a here-document with lines that would be ours',
    'cat <<EOF\nGet-PSSession\n6 * 7\nEOF\n6 * 7',
    ['bash: cat <<EOF\nGet-PSSession\n6 * 7\nEOF', 'ours: 6 * 7'],
  ],
  ['a function of bash', 'f() {\n  Get-PSSession\n}\nf', ['bash: f() {\n  Get-PSSession\n}', 'bash: f']],
  [
    'a statement of ours over several lines',
    "foreach ($x in 1..2) {\n  $x\n}\nls\nif (1) {\n'a'\n}\nelse {\n'b'\n}\npwd",
    ['ours: foreach ($x in 1..2) {\n  $x\n}', 'bash: ls', "ours: if (1) {\n'a'\n}\nelse {\n'b'\n}", 'bash: pwd'],
  ],
  [
    'a pipe that begins a line',
    'Get-PSSession\n  # of those\n  | Sort-Object Id\nls |\n  grep a',
    ['ours: Get-PSSession\n  # of those\n  | Sort-Object Id', 'bash: ls |\n  grep a'],
  ],
  [
    'what its further lines make ours',
    '(1 +\n2)\nls |\n  Where-Object { $_ }',
    ['ours: (1 +\n2)', 'ours: ls |\n  Where-Object { $_ }'],
  ],
  [
    "what its further lines make the shell's",
    'if (grep -q x f)\nthen\n  echo yes\nfi\n(cd /tmp\nls)',
    ['bash: if (grep -q x f)\nthen\n  echo yes\nfi', 'bash: (cd /tmp\nls)'],
  ],
  ['blank lines and comments', '\n# one\n\n1\n\n# two\nls # three\n\n', ['ours: 1', 'bash: ls # three']],
  ['a fault of ours, which ends with its line', '$x == 5\nls', ['ours: $x == 5', 'bash: ls']],
  [
    'a here-document that goes to a cmdlet, which is refused whole',
    'cat <<EOF | Sort-Object\nrm -rf x\nEOF\nls',
    ['ours: cat <<EOF | Sort-Object\nrm -rf x\nEOF', 'bash: ls'],
  ],
  [
    'a block for a session with a here-document',
    'Invoke-Command srv1 {\n  cat <<EOF\n}\nEOF\n}\nls',
    ['ours: Invoke-Command srv1 {\n  cat <<EOF\n}\nEOF\n}', 'bash: ls'],
  ],
  ['an end that is open', 'ls\nfor i in 1; do', ['bash: ls', 'bash incomplete: for i in 1; do']],
  ['an end of ours that is open', "ls\n$x = @{\n a = 'b'", ['bash: ls', "ours incomplete: $x = @{\n a = 'b'"]],
  ['two statements on a line', '1; 2 +\n3\nls', ['ours: 1; 2 +\n3', 'bash: ls']],
  ['statements that follow each other', '1\n2\n$x\nls', ['ours: 1', 'ours: 2', 'ours: $x', 'bash: ls']],
];

describe('an input is taken apart', () => {
  test.each(PASTES)('%s', (_name, text, parts) => expect(partsOf(text)).toEqual(parts));

  test('at an entered prompt by its rule', () => {
    const host = new RecordingHost();
    host.entered = new PSSession(
      { computerName: 'srv1', clientId: '00000000-0000-4000-8000-000000000001', nextId: () => 1 },
      sessionFixture({ instanceId: '00000000-0000-4000-8000-000000000002', name: 'ITTask', createdAt: 0 }),
    );
    const entered = new Runspace({ remoting: new Remoting({ hosts: new HostsFile() }), host });
    expect(partsOf("$x = 5\nGet-PSSession\nif (true) then\n echo 'a'\nfi", entered)).toEqual([
      'bash: $x = 5',
      'ours: Get-PSSession',
      "bash: if (true) then\n echo 'a'\nfi",
    ]);
  });

  test('and each part has its colours in its place', () => {
    const text = 'ls $x\n$y = 5';
    const tokens = new TypedText(runspace).tokens(text);
    expect(tokens.map(({ kind, from, to }) => [kind, text.slice(from, to)])).toEqual([
      ['variable', '$y'],
      ['operator', '='],
      ['number', '5'],
    ]);
  });

  test('whose a statement is, is asked once for each state of the text', () => {
    let asked = 0;
    const counting = new Runspace({ remoting: new Remoting({ hosts: new HostsFile() }), host: new RecordingHost() });
    const owns = counting.owns.bind(counting);
    counting.owns = (line) => {
      asked++;
      return owns(line);
    };
    const typed = new TypedText(counting);
    typed.tokens('6 * 7');
    expect(typed.isIncomplete('6 * 7')).toBe(false);
    expect(typed.first('6 * 7').isOurs).toBe(true);
    expect(asked).toBe(1);
  });

  test('in time in proportion to their number', () => {
    expectLinear((length) => {
      const lines = Array.from({ length }, (_, at) =>
        at % 2 === 0 ? `echo line ${at} 'and' "more"` : `$x${at} = ${at}`,
      );
      expect(partsOf(lines.join('\n'))).toHaveLength(length);
    }, 500);
  });
});

describe('what was entered at once', () => {
  const names = new ShellNames({ shell: new SpawnedShell(), commands: runspace.commands });
  const place = { local: true, lastStatus: 0 };

  test('is decided when its turn comes: a function of ours that it defines is known by then', async () => {
    const among = new Runspace({ remoting: new Remoting({ hosts: new HostsFile() }), host: new RecordingHost() });
    const input = new EnteredInput(among, names);
    input.put('function Get-Own {\n 1\n}\nGet-Own\nls');
    const first = await input.next(place);
    expect(first).toMatchObject({ isOurs: true, text: 'function Get-Own {\n 1\n}' });
    await among.run(first?.text ?? '', new AbortController().signal);
    expect(await input.next(place)).toMatchObject({ isOurs: true, text: 'Get-Own' });
    expect(await input.next(place)).toMatchObject({ isOurs: false, text: 'ls' });
    expect(await input.next(place)).toBeUndefined();
    expect(input.drop()).toBe('');
  });

  test('is counted when it does not run', async () => {
    const input = new EnteredInput(runspace, names);
    input.put('a\n\nb\n');
    expect(input.drop()).toBe('2 more lines were not run\n');
    expect(await input.next(place)).toBeUndefined();
  });
});
