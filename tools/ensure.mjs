// Sets up what is missing, then builds if the sources changed. Runs on whatever Node started npm (20 or later): no
// dependencies, no new syntax.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installIfChanged } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) fail(`Node ${process.versions.node} is too old to set Holdfast up: 20 or later is needed`);

if (installIfChanged() !== 0) fail('npm install failed');
buildIfChanged();

function buildIfChanged() {
  const wanted = hash(['package-lock.json', 'tools/build.mjs', ...sources('packages')]);
  if (stampOf('packages/shell/dist/.built') === wanted) return;
  run('node', ['tools/build.mjs']);
  writeFileSync('packages/shell/dist/.built', wanted);
}

function hash(files) {
  const digest = createHash('sha256');
  for (const file of files) digest.update(file).update(readFileSync(file));
  return digest.digest('hex');
}

function* sources(folder) {
  for (const name of readdirSync(folder).sort()) {
    if (name === 'node_modules' || name === 'dist') continue;
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* sources(path);
    else if (!/\.test\.tsx?$/.test(name)) yield path;
  }
}

function stampOf(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function run(command, args) {
  // npm puts node_modules/.bin first in PATH, so `node` is the pinned one as soon as it is installed.
  const path = `${join(root, 'node_modules/.bin')}:${process.env.PATH ?? ''}`;
  const result = spawnSync(command, args, {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, PATH: path },
  });
  if (result.status !== 0) fail(`${command} ${args.join(' ')} failed`);
}

function fail(message) {
  process.stderr.write(`Holdfast: ${message}\n`);
  process.exit(1);
}
