import type { PSSession } from '../client/ps-session.ts';
import type { RemoteSession } from '../client/remote-session.ts';
import type { EscapeKey } from '../terminal/escape-key.ts';
import type { PassThrough } from '../terminal/pass-through.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { PromptScreen } from './prompt-screen.ts';

/** What a place is made with. */
export type PlaceOptions<Place> = {
  session: PSSession;
  remote: RemoteSession;
  local: boolean;
  temporary: boolean;
  terminal: Terminal;
  screen: PromptScreen;
  escapeKey: EscapeKey;
  /** The key of the local menu was pressed while a program had the terminal; `signal` ends with the program's turn. */
  onMenu: (place: Place, pass: PassThrough, signal: AbortSignal) => void;
  /** Keys that were typed ahead and nobody read. */
  onTypeahead: (bytes: Buffer) => void;
};
