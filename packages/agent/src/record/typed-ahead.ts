/** Pieces that are remembered, and from which length on one is looked for within a text. */
const KEPT_PIECES = 64;
const SEARCHED_LENGTH = 4;

/**
 * Keys that were typed ahead of a prompt come back as command lines. Nobody knows whether they were meant as such: they may
 * be a password that was typed while echo was off, for a program which had just ended. So the text of such a command is
 * none for the record, whatever it is, nor is another one that contains it.
 */
export class TypedAhead {
  #pieces: string[] = [];
  /** Commands that may be made of what came back last. */
  #due = 0;

  /** Notes what came back at a prompt: whole lines, and a rest that stands in the editor. */
  note(typeahead: string): void {
    const pieces = typeahead.split(/[\r\n]/).filter((piece) => piece !== '');
    this.#due += pieces.length;
    this.#pieces = [...this.#pieces, ...pieces].slice(-KEPT_PIECES);
  }

  /** Whether a command that is given now may be made of keys that were typed ahead. */
  hides(text: string): boolean {
    const isDue = this.#due > 0;
    if (isDue) this.#due -= 1;
    return isDue || this.#pieces.some((piece) => isIn(piece, text));
  }
}

function isIn(piece: string, text: string): boolean {
  return piece.length < SEARCHED_LENGTH ? text.trim() === piece.trim() : text.includes(piece);
}
