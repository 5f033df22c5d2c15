import type { PlaceStack } from './place-stack.ts';
import type { PromptScreen } from './prompt-screen.ts';

/** Opens the local session's prompt and says that it is there. @throws RemotingError */
export async function openLocalPlace(places: PlaceStack, screen: PromptScreen, version: string): Promise<void> {
  await places.openLocal();
  screen.print(`Holdfast ${version}  ·  local session ready  ·  Get-Help for help\n`);
}
