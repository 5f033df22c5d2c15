import { accessSync, constants, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { TestRunner, type RunnerTestCase } from 'vitest';
import { ROOT } from './machine.ts';

/**
 * Skips the test that runs when `program` is not on this machine, and says which Debian package has it. In CI, where
 * `.ci/run` installs every program that stands in its list, a skipped test is a failure.
 */
export function needProgram(program: string): void {
  const name = debianPackage(program);
  if (isInstalled(program)) return;
  const test = TestRunner.getCurrentTest<RunnerTestCase | undefined>();
  const reason = `${program} is not on this machine: apt-get install ${name}`;
  if (test === undefined) throw new Error(reason);
  test.context.skip(reason);
}

/** From `.ci/run`, so that a test cannot need what CI does not install. */
function debianPackage(program: string): string {
  for (const line of readFileSync(join(ROOT, '.ci/run'), 'utf8').split('\n')) {
    const [word, listed, name] = line.split(' ');
    if (word === 'need' && listed === program && name !== undefined) return name;
  }
  throw new Error(`.ci/run does not install ${program}: add "need ${program} PACKAGE" there`);
}

function isInstalled(program: string): boolean {
  const folders = isAbsolute(program) ? [''] : (process.env['PATH'] ?? '').split(':');
  return folders.some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
