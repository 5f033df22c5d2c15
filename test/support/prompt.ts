import type { Tmux } from './tmux.ts';
import { isPrompt } from './transcript.ts';

/** Types a line at a prompt on a cleared screen, and gives the lines that show up to the next prompt. */
export async function answerAt(screen: Tmux, prompt: string, typed: string): Promise<string[]> {
  const lines = (): string[] => screen.screen().trimEnd().split('\n');
  await screen.waitFor({ test: () => lines().at(-1)?.trimEnd() === prompt, toString: () => prompt });
  screen.keys('C-l');
  await screen.waitFor({ test: () => screen.screen().trim() === prompt, toString: () => `${prompt} alone` });
  screen.line(typed);
  const isDone = (): boolean => lines().length > 1 && isPrompt((lines().at(-1) ?? '').trimEnd());
  await screen.waitFor({ test: isDone, toString: () => `the end of ${typed}` });
  return lines().slice(1, -1);
}
