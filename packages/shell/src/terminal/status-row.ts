/** What tells how the bottom row of the normal screen is made free. */
export type RoomAround = {
  /** Text may stand below the cursor, down to the bottom row. */
  readonly textBelow: boolean;
  /** The program may have set margins, outside of which nothing scrolls. */
  readonly margins: boolean;
};

/** Text in the bottom row, without moving the cursor of the program that has the terminal. A long text does not wrap. */
export function showStatusRow(text: string, rows: number, wraps = true): string {
  return `\x1b7\x1b[${rows};1H\x1b[0;7m\x1b[?7l${text}\x1b[K\x1b[0m${wraps ? '\x1b[?7h' : ''}\x1b8`;
}

/**
 * Makes the bottom row of the normal screen free. With nothing below the cursor only a cursor in that row is in the way:
 * IND and back up scrolls just then. Else everything goes up by one, the cursor with it, unless margins hold it.
 */
export function makeRoomForStatus(rows: number, { textBelow, margins }: RoomAround): string {
  if (!textBelow) return '\x1bD\x1b[A';
  return margins ? '' : `\x1b7\x1b[${rows};1H\n\x1b8\x1b[A`;
}

/** Empties the bottom row. */
export function clearStatusRow(rows: number): string {
  return `\x1b7\x1b[${rows};1H\x1b[0m\x1b[2K\x1b8`;
}
