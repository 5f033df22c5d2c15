// `npm test [-- files]`: every test. The runner is Vitest on the pinned Node; its last line is `N passed, N failed, N skipped`.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// Nearly every test makes a key with it; what only some tests need, those skip themselves (test/support/need-program.ts).
if (spawnSync('ssh-keygen', ['-?']).error !== undefined) {
  process.stderr.write('The tests need ssh-keygen, which is not on this machine: apt-get install openssh-client\n');
  process.exit(1);
}

const require = createRequire(import.meta.url);
const vitest = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs');
const result = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(result.status ?? 1);
