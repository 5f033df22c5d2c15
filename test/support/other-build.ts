import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './machine.ts';

/** A checkout of its own: the sources copied, what npm installed linked. */
export function copyProject(folder: string): void {
  const copy = (...args: string[]): unknown => execFileSync('cp', args, { cwd: ROOT });
  execFileSync('mkdir', ['-p', join(folder, 'packages')]);
  copy('-r', 'tools', 'package.json', 'package-lock.json', folder);
  // Relative links lead to the copied packages; what they lead to in the store is shared with this checkout.
  copy('-al', 'node_modules', folder);
  for (const name of ['protocol', 'agent', 'shell']) {
    execFileSync('mkdir', ['-p', join(folder, 'packages', name)]);
    copy('-r', `packages/${name}/src`, `packages/${name}/package.json`, join(folder, 'packages', name));
    copy('-al', `packages/${name}/node_modules`, join(folder, 'packages', name));
    if (name !== 'protocol') copy('-r', `packages/${name}/bin`, join(folder, 'packages', name));
  }
}

/** Changes the agent's program, so that the next build has another id. */
export function changeAgent(folder: string): void {
  const main = join(folder, 'packages/agent/src/main.ts');
  writeFileSync(main, `${readFileSync(main, 'utf8')}\nprocess.env['HOLDFAST_REBUILT'] = 'yes';\n`);
}

/** Builds a checkout. @returns what `holdfast --version` says of it */
export function build(folder: string): string {
  const path = `${join(folder, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
  execFileSync('node', ['tools/build.mjs'], { cwd: folder, env: { ...process.env, PATH: path } });
  return execFileSync(join(folder, 'node_modules/.bin/holdfast'), ['--version'], { encoding: 'utf8' }).trim();
}
