import { wantsColour } from './colour.ts';
import type { Span } from './prompt-layout.ts';

/** Colours of the typed text by what it is; those of PSReadLine, as far as a light and a dark screen can both show them. */
export const COLOURS: Readonly<
  Partial<Record<Span['kind'], 'cyan' | 'green' | 'yellow' | 'magenta' | 'blue' | 'gray'>>
> = {
  prompt: 'cyan',
  command: 'yellow',
  parameter: 'gray',
  variable: 'green',
  string: 'cyan',
  number: 'magenta',
  operator: 'gray',
  keyword: 'blue',
  comment: 'gray',
  block: 'blue',
};

const CODES = { cyan: 36, green: 32, yellow: 33, magenta: 35, blue: 34, gray: 90 } as const;

/** A text in the colour that the frame gives it, for what stays in the scrollback. */
export function coloured(kind: Span['kind'], text: string): string {
  const colour = COLOURS[kind];
  return colour === undefined || text === '' || !wantsColour() ? text : `\x1b[${CODES[colour]}m${text}\x1b[39m`;
}
