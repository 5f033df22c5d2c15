import { cpSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePrivateFolder } from './folders.ts';
import { listGenerations } from './host-directory.ts';

/** Copies of builds that nothing runs from are removed after this time. */
const KEEP_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * The program and arguments that run a session host of this build for as long as it likes: from a copy of the bundle,
 * named by its content, that no later build touches. From source, the source itself.
 */
export function hostCommand(options: { stateFolder: string; runtimeFolder: string; buildId: string }): string[] {
  const { stateFolder, runtimeFolder, buildId } = options;
  const source = dirname(fileURLToPath(import.meta.url));
  if (buildId === 'dev') return [process.execPath, join(source, '..', 'main.ts')];
  const library = join(stateFolder, 'lib');
  ensurePrivateFolder(library);
  const copy = join(library, buildId);
  if (!existsSync(copy)) {
    copyBundle(source, copy);
    removeOldCopies(library, runtimeFolder);
  }
  return [process.execPath, join(copy, 'main.js')];
}

function copyBundle(source: string, copy: string): void {
  const fresh = `${copy}.${process.pid}`;
  cpSync(source, fresh, { recursive: true });
  try {
    renameSync(fresh, copy);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    // Somebody else was quicker with the same files.
    if (!existsSync(copy)) throw error;
  }
}

function removeOldCopies(library: string, runtimeFolder: string): void {
  const running = new Set(listGenerations(runtimeFolder).map((generation) => generation.split('-')[1]));
  for (const name of readdirSync(library)) {
    const path = join(library, name);
    const isOld = Date.now() - statSync(path).mtimeMs > KEEP_MS;
    if (isOld && !running.has(basename(name).slice(0, 8))) rmSync(path, { recursive: true, force: true });
  }
}
