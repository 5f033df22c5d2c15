import type { CommandElement } from '../language/syntax-tree.ts';
import { ErrorRecord } from './error-record.ts';
import { evaluate } from './evaluate.ts';
import type { Execution } from './execution.ts';
import { Hashtable } from './hashtable.ts';
import { NumberArgument } from './number-argument.ts';
import { toList, toText } from './value-conversion.ts';

/** An argument of a command, worked out: `-Name`, `-Name:value`, or a value. A number keeps its text (parameter-type.ts). */
export type Argument =
  | { readonly kind: 'parameter'; readonly name: string; readonly value?: unknown }
  | { readonly kind: 'value'; readonly value: unknown };

/** Works out a command's arguments; `@table` gives its entries by name, `@list` its elements (about_Splatting). */
export async function evaluateArguments(
  elements: readonly CommandElement[],
  execution: Execution,
): Promise<Argument[]> {
  const found: Argument[] = [];
  for (const element of elements) {
    if (element.kind === 'parameter') {
      const { name, argument } = element;
      found.push(
        argument === undefined
          ? { kind: 'parameter', name }
          : { kind: 'parameter', name, value: await evaluateArgument(argument, execution) },
      );
    } else if (element.kind === 'variable' && element.splatted) {
      found.push(...splat(element.name, execution.scope.get(element.name)));
    } else {
      found.push({ kind: 'value', value: await evaluateArgument(element, execution) });
    }
  }
  return found;
}

async function evaluateArgument(
  element: Exclude<CommandElement, { kind: 'parameter' }>,
  execution: Execution,
): Promise<unknown> {
  if (element.kind === 'number') return new NumberArgument(element.value, element.text);
  if (element.kind !== 'array') return evaluate(element, execution);
  const values: unknown[] = [];
  for (const item of element.items) values.push(await evaluateArgument(item, execution));
  return values;
}

function splat(name: string, value: unknown): Argument[] {
  if (value === undefined || value === null) {
    const message = `The variable '@${name}' cannot be splatted because it has no value.`;
    throw new ErrorRecord('SplattingNull', 'InvalidArgument', message, { target: name });
  }
  if (!(value instanceof Hashtable)) return toList(value).map((one) => ({ kind: 'value', value: one }));
  return [...value.entries()].map(([key, one]) => ({ kind: 'parameter', name: toText(key), value: one }));
}
