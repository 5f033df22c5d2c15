import type { Cmdlet, Parameter, Parameters } from './cmdlet.ts';
import { COMMON_PARAMETERS, SHOULD_PROCESS_PARAMETERS } from './common-parameters.ts';
import { nearestName } from './did-you-mean.ts';
import { ErrorRecord } from './error-record.ts';

export type NamedParameter = { readonly name: string; readonly parameter: Parameter<unknown> };

/** The parameters that a cmdlet takes besides its own. */
export function sharedParameters(cmdlet: Cmdlet): Parameters {
  return cmdlet.supportsShouldProcess === true
    ? { ...COMMON_PARAMETERS, ...SHOULD_PROCESS_PARAMETERS }
    : COMMON_PARAMETERS;
}

/**
 * Finds a parameter by name, alias or an unambiguous beginning of either, in any case; the cmdlet's own go before the common ones.
 * @throws ErrorRecord AmbiguousParameter or NamedParameterNotFound
 */
export function findParameter(cmdlet: Cmdlet, typed: string): NamedParameter {
  const found = findIn(cmdlet.parameters, typed) ?? findIn(sharedParameters(cmdlet), typed);
  if (found !== undefined) return found;
  const names = Object.entries({ ...cmdlet.parameters, ...sharedParameters(cmdlet) });
  const nearest = nearestName(
    typed,
    names.filter(([, one]) => one.refused !== true).map(([name]) => name),
  );
  const hint = nearest === undefined ? '' : ` Did you mean -${nearest}?`;
  const message = `A parameter cannot be found that matches parameter name '${typed}'.${hint}`;
  throw new ErrorRecord('NamedParameterNotFound', 'InvalidArgument', message, { target: typed });
}

function findIn(parameters: Parameters, typed: string): NamedParameter | undefined {
  const wanted = typed.toLowerCase();
  const beginning: NamedParameter[] = [];
  for (const [name, parameter] of Object.entries(parameters)) {
    const names = [name, ...(parameter.aliases ?? [])].map((one) => one.toLowerCase());
    if (names.includes(wanted)) return { name, parameter };
    if (names.some((one) => one.startsWith(wanted))) beginning.push({ name, parameter });
  }
  if (beginning.length < 2) return beginning[0];
  const matches = beginning.map(({ name }) => `-${name}`).join(' ');
  const message = `Parameter cannot be processed because the parameter name '${typed}' is ambiguous. Possible matches include: ${matches}.`;
  throw new ErrorRecord('AmbiguousParameter', 'InvalidArgument', message, { target: typed });
}
