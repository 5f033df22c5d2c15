import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EmulatedTerminal } from '../support/emulated-terminal.ts';
import { HOLDFAST, type Machine } from '../support/machine.ts';
import { needProgram } from '../support/need-program.ts';
import { startRelayed, type Relayed } from '../support/relayed.ts';
import { makeSecondMachine } from '../support/remote.ts';

/** Asks a terminal everything when it is told to by a signal, and counts what it is answered. */
const ASKER = String.raw`
import json, os, re, select, signal, sys, termios, tty
KINDS = {
    'DA1': (b'\x1b[c', rb'\x1b\[\?[\d;]*c'),
    'DA2': (b'\x1b[>c', rb'\x1b\[>[\d;]*c'),
    'DSR': (b'\x1b[5n', rb'\x1b\[0n'),
    'CPR': (b'\x1b[6n', rb'\x1b\[\d+;\d+R'),
    'text colour': (b'\x1b]10;?\x1b\\', rb'\x1b\]10;[^\x07\x1b]*(?:\x07|\x1b\\)'),
    'background': (b'\x1b]11;?\x1b\\', rb'\x1b\]11;[^\x07\x1b]*(?:\x07|\x1b\\)'),
    'XTVERSION': (b'\x1b[>q', rb'\x1bP>\|[^\x1b]*\x1b\\'),
}
counts = {kind: 0 for kind in KINDS}
asked, rest = 0, b''
def tell():
    told = json.dumps({'asked': asked, 'counts': counts, 'rest': rest.decode('latin1')})
    with open('told.new', 'w') as file: file.write(told)
    os.replace('told.new', 'told')
wake, waker = os.pipe()
os.set_blocking(waker, False)
signal.set_wakeup_fd(waker)
signal.signal(signal.SIGUSR1, lambda *_: None)
with open('asker.pid', 'w') as file: file.write(str(os.getpid()))
tty.setraw(0)
tell()
os.write(1, b'asker is ready\r\n')
while b'q' not in rest:
    readable, _, _ = select.select([0, wake], [], [])
    if wake in readable:
        for _ in os.read(wake, 100):
            asked += 1
            os.write(1, b'ask %d ' % asked + b''.join(question for question, _ in KINDS.values()) + b'\r\n')
    if 0 in readable: rest += os.read(0, 4096)
    for kind, (_, answer) in KINDS.items():
        rest, found = re.subn(answer, b'', rest)
        counts[kind] += found
    tell()
termios.tcsetattr(0, termios.TCSADRAIN, termios.tcgetattr(0))
`;

const KINDS = ['DA1', 'DA2', 'DSR', 'CPR', 'text colour', 'background', 'XTVERSION'];

let remote: Relayed;
let second: Machine;
const children: ChildProcess[] = [];

beforeEach(async () => {
  needProgram('python3');
  remote = await startRelayed();
  second = makeSecondMachine(remote);
  writeFileSync(join(remote.host.home, 'asker.py'), ASKER);
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  second[Symbol.dispose]();
  await remote[Symbol.asyncDispose]();
});

/** Tells the program to ask everything once more. */
function ask(): void {
  process.kill(Number(readFileSync(join(remote.host.home, 'asker.pid'), 'utf8')), 'SIGUSR1');
}

function told(): unknown {
  return existsSync(join(remote.host.home, 'told'))
    ? JSON.parse(readFileSync(join(remote.host.home, 'told'), 'utf8'))
    : undefined;
}

/** Every question of so many rounds has come to its one answer, and nothing else was typed. */
async function answered(rounds: number): Promise<void> {
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, rounds]));
  await expect.poll(told).toEqual({ asked: rounds, counts, rest: '' });
}

test('each question has one answer: of the terminal that looks, else of the host', async () => {
  using here = new EmulatedTerminal([HOLDFAST], remote.client.env);
  await here.waitFor(/local session ready[^]*\n\/>\s*$/);
  here.type('New-PSSession -ComputerName srv1 -Name asks\r');
  await here.waitFor(/asks +srv1 +Opened/);
  here.type('Enter-PSSession -Name asks\r');
  await here.waitFor(/\[srv1\] ~>\s*$/);
  here.type('python3 asker.py\r');
  await here.waitFor(/asker is ready/);

  const answeredHere = async (rounds: number, byTerminal: boolean): Promise<void> => {
    const { answers } = here;
    ask();
    await answered(rounds);
    expect(here.answers.length > answers.length).toBe(byTerminal);
  };
  // Attached, detached, and attached again, where old output is shown again.
  await answeredHere(1, true);
  here.type('\x1d');
  await here.waitFor(/leave it running/);
  here.type('l');
  await here.waitFor(/goes on: [^]*\n\/>\s*$/);
  await answeredHere(2, false);
  await answeredHere(3, false);
  const { answers } = here;
  here.type('Enter-PSSession -Name asks\r');
  await here.waitFor(/ask 3/);
  expect(here.answers).toBe(answers);
  await answeredHere(4, true);

  // The link is cut between question and answer, and comes back by itself.
  for (let rounds = 5; rounds < 10; rounds += 1) {
    ask();
    remote.link.cut();
    await answered(rounds);
  }
  // ... and stays away: nobody looks.
  remote.link.refusing = true;
  remote.link.cut();
  await here.waitFor(/link lost, reconnecting/);
  await answeredHere(10, false);
  await answeredHere(11, false);
  remote.link.refusing = false;
  await here.waitFor(/ask 11/);
  await here.waitFor(/link is back/);
  await answeredHere(12, true);

  // Another client takes the session, and dies.
  {
    using there = new EmulatedTerminal([HOLDFAST, 'enter', 'srv1', '--name', 'asks', '--take'], second.env);
    await there.waitFor(/ask 12/);
    expect(there.answers).toBe('');
    await answeredHere(13, false);
    expect(there.answers).not.toBe('');
    await here.waitFor(/was taken by [^]*\n\/>\s*$/);
    process.kill(there.pid, 'SIGKILL');
  }
  await answeredHere(14, false);

  // One that fetches the output shows it to no terminal.
  const text =
    'Connect-PSSession -ComputerName srv1 -Name asks -Force; Receive-PSSession -ComputerName srv1 -Name asks';
  const receiver = spawn(HOLDFAST, ['-c', text], { env: second.env, stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(receiver);
  let received = '';
  receiver.stdout.on('data', (bytes: Buffer) => (received += bytes.toString()));
  while (!received.includes('ask 14')) await once(receiver.stdout, 'data');
  await answeredHere(15, false);
  while (!received.includes('ask 15')) await once(receiver.stdout, 'data');
  await answered(15);

  // Nothing of all this was typed at the prompt of this machine.
  here.type('echo "<$_>"\r');
  await here.waitFor(/^<.*>$/m);
  expect(here.screen).toMatch(/^\/> echo "<\$_>"$/m);
});
