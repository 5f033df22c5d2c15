/** Value below which the share `q` (0 to 1) of the samples lies. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

/** One line of the table: ours against OpenSSH's, and what is asked of their ratio. */
export type Row = { measure: string; unit: string; ours: number; ssh: number; must?: string; within?: boolean };

/** Prints rows as a table that fits into bench/README.md. */
export function printTable(rows: readonly Row[]): void {
  const cells = rows.map((row) => [
    row.measure,
    show(row.ours),
    show(row.ssh),
    row.unit,
    (row.ours / row.ssh).toFixed(2),
    mark(row),
  ]);
  const table = [['measure', 'holdfast', 'ssh', 'unit', 'ratio', 'must'], ...cells];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length))) ?? [];
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |\n`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  process.stdout.write(line(table[0] ?? []) + rule + cells.map(line).join(''));
}

function mark(row: Row): string {
  if (row.must === undefined) return '';
  return `${row.must} ${row.within === true ? 'holds' : 'MISSED'}`;
}

function show(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
