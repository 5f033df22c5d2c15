import type { ParameterDeclaration } from '../language/syntax-tree.ts';
import type { Cmdlet, Parameter } from './cmdlet.ts';
import { isInSet, isMandatoryIn, parameterSets } from './parameter-set.ts';
import { sharedParameters } from './parameter-names.ts';

/** One line of syntax per parameter set, as help shows it: `Verb-Noun [-ComputerName] <String[]> [-Force] ...`. */
export function syntaxLines(cmdlet: Cmdlet): string[] {
  return parameterSets(cmdlet).map((set) => {
    const own = Object.entries(cmdlet.parameters).filter(([, one]) => isInSet(one, set) && one.refused !== true);
    const places = own.toSorted(([, a], [, b]) => (a.position ?? Infinity) - (b.position ?? Infinity) || 0);
    const words = places.map(([name, parameter]) => parameterSyntax(name, parameter, set));
    const process = Object.keys(sharedParameters(cmdlet)).includes('WhatIf') ? ['[-WhatIf]', '[-Confirm]'] : [];
    return [cmdlet.name, ...words, ...process, '[<CommonParameters>]'].join(' ');
  });
}

function parameterSyntax(name: string, parameter: Parameter<unknown>, set: string): string {
  const mandatory = isMandatoryIn(parameter, set);
  if (parameter.type.isSwitch) return mandatory ? `-${name}` : `[-${name}]`;
  const label = parameter.position === undefined ? `-${name}` : `[-${name}]`;
  const value =
    parameter.type.values.length > 0 ? `{${parameter.type.values.join(' | ')}}` : `<${parameter.type.name}>`;
  return mandatory ? `${label} ${value}` : `[${label} ${value}]`;
}

/** The same for a function, whose parameters all may be left out. */
export function functionSyntax(name: string, parameters: readonly ParameterDeclaration[]): string {
  const words = parameters.map(({ name: parameter, type }) =>
    type?.toLowerCase() === 'switch' ? `[-${parameter}]` : `[[-${parameter}] <${type ?? 'Object'}>]`,
  );
  return [name, ...words].join(' ');
}
