import { Breather } from '../runtime/breather.ts';
import { FormattedRow, type Cell } from '../runtime/formatted-row.ts';
import { Hashtable } from '../runtime/hashtable.ts';
import { memberNames, readMember } from '../runtime/members.ts';
import { HelpText } from '../runtime/help-text.ts';
import { RemoteText } from '../runtime/remote-text.ts';
import { ScriptBlock } from '../runtime/script-block.ts';
import { TypeLiteral } from '../runtime/type-literal.ts';
import { formatError } from './error-view.ts';
import { formatList } from './list.ts';
import { Table } from './table.ts';
import { wrapText } from './wrap-text.ts';
import { cellText, valueText } from './value-text.ts';
import { HASHTABLE_VIEW, tableViewOf, viewOf, type Column } from './views.ts';

/** For so long objects are gathered, so that a table is as wide as its rows; what comes later keeps to these widths. */
const GATHER_MS = 300;

/** Objects under one heading: those of one view, or of one Format-Table. */
type Group = {
  readonly key: unknown;
  readonly text: string;
  readonly columns: readonly Column[];
  readonly hideHeaders: boolean;
  readonly rows: (readonly unknown[])[];
  /** Once it is on the screen. */
  table?: Table;
};

type Heading = Pick<Group, 'key' | 'columns'> & Partial<Pick<Group, 'text' | 'hideHeaders'>>;

/**
 * Writes results: text at once, objects under one heading until one of another kind comes; waits for what `write` returns.
 * @param columns cells of a line; nothing is cut where it is Infinity
 * @param screen gets what completes all that was written so far, for what writes there past this function
 */
export async function writeOutput(
  results: AsyncIterable<unknown>,
  write: (text: string) => void | Promise<void>,
  columns = Infinity,
  screen?: { flush: () => Promise<void> },
): Promise<void> {
  let taken = Promise.resolve();
  const output = new Output((text) => {
    taken = Promise.resolve(write(text));
  }, columns);
  if (screen !== undefined) {
    screen.flush = () => {
      output.end();
      return taken;
    };
  }
  const breather = new Breather();
  try {
    for await (const result of results) {
      output.add(result);
      await taken;
      await breather.breathe();
    }
  } finally {
    // What came before an error is shown before it.
    output.end();
  }
}

class Output {
  readonly #write: (text: string) => void;
  readonly #line: number;
  #table: Group | undefined;
  #list: { readonly key: unknown; readonly text: string } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(write: (text: string) => void, line: number) {
    this.#write = write;
    this.#line = line;
  }

  add(result: unknown): void {
    if (result === undefined || result === null) return;
    if (Array.isArray(result)) for (const one of result) this.add(one);
    else if (result instanceof FormattedRow) this.#addFormatted(result);
    else if (result instanceof Hashtable) {
      for (const entry of result.entries())
        this.#addRow({ key: HASHTABLE_VIEW, columns: HASHTABLE_VIEW.columns }, entry);
    } else if (isObject(result)) this.#addObject(result);
    else {
      this.end();
      this.#write(textOf(result, this.#line));
    }
  }

  /** What is open is complete. */
  end(): void {
    this.#show();
    if (this.#table !== undefined) this.#write('\n');
    this.#table = undefined;
    this.#list = undefined;
  }

  #addObject(object: object): void {
    const view = viewOf(object);
    if (view === undefined) this.#addToList({ key: 'list' }, cellsOf(object));
    else this.#addRow({ key: view, columns: view.columns }, valuesOf(object, view.columns));
  }

  #addFormatted({ format, shown, group }: FormattedRow): void {
    const text = group === undefined ? '' : `   ${group.name}: ${cellText(group.value)}\n`;
    if (format.shape === 'list') {
      this.#addToList({ key: format, text }, 'cells' in shown ? shown.cells : cellsOf(shown.object));
      return;
    }
    const { hideHeaders } = format;
    if ('cells' in shown) {
      const values = shown.cells.map(({ value }) => value);
      this.#addRow(
        {
          key: format,
          text,
          hideHeaders,
          columns: shown.cells.map(({ name, align, width }) => ({ name, align, width })),
        },
        values,
      );
      return;
    }
    // All objects of one Format-Table show what the first of them has.
    const open = this.#table;
    const columns = open !== undefined && open.key === format ? open.columns : tableViewOf(shown.object).columns;
    this.#addRow({ key: format, text, hideHeaders, columns }, valuesOf(shown.object, columns));
  }

  #addToList({ key, text = '' }: { key: unknown; text?: string }, cells: readonly Cell[]): void {
    const open = this.#list;
    if (open === undefined || open.key !== key || open.text !== text) {
      this.end();
      this.#write(`\n${text === '' ? '' : `${text}\n`}`);
      this.#list = { key, text };
    }
    this.#write(`${formatList(cells, this.#line)}\n`);
  }

  #addRow(heading: Heading, values: readonly unknown[]): void {
    const group = this.#openTable(heading);
    if (group.table === undefined) group.rows.push(values);
    else this.#write(group.table.row(values));
  }

  #openTable({ key, columns, text = '', hideHeaders = false }: Heading): Group {
    const open = this.#table;
    if (open !== undefined && open.key === key && open.text === text) return open;
    this.end();
    const group: Group = { key, text, columns, hideHeaders, rows: [] };
    this.#table = group;
    this.#timer = setTimeout(() => this.#show(), GATHER_MS);
    return group;
  }

  /** Puts what was gathered on the screen, with its heading. */
  #show(): void {
    clearTimeout(this.#timer);
    const group = this.#table;
    if (group === undefined || group.table !== undefined) return;
    const table = new Table({ columns: group.columns, rows: group.rows, line: this.#line });
    group.table = table;
    const heading = group.hideHeaders ? '' : table.heading;
    const title = group.text === '' ? '' : `${group.text}\n`;
    this.#write(`\n${title}${heading}${group.rows.map((row) => table.row(row)).join('')}`);
    group.rows.length = 0;
  }
}

/** What has properties to show; others are text. */
function isObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Error) return false;
  if (value instanceof RemoteText || value instanceof HelpText) return false;
  return !(value instanceof ScriptBlock || value instanceof TypeLiteral) && memberNames(value).length > 0;
}

function textOf(value: unknown, line: number): string {
  if (value instanceof Error) return formatError(value, line);
  if (value instanceof HelpText) return `${wrapText(value.toString(), line, true)}\n`;
  if (value instanceof RemoteText) return `${value.shown}\n`;
  return `${valueText(value)}\n`;
}

function valuesOf(object: object, columns: readonly Column[]): unknown[] {
  return columns.map(({ name }) => readMember(object, name));
}

function cellsOf(object: object): Cell[] {
  return memberNames(object).map((name) => ({ name, value: readMember(object, name) }));
}
