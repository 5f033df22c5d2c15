import type { Context } from '../language/context.ts';
import { quoteString } from '../language/print-text.ts';
import type { Parameter } from '../runtime/cmdlet.ts';
import { findParameter } from '../runtime/parameter-names.ts';
import type { Runspace } from '../runtime/runspace.ts';

type ArgumentContext = Extract<Context, { kind: 'parameter' | 'argument' }>;

/** Values for an argument: those that its parameter takes, hosts for computers, this client's sessions by name and number. */
export async function argumentValues(context: ArgumentContext, runspace: Runspace): Promise<string[]> {
  const { command, text } = context;
  if (command === undefined || runspace.commands.find(command) === undefined) return [];
  const named = await parameterOf(context, command, runspace);
  if (named === undefined) return [];
  const wanted = text.replace(/^['"]/u, '').toLowerCase();
  return valuesOf(named, runspace)
    .filter((value) => value.toLowerCase().startsWith(wanted))
    .map((value) => (/^[\w.:@-]+$/u.test(value) ? value : quoteString(value)));
}

type Named = { readonly name: string; readonly parameter: Parameter<unknown> };

async function parameterOf(
  { parameter, elements }: ArgumentContext,
  command: string,
  { commands }: Runspace,
): Promise<Named | undefined> {
  const cmdlet = await commands.load(command);
  if (parameter !== undefined) {
    try {
      const found = findParameter(cmdlet, parameter);
      if (!found.parameter.type.isSwitch) return found;
    } catch {
      // It is none of the cmdlet's, or ambiguous: there is nothing to offer.
      return undefined;
    }
  }
  const place = elements.filter(({ kind }) => kind !== 'parameter').length;
  const [name, found] = Object.entries(cmdlet.parameters).find(([, { position }]) => position === place) ?? [];
  return name === undefined || found === undefined ? undefined : { name, parameter: found };
}

function valuesOf({ name, parameter }: Named, { remoting }: Runspace): readonly string[] {
  if (parameter.type.values.length > 0) return parameter.type.values;
  switch (name) {
    case 'ComputerName':
      return [...remoting.hosts.names, 'localhost'];
    case 'Name':
      return remoting.sessions.map((session) => session.Name);
    case 'Id':
      return remoting.sessions.map((session) => String(session.Id));
    default:
      return [];
  }
}
