import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runAgent } from '../gateway/testing/agent-process.ts';
import { TestHome } from '../gateway/testing/test-gateway.ts';
import { Registry } from '../gateway/registry.ts';
import { readGatewaySettings } from '../gateway/settings.ts';

const JOURNAL = '00000000-0000-4000-8000-00000000000a';
const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

let home: TestHome;
let folder: string;
let registry: Registry;

beforeEach(() => {
  home = new TestHome();
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-events-'));
  const settings = { ...readGatewaySettings(), keepDays: 40_000, maxBytes: 2 ** 28 };
  registry = new Registry(folder, settings, (event, fields) => {
    throw new Error(`${event} ${JSON.stringify(fields)}`);
  });
  const events = Array.from({ length: 1200 }, (_, index) => ({
    number: index + 1,
    time: 1000 + index,
    type: index % 2 === 0 ? 'command.started' : 'command.ended',
    sessionId: index % 3,
    text: `echo \x1b]0;${index}\x07`,
  }));
  registry.collect('ada', [{ journal: JOURNAL, events }]);
  registry.record({ type: 'client.refused', user: 'eve', detail: 'wrong key' });
  registry.flush();
});
afterEach(() => {
  registry.close();
  rmSync(folder, { recursive: true, force: true });
  home[Symbol.dispose]();
});

test('holdfast-agent events prints what is in the record, as lines of JSON and as words', async () => {
  const { status, stdout } = await runAgent(home, ['events', '--json', '--state-dir', folder]);
  expect(status).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  const stored = [registry.events({ after: 0, limit: 1000 }), registry.events({ after: 1000, limit: 1000 })];
  expect(lines).toEqual(stored.flatMap(({ events }) => events).map((event) => JSON.stringify(event)));
  expect(lines).toHaveLength(1201);
  const options = ['--type', 'command.ended', '--session', '0', '--after', '1195', '--user', 'ada'];
  const words = await runAgent(home, ['events', '--state-dir', folder, ...options]);
  expect(words.stdout).toBe(
    '1970-01-01T00:00:02.197Z  command.ended  ada  session 0 ()  "echo \\u001b]0;1197\\u0007"\n',
  );
  const nothing = await runAgent(home, ['events', '--state-dir', home.folder]);
  expect(nothing).toMatchObject({ status: 1, stderr: expect.stringMatching(/^holdfast-agent: There is no record in/) });
});

test('holdfast-agent events --follow goes on with what comes, until it is ended', async () => {
  const args = ['events', '--json', '--follow', '--after', '1200', '--state-dir', folder];
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: home.environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    expect(JSON.parse((await lines.next()).value ?? '')).toMatchObject({ number: 1201, type: 'client.refused' });
    registry.record({ type: 'client.connected', user: 'ada' });
    expect(JSON.parse((await lines.next()).value ?? '')).toMatchObject({ number: 1202, type: 'client.connected' });
    child.kill('SIGTERM');
    const [status] = await once(child, 'exit');
    expect(status).toBe(0);
  } finally {
    child.kill('SIGKILL');
  }
});
