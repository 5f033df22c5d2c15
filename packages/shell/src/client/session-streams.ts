import { shellWord, shellWords } from './shell-words.ts';

/** Begins and ends what a command wrote to its standard error; no terminal shows the marks. */
const ERROR_ON = '\u001b]7433;e\u0007';
const ERROR_OFF = '\u001b]7433;o\u0007';
/** A mark, with the end of the line that stands behind the second one. */
// eslint-disable-next-line no-control-regex -- the marks are control sequences
const MARK = /\u001b\]7433;(?:e\u0007|o\u0007\r?\n)/u;

/** A text that ends the shell (`exit` at the end of a script): what it wrote comes out first. Bash counts its pipes from 63. */
const LAST_OUTPUT = 'exec >&- 2>&- 60>&- 61>&- 62>&- 63>&-;wait $__hf_i';

/** What a text is run with in a session. */
export type SessionScript = {
  readonly text: string;
  /** What the session's screen shows in its place. */
  readonly title?: string | undefined;
  /** Become `$1` and so on. */
  readonly arguments?: readonly string[] | undefined;
  /** Standard input; without it there is none. */
  readonly input?: string | undefined;
};

/**
 * The command line by which a session's bash runs a text as a program would have it run: in the shell itself, so that
 * variables and the folder stay, with both of its streams as pipes, so that nothing pages, colours or sets columns. The
 * streams come out of the session's terminal one behind the other, errors between marks, and are in the session's log
 * like any output: whoever connects to the session later can receive them too. As over ssh, a background program that
 * keeps the streams open keeps the command from ending.
 */
export function sessionScript({ text, arguments: values = [], input }: SessionScript): string {
  const stdin = input === undefined ? '</dev/null' : `<<<${shellWord(input.replace(/\n$/u, ''))}`;
  const parameters = shellWords(['set', '--', ...values]);
  // BSD's sed knows no \n in what it puts in, but an escaped end of line.
  const marker = String.raw`$'s/^/\e]7433;e\a/;s/$/\\\n\e]7433;o\a/'`;
  const run = `{ __hf_i=$!;{ ${parameters};eval ${shellWord(text)};} ${stdin} 2> >(exec sed -u ${marker});} > >(exec cat)`;
  const end = `__hf_i="$? $__hf_i";wait \${__hf_i#* };[[ $(trap -p EXIT) != *__hf_i* ]]||trap - EXIT;(exit \${__hf_i% *})`;
  return `[[ $(trap -p EXIT) ]]||trap ${shellWord(LAST_OUTPUT)} EXIT;${run};${end}`;
}

/** A piece of one of the two streams. */
export type StreamPiece = { readonly isError: boolean; readonly bytes: Buffer };

/** Takes the two streams apart again. */
export class StreamSplitter {
  #isError = false;
  /** The beginning of a mark, or of an end of line. */
  #held = '';

  push(bytes: Buffer): StreamPiece[] {
    // Each byte is a character here: marks and ends of lines are ASCII, and nothing else is looked at.
    return this.#split(this.#held + bytes.toString('latin1'), true);
  }

  rest(): StreamPiece[] {
    return this.#split(this.#held, false);
  }

  #split(text: string, goesOn: boolean): StreamPiece[] {
    const pieces: StreamPiece[] = [];
    let open = text;
    for (let match = MARK.exec(open); match !== null; match = MARK.exec(open)) {
      this.#add(pieces, open.slice(0, match.index));
      this.#isError = match[0] === ERROR_ON;
      open = open.slice(match.index + match[0].length);
    }
    const end = goesOn ? beginningOfMark(open) : open.length;
    this.#held = open.slice(end);
    this.#add(pieces, open.slice(0, end));
    return pieces;
  }

  #add(pieces: StreamPiece[], text: string): void {
    if (text === '') return;
    // The terminal puts a carriage return before each end of line.
    pieces.push({ isError: this.#isError, bytes: Buffer.from(text.replaceAll('\r\n', '\n'), 'latin1') });
  }
}

/** Where the end of a text begins that may become a mark, or an end of line. */
function beginningOfMark(text: string): number {
  const escape = text.lastIndexOf('\u001b');
  if (escape >= 0) {
    const tail = text.slice(escape);
    if (ERROR_ON.startsWith(tail) || `${ERROR_OFF}\r\n`.startsWith(tail)) return escape;
  }
  return text.endsWith('\r') ? text.length - 1 : text.length;
}
