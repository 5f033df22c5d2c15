import type { Context } from '../language/context.ts';
import type { Commands } from '../runtime/cmdlet.ts';
import { sharedParameters } from '../runtime/parameter-names.ts';

/** Parameters of the cmdlet whose name begins so; the common ones once a letter is typed. */
export async function parameterNames(
  { text, command }: Extract<Context, { kind: 'parameter' | 'argument' }>,
  commands: Commands,
): Promise<string[]> {
  if (command === undefined || commands.find(command) === undefined) return [];
  const cmdlet = await commands.load(command);
  const wanted = text.slice(1).toLowerCase();
  const own = Object.keys(cmdlet.parameters).filter((name) => cmdlet.parameters[name]?.refused !== true);
  const names = wanted === '' ? own : [...own, ...Object.keys(sharedParameters(cmdlet))];
  return names.filter((name) => name.toLowerCase().startsWith(wanted)).map((name) => `-${name}`);
}
