import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { followAccessRules } from './follow-access-rules.ts';

const HOUR_S = 3600;
let folder: string;
let file: string;
let logged: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-rules-'));
  file = join(folder, 'agent.toml');
  logged = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes the file as if that had been so long ago. */
function write(text: string, agoS: number): void {
  writeFileSync(file, text);
  const when = Date.now() / 1000 - agoS;
  utimesSync(file, when, when);
}

function follow(): () => string[] {
  const rules = followAccessRules(file, { log: (event) => logged.push(event), settledMs: 1800 * 1000 });
  return () => rules().denyUsers;
}

describe('followAccessRules()', () => {
  test('gives what was written, but not while it is being written', () => {
    write('[access]\ndenyUsers = ["ann"]', 0);
    const denied = follow();
    expect(denied()).toEqual(['ann']);
    // What an editor leaves for a moment would let everybody in.
    write('', 0);
    expect(denied()).toEqual(['ann']);
    write('[access]\ndenyUsers = ["ann", "bob"]', HOUR_S);
    expect(denied()).toEqual(['ann', 'bob']);
    expect(logged).toEqual(['access.changed']);
    // By a clock that was set back.
    write('[access]\ndenyUsers = ["carol"]', -HOUR_S);
    expect(denied()).toEqual(['carol']);
  });

  test.each([
    ['is no TOML', '[access'],
    ['has a rule that there is not', '[access]\ndenyUser = ["bob"]'],
    ['has the rules under a wrong name', '[acess]\ndenyUsers = ["bob"]'],
    ['is gone', undefined],
  ])('stays with the rules that were there when the file %s, and says so once', (_, text) => {
    write('[access]\ndenyUsers = ["ann"]', 2 * HOUR_S);
    const denied = follow();
    if (text === undefined) rmSync(file);
    else write(text, HOUR_S);
    expect([denied(), denied()]).toEqual([['ann'], ['ann']]);
    expect(logged).toEqual(['access.failed']);
  });
});
