import type { Cmdlet, Parameter } from './cmdlet.ts';
import { ErrorRecord } from './error-record.ts';

/** Name of the only set of a cmdlet that declares none. */
const ONLY_SET = '__AllParameterSets';

/** Every parameter set of a cmdlet, the default one first, then in order of declaration. */
export function parameterSets(cmdlet: Cmdlet): string[] {
  const named = Object.values(cmdlet.parameters).flatMap((parameter) => parameter.sets ?? []);
  const first = cmdlet.defaultParameterSet === undefined ? [] : [cmdlet.defaultParameterSet];
  const sets = new Set([...first, ...named]);
  return sets.size === 0 ? [ONLY_SET] : [...sets];
}

export function isInSet(parameter: Parameter<unknown>, set: string): boolean {
  return parameter.sets === undefined || parameter.sets.includes(set);
}

export function isMandatoryIn(parameter: Parameter<unknown>, set: string): boolean {
  const { mandatory = false } = parameter;
  return isInSet(parameter, set) && (typeof mandatory === 'boolean' ? mandatory : mandatory.includes(set));
}

/**
 * Chooses among the sets that all bound parameters belong to: the default one if it is complete, else the only complete one.
 * @throws ErrorRecord AmbiguousParameterSet or MissingMandatoryParameter
 */
export function chooseParameterSet(
  cmdlet: Cmdlet,
  candidates: readonly string[],
  bound: ReadonlyMap<string, unknown>,
): string {
  const [first] = candidates;
  if (first === undefined) throw unresolved();
  const complete = candidates.filter((set) => missingIn(cmdlet, set, bound).length === 0);
  const [only, ...others] = complete;
  if (only !== undefined && (others.length === 0 || only === cmdlet.defaultParameterSet)) return only;
  if (only !== undefined) throw unresolved();
  const missing = missingIn(cmdlet, first, bound).join(' ');
  const message = `Cannot process command because of one or more missing mandatory parameters: ${missing}.`;
  throw new ErrorRecord('MissingMandatoryParameter', 'InvalidArgument', message);
}

function missingIn(cmdlet: Cmdlet, set: string, bound: ReadonlyMap<string, unknown>): string[] {
  const isMissing = ([name, parameter]: [string, Parameter<unknown>]): boolean =>
    isMandatoryIn(parameter, set) && !bound.has(name);
  return Object.entries(cmdlet.parameters)
    .filter(isMissing)
    .map(([name]) => name);
}

function unresolved(): ErrorRecord {
  const message = 'Parameter set cannot be resolved using the specified named parameters.';
  return new ErrorRecord('AmbiguousParameterSet', 'InvalidArgument', message);
}
