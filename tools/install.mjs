// Installs what package-lock.json names, if it has changed. Runs on whatever Node started npm (20 or later): no dependencies,
// no new syntax.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const STAMP = join(root, 'node_modules/.holdfast-installed');

/** @returns the exit status of npm, 0 when there was nothing to do */
export function installIfChanged() {
  const name = 'package-lock.json';
  const wanted = createHash('sha256')
    .update(name)
    .update(readFileSync(join(root, name)))
    .digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return 0;
  process.stderr.write('Holdfast: installing dependencies (once)\n');
  // A tree that was copied by hard links shares these files with another: they are made anew, not written over.
  for (const file of [STAMP, join(root, 'node_modules/.package-lock.json')]) rmSync(file, { force: true });
  // Not `npm ci`: it refuses a lock file without the packages of platforms that a registry does not carry. What the lock
  // file names is installed as it says, and `--no-save` leaves it as it is.
  const { status } = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, npm_config_loglevel: 'error' },
  });
  if (status === 0) writeFileSync(STAMP, wanted);
  return status ?? 1;
}
