import { formatList } from './list.ts';
import { formatTable } from './table.ts';
import { valueText } from './value-text.ts';
import { viewOf, type View } from './views.ts';

/** Writes results: text at once, objects under one heading until one of another kind comes. */
export async function writeOutput(results: AsyncIterable<unknown>, write: (text: string) => void): Promise<void> {
  const output = new Output(write);
  try {
    for await (const result of results) output.add(result);
  } finally {
    // What came before an error is shown before it.
    output.flush();
  }
}

class Output {
  readonly #write: (text: string) => void;
  #gathered: object[] = [];
  #view: View | undefined;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  add(result: unknown): void {
    if (result === undefined || result === null) return;
    if (typeof result !== 'object') {
      this.flush();
      this.#write(`${typeof result === 'string' ? result : valueText(result)}\n`);
      return;
    }
    const view = viewOf(result);
    if (view !== this.#view) this.flush();
    this.#view = view;
    this.#gathered.push(result);
  }

  flush(): void {
    if (this.#gathered.length === 0) return;
    this.#write(this.#view === undefined ? formatList(this.#gathered) : formatTable(this.#gathered, this.#view));
    this.#gathered = [];
  }
}
