import { renameSync, writeFileSync } from 'node:fs';

// Loaded into a process that is measured (heap.ts).
const file = process.env['HEAP_REPORT'] ?? '';

/** As under a lack of memory: the collector gives the system back what it would keep for later. */
function collect() {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

process.on('SIGUSR2', () => {
  collect();
  // What this let go of may have held other things.
  setImmediate(() => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    writeFileSync(`${file}.new`, String(heapUsed + external));
    renameSync(`${file}.new`, file);
  });
});
