import type { CommandElement, Expression } from '../language/syntax-tree.ts';
import type { Cmdlet, Parameter } from '../runtime/cmdlet.ts';
import { findParameter, type NamedParameter } from '../runtime/parameter-names.ts';
import { isInSet, parameterSets } from '../runtime/parameter-set.ts';

/** What of a cmdlet's parameters a command has so far, and those that its next value without a name may be of. */
export type GivenArguments = {
  /** The plain texts that were given, by the parameter's name. */
  readonly texts: ReadonlyMap<string, readonly string[]>;
  /** Those at the lowest free position, of the default parameter set first. */
  readonly next: readonly Parameter<unknown>[];
};

/** Binds what is typed as far as that can be done without running it. */
export function givenArguments(cmdlet: Cmdlet, elements: readonly CommandElement[]): GivenArguments {
  const named = new Map<string, Expression | undefined>();
  const others: Expression[] = [];
  let waiting: NamedParameter | undefined;
  for (const element of elements) {
    if (element.kind === 'parameter') {
      const found = find(cmdlet, element.name);
      waiting = element.argument === undefined && found?.parameter.type.isSwitch === false ? found : undefined;
      if (found !== undefined) named.set(found.name, element.argument);
    } else if (waiting === undefined) others.push(element);
    else {
      named.set(waiting.name, element);
      waiting = undefined;
    }
  }
  const texts = new Map([...named].map(([name, value]) => [name, value === undefined ? [] : textsOf(value)]));
  for (const value of others) {
    for (const name of lowest(cmdlet, texts)) texts.set(name, textsOf(value));
  }
  return { texts, next: lowest(cmdlet, texts).flatMap((name) => cmdlet.parameters[name] ?? []) };
}

function find(cmdlet: Cmdlet, typed: string): NamedParameter | undefined {
  try {
    return findParameter(cmdlet, typed);
  } catch {
    // It is none of the cmdlet's, or ambiguous: the binder says so when the line is entered.
    return undefined;
  }
}

/** Names of the free parameters at the lowest position in the sets that are still possible. */
function lowest(cmdlet: Cmdlet, texts: ReadonlyMap<string, unknown>): string[] {
  const taken = Object.entries(cmdlet.parameters).filter(([name]) => texts.has(name));
  const byName = taken.filter(([, { position }]) => position === undefined);
  const sets = parameterSets(cmdlet).filter((set) => byName.every(([, parameter]) => isInSet(parameter, set)));
  const places = new Set(taken.flatMap(([, { position }]) => position ?? []));
  const free = Object.entries(cmdlet.parameters).filter(
    ([, one]) => one.position !== undefined && !places.has(one.position) && sets.some((set) => isInSet(one, set)),
  );
  const rest = Object.entries(cmdlet.parameters).filter(([, one]) => one.remaining === true);
  const first = Math.min(...free.map(([, { position }]) => position ?? Infinity));
  const isDefault = ([, one]: [string, Parameter<unknown>]): number => (isInSet(one, sets[0] ?? '') ? 0 : 1);
  const at = free.filter(([, { position }]) => position === first).toSorted((a, b) => isDefault(a) - isDefault(b));
  return (at.length > 0 ? at : rest).map(([name]) => name);
}

function textsOf(value: Expression): string[] {
  if (value.kind === 'string') return [value.value];
  if (value.kind === 'number') return [value.text];
  return value.kind === 'array' ? value.items.flatMap(textsOf) : [];
}
