/** How Format-Table or Format-List shows its objects; all rows of one call share one. */
export type Format = { readonly shape: 'table' | 'list'; readonly hideHeaders: boolean };

/** A property as it is to be shown. */
export type Cell = {
  readonly name: string;
  readonly value: unknown;
  readonly align?: 'left' | 'center' | 'right' | undefined;
  /** In cells; as wide as what is in it unless given. */
  readonly width?: number | undefined;
};

/** An object on its way to the screen, as Format-Table and Format-List give it; formatting makes the text of it. */
export class FormattedRow {
  readonly format: Format;
  /** The object itself where its view says what is shown of it. */
  readonly shown: { readonly object: object } | { readonly cells: readonly Cell[] };
  /** What -GroupBy found; a new value begins a new table. */
  readonly group: Cell | undefined;

  constructor(format: Format, shown: FormattedRow['shown'], group?: Cell) {
    this.format = format;
    this.shown = shown;
    this.group = group;
  }
}
