// Bundles the two programs for a quick start (an unbundled start loads some 400 files). Types are checked by tsc.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { installIfChanged } from './install.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

// After a pull that brings a package, a build alone would not find it.
if (installIfChanged() !== 0) process.exit(1);

/** Builds that a running program may still load late parts from are kept this long. */
const KEEP_MS = 7 * 24 * 60 * 60 * 1000;

/** What CommonJS libraries expect to find; in a bundle of ES modules nobody else provides it. By `var`, since some bring their own. */
const COMMON_JS_NAMES = `
import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
var __dirname = import.meta.dirname;`;

/** Stands in the bundles for their id, which is a hash of them. */
const ID_PLACEHOLDER = '@HOLDFAST_BUILD_ID@';

const agent = await bundle(entries('packages/agent/src'));
const shell = await bundle(entries('packages/shell/src'));
const buildId = hash([...agent, ...shell]);
install('packages/agent', agent);
install('packages/shell', shell);

/** The program itself and every worker, which must be a file of its own. */
function entries(folder) {
  const workers = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('-worker.ts'));
  return ['main.ts', ...workers].map((name) => join(folder, name));
}

async function bundle(entryPoints) {
  const result = await build({
    entryPoints,
    outdir: 'bundle',
    entryNames: '[name]',
    bundle: true,
    splitting: true,
    minifySyntax: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    jsx: 'automatic',
    // Native parts cannot be bundled; the agent carries its own copy (install), ssh2's are optional.
    external: ['@lydell/node-pty*', 'cpu-features', '*.node'],
    // Ink asks for it only when DEV=true, yet a static import would fail at start.
    alias: { 'react-devtools-core': fileURLToPath(new URL('empty-module.mjs', import.meta.url)) },
    banner: { js: COMMON_JS_NAMES },
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.HOLDFAST_BUILD_ID': JSON.stringify(ID_PLACEHOLDER) },
    plugins: [cmdletList()],
    write: false,
    logLevel: 'warning',
  });
  return result.outputFiles;
}

/**
 * Puts a bundle into dist/<buildId>, which no later build touches, and points dist/main.js at it last: programs that
 * run while the project is built again go on with their own files.
 */
function install(packageFolder, files) {
  const dist = join(packageFolder, 'dist');
  const folder = join(dist, buildId);
  mkdirSync(folder, { recursive: true });
  for (const file of files)
    replaceFile(join(folder, basename(file.path)), file.text.replaceAll(ID_PLACEHOLDER, buildId));
  if (packageFolder.endsWith('agent')) replaceFile(join(folder, 'pty.node'), readFileSync(ptyBinding()));
  replaceFile(
    join(dist, 'main.js'),
    packageFolder.endsWith('shell') ? cachedStart() : `import './${buildId}/main.js';\n`,
  );
  for (const name of readdirSync(dist)) {
    const path = join(dist, name);
    if (/^[0-9a-f]{16}$/.test(name) && name !== buildId && Date.now() - statSync(path).mtimeMs > KEEP_MS) {
      rmSync(path, { recursive: true });
    }
  }
}

/** A start that finds beside its files what V8 made of them the last time; who may not write there starts without. */
function cachedStart() {
  return `import module from 'node:module';
module.enableCompileCache?.(\`\${import.meta.dirname}/${buildId}/compiled\`);
await import('./${buildId}/main.js');
`;
}

function replaceFile(path, contents) {
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, contents);
  renameSync(fresh, path);
}

/** From source the cmdlets are found by reading their folder; a bundle needs the list in the text. */
function cmdletList() {
  return {
    name: 'cmdlet-list',
    setup(plugin) {
      plugin.onLoad({ filter: /runtime\/cmdlet-modules\.ts$/ }, () => ({
        contents: cmdletModules(),
        loader: 'ts',
        resolveDir: 'packages/shell/src/runtime',
      }));
    },
  };
}

function cmdletModules() {
  const names = readdirSync('packages/shell/src/cmdlets').filter((name) => /^[A-Z]\w*-\w+\.ts$/.test(name));
  const lines = names.map((name) => `  '${name.slice(0, -3)}': () => import('../cmdlets/${name}'),`);
  return `export const cmdletModules: Record<string, () => Promise<unknown>> = {\n${lines.join('\n')}\n};\n`;
}

function hash(files) {
  const digest = createHash('sha256');
  for (const file of files) digest.update(basename(file.path)).update(file.contents);
  return digest.digest('hex').slice(0, 16);
}

/** The terminal binding of this platform, a file inside a registry package. */
function ptyBinding() {
  const agent = createRequire(new URL('../packages/agent/package.json', import.meta.url));
  const library = createRequire(agent.resolve('@lydell/node-pty'));
  const platform = dirname(library.resolve(`@lydell/node-pty-${process.platform}-${process.arch}`));
  for (const folder of [platform, dirname(platform)]) {
    const binding = join(folder, 'prebuilds', `${process.platform}-${process.arch}`, 'pty.node');
    if (existsSync(binding)) return binding;
  }
  throw new Error(`There is no terminal binding for ${process.platform} ${process.arch}`);
}
