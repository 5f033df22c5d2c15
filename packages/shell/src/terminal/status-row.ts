/** Text in the bottom row, without moving the cursor of the program that has the terminal. */
export function showStatusRow(text: string, rows: number): string {
  return `\x1b7\x1b[${rows};1H\x1b[0;7m${text}\x1b[K\x1b[0m\x1b8`;
}

/** Makes the bottom row free on the normal screen: everything goes up by one, the cursor with it. */
export function makeRoomForStatus(rows: number): string {
  return `\x1b7\x1b[${rows};1H\n\x1b8\x1b[A`;
}

/** Empties the bottom row. */
export function clearStatusRow(rows: number): string {
  return `\x1b7\x1b[${rows};1H\x1b[0m\x1b[2K\x1b8`;
}
