// Installs what package-lock.json names, if it has changed. Runs on whatever Node started npm (20 or later): no dependencies,
// no new syntax.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** An npm that takes longer waits for an answer that never comes, which was seen: it has no limit of its own for that. */
const LIMIT_MS = 10 * 60_000;
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
  const status = npmInstall() ?? npmInstall();
  if (status === 0) writeFileSync(STAMP, wanted);
  return status ?? 1;
}

/** @returns its exit status; undefined when it hung and was ended */
function npmInstall() {
  const { status, error } = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, npm_config_loglevel: 'error' },
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  if (error?.code !== 'ETIMEDOUT') return status ?? 1;
  process.stderr.write(`Holdfast: npm install did not end within ${LIMIT_MS / 60_000} minutes\n`);
  return undefined;
}
