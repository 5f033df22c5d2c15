import stringWidth from 'string-width';
import { cutText, fitColumns, padText, type Align } from './fit-columns.ts';
import { cellText } from './value-text.ts';
import type { Column } from './views.ts';

/** What a table is made for. */
export type TableOptions = {
  readonly columns: readonly Column[];
  /** The rows that are known when it begins; they say how wide its columns are. */
  readonly rows: readonly (readonly unknown[])[];
  /** Cells of a line; Infinity where nothing is to be cut. */
  readonly line: number;
};

/** A column that is shown: padded to its width, cut at its limit. */
type Place = { readonly name: string; readonly align: Align; readonly width: number; readonly limit: number };

/** A table whose columns are as wide as their values, as far as the line has room. */
export class Table {
  readonly #places: readonly Place[];

  constructor({ columns, rows, line }: TableOptions) {
    const values = columns.map((_, index) => rows.map((row) => row[index]));
    const natural = columns.map((column, index) => naturalWidth(column, values[index] ?? []));
    const whole = columns.map((column) => column.whole === true);
    const widths = fitColumns(natural, line, whole);
    const free = line - widths.reduce((sum, width) => sum + width + 1, -1);
    this.#places = widths.map((width, index) => {
      const { name = '', align, width: wanted } = columns[index] ?? {};
      // What comes after the heading was written may still be as wide as the line has room.
      const more = line === Infinity || index === widths.length - 1 ? free : 0;
      const isNumber = areNumbers(values[index] ?? []);
      return { name, align: align ?? (isNumber ? 'right' : 'left'), width, limit: wanted ?? width + more };
    });
  }

  /** The names of the columns, underlined. */
  get heading(): string {
    const names = this.#places.map(({ name, align, limit }) => cutText(name, limit, align));
    return this.#line(names) + this.#line(names.map((name) => '-'.repeat(stringWidth(name))));
  }

  row(values: readonly unknown[]): string {
    return this.#line(values.map(cellText));
  }

  #line(texts: readonly string[]): string {
    const cells = this.#places.map(({ align, width, limit }, index) =>
      padText(cutText(texts[index] ?? '', limit, align), width, align),
    );
    return `${cells.join(' ').trimEnd()}\n`;
  }
}

function naturalWidth({ name, minWidth = 0, width }: Column, values: readonly unknown[]): number {
  const widest = (most: number, value: unknown): number => Math.max(most, stringWidth(cellText(value)));
  return width ?? values.reduce(widest, Math.max(minWidth, stringWidth(name)));
}

function areNumbers(values: readonly unknown[]): boolean {
  const present = values.filter((value) => value !== null && value !== undefined);
  return present.length > 0 && present.every((value) => typeof value === 'number');
}
