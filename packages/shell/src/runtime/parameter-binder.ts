import type { Cmdlet, Parameter } from './cmdlet.ts';
import type { Argument } from './command-arguments.ts';
import { readCommonArguments, type CommonArguments } from './common-parameters.ts';
import { ErrorRecord } from './error-record.ts';
import { findParameter, type NamedParameter } from './parameter-names.ts';
import { hasMember, readMember } from './members.ts';
import { textOf } from './parameter-type.ts';
import { chooseParameterSet, isInSet, parameterSets } from './parameter-set.ts';

/** What a cmdlet is called with. */
export type BoundArguments = {
  readonly parameterSet: string;
  /** The cmdlet's own parameters; switches are always there. */
  readonly values: Readonly<Record<string, unknown>>;
};

/**
 * Binds the arguments of a command to a cmdlet's parameters, as PowerShell does: by name first, then by position; then,
 * for each object of a pipeline, by value and by property name; then the parameter set is chosen.
 * @throws ErrorRecord of category InvalidArgument
 */
export function bindArguments(cmdlet: Cmdlet, arguments_: readonly Argument[]): ParameterBinder {
  const binder = new ParameterBinder(cmdlet);
  for (const value of binder.bindNamed(arguments_)) binder.bindPositional(value);
  return binder;
}

export class ParameterBinder {
  readonly #cmdlet: Cmdlet;
  readonly #bound: Map<string, unknown>;
  #sets: string[];

  constructor(cmdlet: Cmdlet, from?: { bound: ReadonlyMap<string, unknown>; sets: readonly string[] }) {
    this.#cmdlet = cmdlet;
    this.#bound = new Map(from?.bound);
    this.#sets = [...(from?.sets ?? parameterSets(cmdlet))];
  }

  /** The common parameters as they were given. */
  get common(): CommonArguments {
    return readCommonArguments(this.#bound);
  }

  /** Binds what has a name, and gives back the values of the others. */
  bindNamed(arguments_: readonly Argument[]): unknown[] {
    const others: unknown[] = [];
    const rest = [...arguments_];
    for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
      if (argument.kind === 'value') {
        others.push(argument.value);
        continue;
      }
      const named = findParameter(this.#cmdlet, argument.name);
      const takesNext = !('value' in argument) && !named.parameter.type.isSwitch;
      const value = argumentOf(argument, named, takesNext ? rest.shift() : undefined);
      this.#bind(named, convert(named, value));
    }
    return others;
  }

  /** Binds a value to the first free position; an exact type goes before a conversion, the default set before others. */
  bindPositional(value: unknown): void {
    const group = this.#nextPosition();
    const chosen =
      group.find(({ parameter }) => parameter.type.accepts(value)) ??
      group.find(({ parameter }) => isNothing(value) && !OF_TEXT.has(parameter.type.name.replace('[]', ''))) ??
      group.find((named) => canConvert(named, value)) ??
      group[0];
    if (chosen === undefined && this.#addRemaining(value)) return;
    if (chosen === undefined) {
      const message = `A positional parameter cannot be found that accepts argument '${textOf(value)}'.`;
      throw new ErrorRecord('PositionalParameterNotFound', 'InvalidArgument', message, { target: textOf(value) });
    }
    this.#bind(chosen, convert(chosen, value));
  }

  /**
   * The arguments with an object of the pipeline in them: whole, if a parameter takes its kind, else whole after a
   * conversion, else by its properties.
   * @returns InputObjectNotBound for an object that none takes: the others go on
   */
  withInput(object: unknown): BoundArguments | ErrorRecord {
    const binder = new ParameterBinder(this.#cmdlet, { bound: this.#bound, sets: this.#sets });
    if (!binder.#bindInput(object)) {
      const message =
        'The input object cannot be bound to any parameters for the command either because the command does not take pipeline input or the input and its properties do not match any of the parameters that take pipeline input.';
      return new ErrorRecord('InputObjectNotBound', 'InvalidArgument', message, { target: textOf(object) });
    }
    return binder.finish();
  }

  #bindInput(object: unknown): boolean {
    const whole = this.#openForPipeline(['value', 'both']);
    const exact = whole.find(({ parameter }) => parameter.type.accepts(object));
    if (exact !== undefined) {
      this.#bind(exact, convert(exact, object));
      return true;
    }
    let isBound = false;
    for (const named of this.#openForPipeline(['name', 'both'])) {
      const name = [named.name, ...(named.parameter.aliases ?? [])].find((one) => hasMember(object, one));
      const value = name === undefined ? undefined : readMember(object, name);
      if (value === undefined || value === null || !canConvert(named, value) || !this.#isOpen(named)) continue;
      this.#bind(named, convert(named, value));
      isBound = true;
    }
    if (isBound) return true;
    const converted = whole.find((named) => canConvert(named, object));
    if (converted === undefined) return false;
    this.#bind(converted, convert(converted, object));
    return true;
  }

  #openForPipeline(kinds: readonly Parameter<unknown>['pipeline'][]): NamedParameter[] {
    return Object.entries(this.#cmdlet.parameters)
      .map(([name, parameter]) => ({ name, parameter }))
      .filter((named) => kinds.includes(named.parameter.pipeline) && this.#isOpen(named));
  }

  /** @throws ErrorRecord AmbiguousParameterSet or MissingMandatoryParameter */
  finish(): BoundArguments {
    const parameterSet = chooseParameterSet(this.#cmdlet, this.#sets, this.#bound);
    const values: Record<string, unknown> = {};
    for (const [name, parameter] of Object.entries(this.#cmdlet.parameters)) {
      if (this.#bound.has(name)) values[name] = this.#bound.get(name);
      else if (parameter.type.isSwitch) values[name] = false;
    }
    return { parameterSet, values };
  }

  #bind({ name, parameter }: NamedParameter, value: unknown): void {
    if (this.#bound.has(name)) {
      const message = `Cannot bind parameter because parameter '${name}' is specified more than once. To provide multiple values to parameters that can accept multiple values, use the array syntax. For example, "-parameter value1,value2,value3".`;
      throw new ErrorRecord('ParameterAlreadyBound', 'InvalidArgument', message, { target: name });
    }
    this.#bound.set(name, value);
    this.#sets = this.#sets.filter((set) => isInSet(parameter, set));
  }

  /** Adds a value to those of the parameter that takes what is left. */
  #addRemaining(value: unknown): boolean {
    const [name, parameter] = Object.entries(this.#cmdlet.parameters).find(([, one]) => one.remaining === true) ?? [];
    const before = name === undefined ? undefined : this.#bound.get(name);
    if (name === undefined || parameter === undefined || before === undefined) return false;
    this.#bound.set(name, [before, convert({ name, parameter }, value)].flat());
    return true;
  }

  /** The unbound parameters at the lowest position that the remaining sets have, those of the default set first. */
  #nextPosition(): NamedParameter[] {
    const open = Object.entries(this.#cmdlet.parameters)
      .map(([name, parameter]) => ({ name, parameter }))
      .filter((named) => named.parameter.position !== undefined && this.#isOpen(named));
    const lowest = Math.min(...open.map(({ parameter }) => parameter.position ?? Infinity));
    const isDefault = ({ parameter }: NamedParameter): number => (isInSet(parameter, this.#sets[0] ?? '') ? 0 : 1);
    return open
      .filter(({ parameter }) => parameter.position === lowest)
      .toSorted((a, b) => isDefault(a) - isDefault(b));
  }

  #isOpen({ name, parameter }: NamedParameter): boolean {
    return !this.#bound.has(name) && this.#sets.some((set) => isInSet(parameter, set));
  }
}

function argumentOf(
  argument: Extract<Argument, { kind: 'parameter' }>,
  named: NamedParameter,
  next: Argument | undefined,
): unknown {
  if ('value' in argument) return argument.value;
  if (named.parameter.type.isSwitch) return true;
  if (next?.kind === 'value') return next.value;
  const message = `Missing an argument for parameter '${named.name}'. Specify a parameter of type 'System.${named.parameter.type.name}' and try again.`;
  throw new ErrorRecord('MissingArgument', 'InvalidArgument', message, { target: named.name });
}

function convert({ name, parameter }: NamedParameter, value: unknown): unknown {
  if (parameter.type.takesEmpty !== true) refuseEmpty(name, value);
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

/** No value was meant for one of these: nothing is an object that is not there. */
const OF_TEXT: ReadonlySet<string> = new Set(['String', 'ScriptBlock', 'Int32', 'Guid', 'Uri']);

function isNothing(value: unknown): boolean {
  return value === null || value === undefined;
}

function refuseEmpty(name: string, value: unknown): void {
  const values = Array.isArray(value) ? value : [value];
  if (values.every((one) => !isNothing(one) && one !== '')) return;
  const what = values.some(isNothing) ? 'it is null' : 'it is an empty string';
  const message = `Cannot bind argument to parameter '${name}' because ${what}.`;
  throw new ErrorRecord('ParameterArgumentValidationError', 'InvalidArgument', message, { target: name });
}
