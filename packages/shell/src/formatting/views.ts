/** A column of a table: a property, or what `value` makes of the object. */
export type Column = {
  readonly name: string;
  readonly align?: 'right';
  /** In cells; a column is as wide as its widest value, and not narrower than this. */
  readonly minWidth?: number;
};

/** How objects with certain properties show in a table. */
export type View = { readonly columns: readonly Column[] };

const VIEWS: readonly View[] = [
  {
    columns: [
      { name: 'Id', align: 'right', minWidth: 3 },
      { name: 'Name' },
      { name: 'ComputerName' },
      { name: 'State' },
      { name: 'ConfigurationName' },
      { name: 'Availability' },
    ],
  },
];

/** The most properties that an object without a view may have to show as a table. */
const TABLE_PROPERTIES = 4;

/** The table of an object; undefined when it shows as a list. */
export function viewOf(object: object): View | undefined {
  const view = VIEWS.find(({ columns }) => columns.every(({ name }) => name in object));
  if (view !== undefined) return view;
  const names = Object.keys(object);
  return names.length <= TABLE_PROPERTIES ? genericView(names) : undefined;
}

const genericViews = new Map<string, View>();

/** One view per list of names, so that objects of a kind come under one heading. */
function genericView(names: readonly string[]): View {
  const key = names.join('\n');
  const view = genericViews.get(key) ?? { columns: names.map((name) => ({ name })) };
  genericViews.set(key, view);
  return view;
}
