import stringWidth from 'string-width';
import { valueText } from './value-text.ts';
import type { Column, View } from './views.ts';

/** A table with a heading, an empty line before and after it, as PowerShell shows objects. */
export function formatTable(objects: readonly object[], view: View): string {
  const columns = view.columns.map((column) => formatColumn(objects, column));
  const rows = Array.from({ length: objects.length + 2 }, (_, row) => columns.map((cells) => cells[row]).join(' '));
  return `\n${rows.map((row) => `${row.trimEnd()}\n`).join('')}\n`;
}

function formatColumn(objects: readonly object[], { name, align, minWidth = 0 }: Column): string[] {
  const cells = [name, '-'.repeat(name.length), ...objects.map((object) => valueText(Reflect.get(object, name)))];
  const widths = cells.map((cell) => stringWidth(cell));
  const width = Math.max(minWidth, ...widths);
  return cells.map((cell, index) => {
    const padding = ' '.repeat(width - (widths[index] ?? 0));
    return align === 'right' ? padding + cell : cell + padding;
  });
}
