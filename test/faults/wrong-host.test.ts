import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@holdfast/shell/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ShownOutput, connectFrom } from '../support/client.ts';
import { Console } from '../support/console.ts';
import { HOLDFAST } from '../support/machine.ts';
import { startRelayed, type Relayed } from '../support/relayed.ts';

const KEYS_EVERY_MS = 15;

let remote: Relayed;
let other: Connection;

beforeEach(async () => {
  remote = await startRelayed();
  other = await connectFrom(remote.client, 'direct');
});

afterEach(async () => {
  other.close();
  await remote[Symbol.asyncDispose]();
});

/** A program that keeps every byte it is given, on a raw terminal. */
const keeps = (file: string): string => `stty raw -echo; printf 'be''gun'; cat >~/${file}`;

const kept = (file: string): string => readFileSync(join(remote.host.home, file), 'latin1');

/** Starts a session that keeps its input, held by the other client. */
async function openOther(name: string, file: string): Promise<void> {
  const session = await other.openSession({ name, columns: 80, rows: 24 });
  const shown = new ShownOutput();
  await shown.show(session);
  session.run(keeps(file));
  await shown.until(() => shown.text.includes('begun'));
}

/** Types lines that leave a file behind in whatever shell reads them; until stopped. */
class Typist {
  text = '';
  readonly #stop = new AbortController();
  readonly #typing: Promise<void>;

  constructor(screen: Console) {
    this.#typing = this.#type(screen);
  }

  /** Waits until so many more bytes were typed. */
  async more(bytes: number): Promise<void> {
    const end = this.text.length + bytes;
    await expect.poll(() => this.text.length, { timeout: 30_000 }).toBeGreaterThan(end);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#typing;
  }

  async #type(screen: Console): Promise<void> {
    for (let line = 1; !this.#stop.signal.aborted; line += 1) {
      for (const piece of [`>${remote.client.home}/`, `leak${line}`, '\r']) {
        screen.type(piece);
        this.text += piece;
        await delay(KEYS_EVERY_MS);
      }
    }
  }
}

/** Each fault, and whether the session goes on after it. */
const FAULTS: Record<string, { goesOn: boolean; hit: () => Promise<void> }> = {
  'the link is cut': {
    goesOn: true,
    hit: async () => {
      remote.link.refusing = true;
      remote.link.cut();
    },
  },
  'the session is closed': { goesOn: false, hit: async () => other.stopSession(await idOf('A')) },
  'the host is killed': { goesOn: false, hit: killHost },
  'another client takes it': {
    goesOn: false,
    hit: async () => void (await other.connectSession(await idOf('A'), { force: true })),
  },
  'the host comes again with a session of the same name': {
    goesOn: false,
    hit: async () => {
      remote.link.refusing = true;
      remote.link.cut();
      await killHost();
      other.close();
      other = await connectFrom(remote.client, 'direct');
      await openOther('A', 'in-again');
      remote.link.refusing = false;
    },
  },
};

async function idOf(name: string): Promise<string> {
  const found = (await other.listSessions()).find((session) => session.name === name);
  return found?.instanceId ?? '';
}

async function killHost(): Promise<void> {
  for (const { pid } of (await other.status()).hosts) process.kill(pid, 'SIGKILL');
}

/** No shell ran, and no other session was given, a byte of what was typed for A. */
function expectNothingElsewhere(): void {
  expect(readdirSync(remote.client.home).filter((name) => name.startsWith('leak'))).toEqual([]);
  expect(kept('in-B')).toBe('');
  if (existsSync(join(remote.host.home, 'in-again'))) expect(kept('in-again')).toBe('');
}

describe.each(Object.entries(FAULTS))('while keys are typed %s', (_, { goesOn, hit }) => {
  test('and the shell of the prompt gets none of them', async () => {
    await openOther('B', 'in-B');
    using screen = new Console([HOLDFAST], remote.client.env);
    await screen.see('local session ready');
    screen.type('New-PSSession -ComputerName srv1 -Name A\r');
    await screen.see(/A +srv1 +Opened/);
    screen.type('Enter-PSSession -Name A\r');
    await screen.see('[srv1] ~>');
    screen.type(`${keeps('in-A')}\r`);
    await screen.see('begun');
    const typist = new Typist(screen);
    await typist.more(200);
    await hit();
    if (goesOn) await goOn(screen, typist);
    else await endsAtPrompt(screen, typist);
    expectNothingElsewhere();
  }, 30_000);

  test('and the shell that the client was started from gets none of them', async () => {
    await openOther('B', 'in-B');
    using screen = fromShell([HOLDFAST, 'enter', 'srv1', '--name', 'A']);
    await screen.see('[srv1] ~>');
    screen.type(`${keeps('in-A')}\r`);
    await screen.see('begun');
    const typist = new Typist(screen);
    await typist.more(200);
    await hit();
    if (goesOn) await goOn(screen, typist);
    else {
      await screen.see('A on srv1: ');
      await endsInShell(screen, typist);
    }
    expectNothingElsewhere();
  }, 30_000);
});

test('while keys are typed to `run -t` its host is killed, and the shell that it was started from gets none of them', async () => {
  await openOther('B', 'in-B');
  using screen = fromShell([HOLDFAST, 'run', '-t', 'srv1', '--', keeps('in-A')]);
  await screen.see('begun');
  const typist = new Typist(screen);
  await typist.more(200);
  await killHost();
  await endsInShell(screen, typist);
  expectNothingElsewhere();
});

/** What was typed before the fault came to A, and no byte behind a hole. */
function expectBeginningInA(typist: Typist): void {
  expect(typist.text.startsWith(kept('in-A'))).toBe(true);
  expect(kept('in-A').length).toBeGreaterThan(0);
}

/** What the shell that a client was started from reads, once the client is gone. */
const localInput = (): string => join(remote.client.home, 'local-in');

function fromShell(command: readonly string[]): Console {
  const outer = `"$@"; stty raw -echo; echo be''yond; cat >${localInput()}`;
  return new Console(['bash', '--norc', '-c', outer, '-', ...command], remote.client.env);
}

/** The client ends while keys are typed: the first that its shell reads is the one typed behind all of them. */
async function endsInShell(screen: Console, typist: Typist): Promise<void> {
  await typist.more(400);
  await typist.stop();
  await screen.see(/not sent to anything: \d+ keys/);
  await screen.see('beyond');
  screen.type('Z');
  await expect.poll(() => readFileSync(localInput(), 'latin1')).toBe('Z');
  expectBeginningInA(typist);
}

/** Everything that was typed before, in and after the gap came once. */
async function goOn(screen: Console, typist: Typist): Promise<void> {
  await screen.see(/not sent: \d+ keys/);
  await typist.more(100);
  remote.link.refusing = false;
  await screen.see('link is back');
  await typist.more(100);
  await typist.stop();
  await expect.poll(() => kept('in-A')).toBe(typist.text);
}

async function endsAtPrompt(screen: Console, typist: Typist): Promise<void> {
  await screen.see('A on srv1: ');
  await typist.more(400);
  await typist.stop();
  await screen.see(/not sent to anything: \d+ keys/);
  await screen.see('/>');
  screen.type("echo he''re\r");
  await screen.see('here');
  expectBeginningInA(typist);
}
