// `npm run check`: one command that says yes or no about the sources: types, lint, import directions and circles, format,
// unused code. Tests are `npm test`.
import { spawnSync } from 'node:child_process';

const STEPS = [
  ['tsc', '-p', 'tsconfig.json'],
  ['oxlint', '--type-aware', 'packages', 'test', 'tools', 'bench'],
  ['oxfmt', '--check', 'packages', 'test', 'tools', 'bench'],
  ['knip'],
];

for (const [command, ...args] of STEPS) {
  process.stdout.write(`${command} ${args.join(' ')}\n`);
  const result = spawnSync(command, args, { stdio: 'inherit' });
  if (result.status !== 0) process.exit(result.status ?? 1);
}
