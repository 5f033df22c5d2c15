import type { CommandElement, ParameterElement } from '../language/syntax-tree.ts';
import type { Cmdlet, Parameter } from './cmdlet.ts';
import { readCommonArguments, type CommonArguments } from './common-parameters.ts';
import { ErrorRecord } from './error-record.ts';
import { evaluateArgument } from './evaluate.ts';
import { findParameter, type NamedParameter } from './parameter-names.ts';
import { textOf } from './parameter-type.ts';
import { chooseParameterSet, isInSet, parameterSets } from './parameter-set.ts';

/** What a cmdlet is called with. */
export type BoundArguments = {
  readonly parameterSet: string;
  /** The cmdlet's own parameters; switches are always there. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly common: CommonArguments;
};

/**
 * Binds the elements of a command to a cmdlet's parameters, as PowerShell does: by name first, then by position,
 * then the parameter set is chosen.
 * @throws ErrorRecord of category InvalidArgument
 */
export function bindArguments(cmdlet: Cmdlet, elements: readonly CommandElement[]): BoundArguments {
  const binder = new ParameterBinder(cmdlet);
  const arguments_ = binder.bindNamed(elements);
  for (const argument of arguments_) binder.bindPositional(argument);
  return binder.finish();
}

class ParameterBinder {
  readonly #cmdlet: Cmdlet;
  readonly #bound = new Map<string, unknown>();
  #sets: string[];

  constructor(cmdlet: Cmdlet) {
    this.#cmdlet = cmdlet;
    this.#sets = parameterSets(cmdlet);
  }

  /** Binds what has a name, and gives back the values of the others. */
  bindNamed(elements: readonly CommandElement[]): unknown[] {
    const others: unknown[] = [];
    const rest = [...elements];
    for (let element = rest.shift(); element !== undefined; element = rest.shift()) {
      if (element.kind !== 'parameter') {
        others.push(evaluateArgument(element));
        continue;
      }
      const named = findParameter(this.#cmdlet, element.name);
      const takesNext = element.argument === undefined && !named.parameter.type.isSwitch;
      const value = argumentOf(element, named, takesNext ? rest.shift() : undefined);
      this.#bind(named, convert(named, value));
    }
    return others;
  }

  /** Binds a value to the first free position; an exact type goes before a conversion, the default set before others. */
  bindPositional(value: unknown): void {
    const group = this.#nextPosition();
    const chosen =
      group.find(({ parameter }) => parameter.type.accepts(value)) ??
      group.find((named) => canConvert(named, value)) ??
      group[0];
    if (chosen === undefined) {
      const message = `A positional parameter cannot be found that accepts argument '${textOf(value)}'.`;
      throw new ErrorRecord('PositionalParameterNotFound', 'InvalidArgument', message, { target: textOf(value) });
    }
    this.#bind(chosen, convert(chosen, value));
  }

  finish(): BoundArguments {
    const parameterSet = chooseParameterSet(this.#cmdlet, this.#sets, this.#bound);
    const values: Record<string, unknown> = {};
    for (const [name, parameter] of Object.entries(this.#cmdlet.parameters)) {
      if (this.#bound.has(name)) values[name] = this.#bound.get(name);
      else if (parameter.type.isSwitch) values[name] = false;
    }
    return { parameterSet, values, common: readCommonArguments(this.#bound) };
  }

  #bind({ name, parameter }: NamedParameter, value: unknown): void {
    if (this.#bound.has(name)) {
      const message = `Cannot bind parameter because parameter '${name}' is specified more than once. To provide multiple values to parameters that can accept multiple values, use the array syntax. For example, "-parameter value1,value2,value3".`;
      throw new ErrorRecord('ParameterAlreadyBound', 'InvalidArgument', message, { target: name });
    }
    this.#bound.set(name, value);
    this.#sets = this.#sets.filter((set) => isInSet(parameter, set));
  }

  /** The unbound parameters at the lowest position that the remaining sets have, those of the default set first. */
  #nextPosition(): NamedParameter[] {
    const open = Object.entries(this.#cmdlet.parameters)
      .filter(([name, parameter]) => this.#isOpen(name, parameter))
      .map(([name, parameter]) => ({ name, parameter }));
    const lowest = Math.min(...open.map(({ parameter }) => parameter.position ?? Infinity));
    const isDefault = ({ parameter }: NamedParameter): number => (isInSet(parameter, this.#sets[0] ?? '') ? 0 : 1);
    return open
      .filter(({ parameter }) => parameter.position === lowest)
      .toSorted((a, b) => isDefault(a) - isDefault(b));
  }

  #isOpen(name: string, parameter: Parameter<unknown>): boolean {
    if (parameter.position === undefined || this.#bound.has(name)) return false;
    return this.#sets.some((set) => isInSet(parameter, set));
  }
}

function argumentOf(element: ParameterElement, named: NamedParameter, next: CommandElement | undefined): unknown {
  if (element.argument !== undefined) return evaluateArgument(element.argument);
  if (named.parameter.type.isSwitch) return true;
  if (next !== undefined && next.kind !== 'parameter') return evaluateArgument(next);
  const message = `Missing an argument for parameter '${named.name}'. Specify a parameter of type 'System.${named.parameter.type.name}' and try again.`;
  throw new ErrorRecord('MissingArgument', 'InvalidArgument', message, { target: named.name });
}

function convert({ name, parameter }: NamedParameter, value: unknown): unknown {
  refuseEmpty(name, value);
  try {
    return parameter.type.convert(value);
  } catch (cause) {
    const message = `Cannot bind parameter '${name}'. ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new ErrorRecord('CannotConvertArgument', 'InvalidArgument', message, { target: name, cause });
  }
}

function canConvert(named: NamedParameter, value: unknown): boolean {
  try {
    convert(named, value);
    return true;
  } catch {
    // The question was only whether it fits; the error is shown when no parameter takes the value.
    return false;
  }
}

function refuseEmpty(name: string, value: unknown): void {
  const values = Array.isArray(value) ? value : [value];
  if (values.every((one) => one !== null && one !== '')) return;
  const what = values.includes(null) ? 'it is null' : 'it is an empty string';
  const message = `Cannot bind argument to parameter '${name}' because ${what}.`;
  throw new ErrorRecord('ParameterArgumentValidationError', 'InvalidArgument', message, { target: name });
}
