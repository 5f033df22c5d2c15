import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { History } from './history.ts';

const folders: string[] = [];

function historyFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-history-'));
  folders.push(folder);
  return join(folder, 'state', 'history');
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test('History keeps lines between runs, for the owner only', () => {
  const file = historyFile();
  const history = new History({ file });
  history.add('for i in 1 2\ndo echo $i; done');
  history.add('ls');
  expect(new History({ file }).entries).toEqual(['for i in 1 2\ndo echo $i; done', 'ls']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('History leaves out repeated lines and lines with a leading blank', () => {
  const history = new History();
  for (const line of ['ls', 'ls', ' secret', '', '  ', 'pwd', 'ls']) history.add(line);
  expect(history.entries).toEqual(['pwd', 'ls']);
});

test('History is shared by several shells without loss', () => {
  const file = historyFile();
  new History({ file }).add('first');
  const source = new URL('./history.ts', import.meta.url).href;
  const script = `const {History}=await import(${JSON.stringify(source)});const h=new History({file:${JSON.stringify(file)}});for(let i=0;i<200;i++)h.add(process.argv[1]+i)`;
  const shell = `for name in a b c; do "$0" --input-type=module -e "$1" $name & done; wait`;
  execFileSync('bash', ['-c', shell, process.execPath, script]);
  const entries = new History({ file }).entries;
  expect(entries).toHaveLength(601);
  expect(entries.filter((line) => line.startsWith('b'))).toEqual(
    Array.from({ length: 200 }, (_, index) => `b${index}`),
  );
});

test('History passes over a damaged line', () => {
  const file = historyFile();
  new History({ file }).add('good');
  appendFileSync(file, '"cut of');
  appendFileSync(file, '\n{"not":"a string"}\n"after"\n');
  expect(new History({ file }).entries).toEqual(['good', 'after']);
});

test('History sets a long file aside and still remembers it', () => {
  const file = historyFile();
  new History({ file }).add('x');
  writeFileSync(file, `${JSON.stringify('y'.repeat(5 * 1024 * 1024))}\n"kept"\n`);
  const history = new History({ file });
  history.add('new');
  expect(readFileSync(file, 'utf8')).toBe('"new"\n');
  expect(new History({ file }).entries.slice(-2)).toEqual(['kept', 'new']);
});

test('History says once that its file cannot be used, and works without it', () => {
  const errors: string[] = [];
  const history = new History({ file: '/dev/null/history', onError: (error) => errors.push(error.message) });
  history.add('ls');
  expect(history.entries).toEqual(['ls']);
  expect(errors).toHaveLength(1);
});
