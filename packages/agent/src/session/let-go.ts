import type { Attachment } from './attachment.ts';
import type { SessionProgram } from './session-program.ts';

/**
 * Lets go of what nobody can be shown any more of a program that has ended. Who lacks some of its output, or may come back for it, still
 * gets it: the holder what was not delivered, and the last snapshot; a watcher its screen.
 * @param attached those who are attached to its session, or may come back
 */
export function letGo({ output, screen }: SessionProgram, attached: readonly Attachment[]): void {
  if (attached.every(({ hasAll }) => hasAll)) {
    screen.dispose();
    output.dispose();
    return;
  }
  output.close();
  if (attached.every(({ role }) => role === 'keyboard')) void screen.rest();
}
