import type { Context } from '../language/context.ts';
import { quoteString } from '../language/print-text.ts';
import type { Cmdlet, Parameter } from '../runtime/cmdlet.ts';
import { findParameter } from '../runtime/parameter-names.ts';
import type { Runspace } from '../runtime/runspace.ts';
import { givenArguments, type GivenArguments } from './given-arguments.ts';
import { incomingProperties } from './incoming-properties.ts';

type ArgumentContext = Extract<Context, { kind: 'parameter' | 'argument' }>;

/** Values for an argument, and whether names of files are among what it may be. */
export type ArgumentValues = { readonly values: readonly string[]; readonly maybePath: boolean };

const NO_VALUES: ArgumentValues = { values: [], maybePath: false };

/**
 * Values for an argument of a cmdlet of ours, as its parameter declares them. @param head what is typed before the argument
 * @returns undefined for a command that is none of ours
 */
export async function argumentValues(
  context: ArgumentContext,
  head: string,
  runspace: Runspace,
): Promise<ArgumentValues | undefined> {
  const { command, text } = context;
  if (command === undefined || runspace.commands.find(command) === undefined) return undefined;
  const cmdlet = await runspace.commands.load(command);
  const given = givenArguments(cmdlet, context.elements);
  const parameters = context.parameter === undefined ? given.next : named(cmdlet, context.parameter, given.next, head);
  const wanted = text.replace(/^['"]/u, '').toLowerCase();
  for (const parameter of parameters) {
    const values = await valuesOf(parameter, given, head, runspace);
    const fitting = [...new Set(values)].filter((value) => value.toLowerCase().startsWith(wanted));
    if (fitting.length > 0) return { values: fitting.map(toWord), maybePath: false };
  }
  return parameters.some(({ complete }) => complete === 'path') ? { values: [], maybePath: true } : NO_VALUES;
}

/** The parameter before the argument; behind a switch comes what has no name, and nothing behind one with a colon. */
function named(
  cmdlet: Cmdlet,
  typed: string,
  next: readonly Parameter<unknown>[],
  head: string,
): readonly Parameter<unknown>[] {
  try {
    const { parameter } = findParameter(cmdlet, typed);
    if (!parameter.type.isSwitch) return [parameter];
    return head.endsWith(':') ? [] : next;
  } catch {
    // It is none of the cmdlet's, or ambiguous: there is nothing to offer.
    return [];
  }
}

async function valuesOf(
  { type, complete }: Parameter<unknown>,
  { texts }: GivenArguments,
  head: string,
  { commands, functionNames, jobs, remoting, scope }: Runspace,
): Promise<readonly string[]> {
  if (type.values.length > 0) return type.values;
  if (complete === undefined || complete === 'path') return [];
  if (complete === 'property') return incomingProperties(head, { commands, scope });
  return complete({ commands, functionNames, jobs, remoting, given: (name) => texts.get(name) ?? [] });
}

function toWord(value: string): string {
  return /^(?:[\w.:@%?-]+|\$(?:true|false))$/u.test(value) ? value : quoteString(value);
}
