// Ends a run with why tests were skipped and the line that CI reads: `N passed, N failed, N skipped`. In CI a skipped test
// is a failure.
export default class SummaryReporter {
  onTestRunEnd(modules, errors) {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    const skips = new Map();
    for (const module of modules) {
      if (module.errors().length > 0) count.failed += 1;
      for (const test of module.children.allTests()) {
        const { state, note } = test.result();
        count[state === 'passed' || state === 'failed' ? state : 'skipped'] += 1;
        if (note !== undefined) skips.set(note, (skips.get(note) ?? 0) + 1);
      }
    }
    for (const [reason, tests] of skips) process.stdout.write(`${tests} skipped: ${reason}\n`);
    if (process.env.CI !== undefined && count.skipped > 0) {
      process.stdout.write('In CI a skipped test is a failure\n');
      process.exitCode = 1;
    }
    process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  }
}
