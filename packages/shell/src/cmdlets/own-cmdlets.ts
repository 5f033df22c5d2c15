import { quoteString } from '../language/print-text.ts';
import type { Commands } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { ScriptBlock } from '../runtime/script-block.ts';

/** The cmdlet that a text begins with. */
const FIRST_WORD = /^\s*([A-Za-z]+-[A-Za-z]+)(?![\w-])/u;

/**
 * The hosts' shells know none of our cmdlets: a block that begins with one that acts on hosts is run here, on each host.
 * @returns how to make the block for a host; undefined for a block that is the shells'
 * @throws ErrorRecord for a cmdlet that would act on this machine
 */
export async function ownBlock(
  { text }: ScriptBlock,
  commands: Commands,
): Promise<((host: string) => ScriptBlock) | undefined> {
  const word = FIRST_WORD.exec(text)?.[1] ?? '';
  if (commands.find(word) === undefined) return undefined;
  const { name, acts, parameters } = await commands.load(word);
  if (acts === 'agent' && 'ComputerName' in parameters) return (host) => blockFor(host, text, word);
  const message = `${name} would act on this machine, not on the hosts: use their own commands, or leave it out of the block`;
  throw new ErrorRecord('ActsOnThisMachine', 'InvalidOperation', message, { target: name });
}

/** The block with the host named to the cmdlet that it begins with. */
function blockFor(host: string, text: string, word: string): ScriptBlock {
  const behind = text.indexOf(word) + word.length;
  const named = ` -ComputerName ${quoteString(host)}`;
  return new ScriptBlock(text.slice(0, behind) + named + text.slice(behind));
}
