import { RawTerminal } from '../terminal/raw-terminal.ts';
import { POP_TITLE, PUSH_TITLE, fullReset } from '../terminal/terminal-reset.ts';
import { Repl } from './repl.ts';
import type { ReplOptions } from './repl-options.ts';

/**
 * The prompt on a terminal, from the first line to the last: lines go to the local session, to the entered one, or to
 * the runspace. Modes of the terminal are put back however it ends. @returns the exit status
 * @throws RemotingError when no session can be opened
 */
export async function startRepl(options: ReplOptions): Promise<number> {
  const terminal = new RawTerminal();
  terminal.start();
  terminal.write(PUSH_TITLE);
  let restored = false;
  const restore = (): void => {
    if (!restored) terminal.write(fullReset() + POP_TITLE);
    restored = true;
    terminal.stop();
  };
  process.once('exit', restore);
  try {
    const { InkRenderer } = await import('./ink-renderer.tsx');
    using renderer = new InkRenderer(terminal.columns);
    return await new Repl(options, terminal, renderer).run();
  } finally {
    process.off('exit', restore);
    restore();
  }
}
