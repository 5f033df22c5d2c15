import type { Runspace } from '../runtime/runspace.ts';

/** Cmdlets and functions whose name begins so, in any case; none for nothing, since the shell's are far more. */
export function commandNames(text: string, { commands, functionNames }: Runspace): string[] {
  if (text === '') return [];
  const wanted = text.toLowerCase();
  return [...commands.names, ...functionNames].filter((name) => name.toLowerCase().startsWith(wanted));
}
