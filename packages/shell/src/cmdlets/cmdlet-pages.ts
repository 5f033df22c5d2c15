import type { Cmdlet } from '../runtime/cmdlet.ts';
import { describeCmdlet } from './help-text.ts';

const PLACES: Readonly<Record<Cmdlet['acts'], string>> = {
  agent: 'hosts, sessions and this shell; from an entered prompt too',
  client: 'this machine; refused at an entered prompt',
  data: 'the objects that it gets; at an entered prompt behind another cmdlet only',
};

/** The pages of docs/cmdlets by file name: one for each cmdlet, and a table of all that says where each acts. */
export function cmdletPages(cmdlets: readonly Cmdlet[]): Map<string, string> {
  const rows = cmdlets.map(({ name, acts, synopsis }) => `| [${name}](${name}.md) | ${PLACES[acts]} | ${synopsis} |`);
  const table = `# Cmdlets\n\nWritten from their declarations by \`npm run docs\`.\n\n| cmdlet | acts on | |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
  const pages = cmdlets.map((cmdlet): [string, string] => [`${cmdlet.name}.md`, page(cmdlet)]);
  return new Map([['README.md', table], ...pages]);
}

function page(cmdlet: Cmdlet): string {
  const help = describeCmdlet(cmdlet, 'full');
  return `# ${cmdlet.name}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`;
}
