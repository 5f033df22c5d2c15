import { CustomObject } from '../runtime/custom-object.ts';
import { HashtableEntry } from '../runtime/hashtable.ts';
import { memberNames } from '../runtime/members.ts';

/** A column of a table. */
export type Column = {
  readonly name: string;
  /** Numbers to the right, anything else to the left, unless given. */
  readonly align?: 'left' | 'center' | 'right' | undefined;
  /** In cells; a column is as wide as its widest value, and not narrower than this. */
  readonly minWidth?: number;
  /** Is cut only where the other columns have no room left. */
  readonly whole?: boolean;
  /** In cells, whatever the values are. */
  readonly width?: number | undefined;
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
  {
    columns: [
      { name: 'Name' },
      { name: 'Filename' },
      { name: 'IdleTimeoutms' },
      { name: 'MaxIdleTimeoutms' },
      { name: 'OutputBufferingMode' },
      { name: 'Enabled' },
    ],
  },
  {
    columns: [
      { name: 'Id', align: 'right', minWidth: 3 },
      { name: 'Name' },
      { name: 'PSJobTypeName' },
      { name: 'State' },
      { name: 'HasMoreData' },
      { name: 'Location' },
      { name: 'Command' },
    ],
  },
  {
    columns: [
      { name: 'Time', whole: true },
      { name: 'Type', whole: true },
      { name: 'User' },
      { name: 'SessionId', align: 'right' },
      { name: 'Client' },
      { name: 'Detail' },
    ],
  },
  {
    columns: [{ name: 'CommandType' }, { name: 'Name', whole: true }, { name: 'Alias' }, { name: 'Synopsis' }],
  },
];

/** The entries of hashtables, which come under one heading. */
export const HASHTABLE_VIEW: View = {
  columns: [
    { name: 'Name', minWidth: 30 },
    { name: 'Value', align: 'left' },
  ],
};

/** The most properties that an object without a view may have to show as a table. */
const TABLE_PROPERTIES = 4;

/** The most that Format-Table shows of such an object. */
const MOST_COLUMNS = 10;

/** The table of an object; undefined when it shows as a list. */
export function viewOf(object: object): View | undefined {
  const names = memberNames(object);
  return ownView(object, names) ?? (names.length <= TABLE_PROPERTIES ? genericView(names) : undefined);
}

/** The table of an object that is to show as one. */
export function tableViewOf(object: object): View {
  const names = memberNames(object);
  return ownView(object, names) ?? genericView(names.slice(0, MOST_COLUMNS));
}

/** What somebody chose of an object shows as it was chosen. */
function ownView(object: object, names: readonly string[]): View | undefined {
  if (object.constructor === CustomObject) return undefined;
  if (object instanceof HashtableEntry) return HASHTABLE_VIEW;
  return VIEWS.find(({ columns }) => columns.every(({ name }) => names.includes(name)));
}

const genericViews = new Map<string, View>();

/** One view per list of names, so that objects of a kind come under one heading. */
function genericView(names: readonly string[]): View {
  const key = names.join('\n');
  const view = genericViews.get(key) ?? { columns: names.map((name) => ({ name })) };
  genericViews.set(key, view);
  return view;
}
