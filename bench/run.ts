// `npm run bench [-- measure ...]`: Holdfast beside OpenSSH on loopback, interleaved in one run, medians.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { coldOneShot } from './measures/cold-one-shot.ts';
import { idleMemory } from './measures/idle-memory.ts';
import { interruptFlood } from './measures/interrupt-flood.ts';
import { keyEcho } from './measures/key-echo.ts';
import { throughput } from './measures/throughput.ts';
import { typedCommand } from './measures/typed-command.ts';
import { printTable, type Row } from './support/figures.ts';
import { Rig } from './support/rig.ts';

const MEASURES = { coldOneShot, typedCommand, keyEcho, throughput, interruptFlood, idleMemory };

const wanted = process.argv.slice(2);
const ssh = execFileSync('sh', ['-c', 'ssh -V 2>&1'], { encoding: 'utf8' }).trim();
process.stdout.write(`node ${process.versions.node}, ${ssh}, ${cpus().length} x ${cpus()[0]?.model ?? 'processor'}\n`);

const rig = await Rig.start();
const rows: Row[] = [];
try {
  for (const [name, measure] of Object.entries(MEASURES)) {
    if (wanted.length === 0 || wanted.includes(name)) rows.push(...(await measure(rig)));
  }
} finally {
  await rig.stop();
}
printTable(rows);
process.exitCode = rows.every((row) => row.within !== false) ? 0 : 1;
