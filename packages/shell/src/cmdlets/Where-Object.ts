import { defineCmdlet, type CmdletContext } from '../runtime/cmdlet.ts';
import { comparison } from '../runtime/comparison.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { collect } from '../runtime/execution.ts';
import { readMember } from '../runtime/members.ts';
import { instanceOf, object, string, switchParameter } from '../runtime/parameter-type.ts';
import { ScriptBlock } from '../runtime/script-block.ts';
import { TypeLiteral } from '../runtime/type-literal.ts';
import { isOfType } from '../runtime/type-names.ts';
import { toBoolean, toText } from '../runtime/value-conversion.ts';
import { inputObject, inputObjects } from './input-objects.ts';

const OPERATORS = 'EQ NE GT GE LT LE Like NotLike Match NotMatch Contains NotContains In NotIn'.split(' ');

const PROPERTY_SET = 'PropertySet';

type OperatorParameter = {
  readonly type: typeof switchParameter;
  readonly sets: readonly string[];
  readonly aliases: readonly string[];
  readonly help: string;
};

function operator(help: string, ...aliases: string[]): OperatorParameter {
  return { type: switchParameter, sets: [PROPERTY_SET], aliases, help };
}

/** The comparison operators as switches, each once as it is and once with `C` for upper and lower case. */
const OPERATOR_PARAMETERS: Readonly<Record<string, OperatorParameter>> = Object.fromEntries([
  ...OPERATORS.flatMap((name) => [
    [name, operator(`Compares with -${name.toLowerCase()}.`, `I${name}`)],
    [`C${name}`, operator(`Compares with -c${name.toLowerCase()}: A is not a.`)],
  ]),
  ['Is', operator('The property is of the type.')],
  ['IsNot', operator('The property is not of the type.')],
  ['Not', operator('The property is missing, false, 0 or empty.')],
]);

/** Lets those objects through for which something holds. */
export default defineCmdlet({
  name: 'Where-Object',
  synopsis: 'Selects objects by what their properties are.',
  description:
    'A script block is asked for each object, which is $_ in it. The simple form compares one property: Where-Object State -eq Opened; without an operator the property has to be there, and not be false, 0 or empty.',
  acts: 'data',
  input: 'all',
  defaultParameterSet: PROPERTY_SET,
  parameters: {
    FilterScript: {
      type: instanceOf(ScriptBlock),
      position: 0,
      mandatory: true,
      sets: ['ScriptBlockSet'],
      help: 'Says $true for the objects to be let through.',
    },
    Property: {
      type: string,
      position: 0,
      mandatory: true,
      sets: [PROPERTY_SET],
      complete: 'property',
      help: 'The property that is compared.',
    },
    Value: { type: object, position: 1, sets: [PROPERTY_SET], help: 'What it is compared with.' },
    ...OPERATOR_PARAMETERS,
    InputObject: inputObject,
  },
  output: 'input',
  examples: [
    { code: "Get-PSSession | Where-Object { $_.State -eq 'Disconnected' }", remarks: 'Sessions that wait.' },
    { code: 'Get-PSSession | Where-Object Name -like Update*', remarks: 'The same in the simple form.' },
    { code: "'a', 'bb', 'ccc' | Where-Object Length -ge 2", remarks: 'Texts that are long enough.' },
  ],
  async *process({ FilterScript, Property = '', Value, InputObject, ...switches }, context) {
    const holds = FilterScript === undefined ? byProperty(Property, Value, switches) : byScript(FilterScript, context);
    for await (const item of inputObjects(InputObject, context)) if (await holds(item)) yield item;
  },
});

type Test = (item: unknown) => boolean | Promise<boolean>;

function byScript(block: ScriptBlock, { invoke }: CmdletContext): Test {
  return async (item) => toBoolean(await collect(invoke(block, item)));
}

/** @throws ErrorRecord when operator and value do not fit together */
function byProperty(property: string, value: unknown, switches: Readonly<Record<string, boolean>>): Test {
  const [name, ...others] = Object.keys(switches).filter((key) => switches[key] === true);
  if (others.length > 0) {
    const message = 'Parameter set cannot be resolved using the specified named parameters.';
    throw new ErrorRecord('AmbiguousParameterSet', 'InvalidArgument', message);
  }
  if (name === undefined && value !== undefined) {
    const message = `The value '${toText(value)}' needs an operator between it and the property, such as -eq.`;
    throw new ErrorRecord('OperatorNotSpecified', 'InvalidArgument', message);
  }
  if (name === undefined) return (item) => toBoolean(readMember(item, property));
  if (name === 'Not') return (item) => !toBoolean(readMember(item, property));
  if (value === undefined) {
    const message =
      'The specified operator requires both the -Property and -Value parameters. Provide values for both parameters, and then try the command again.';
    throw new ErrorRecord('ValueNotSpecifiedForWhereObject', 'InvalidArgument', message);
  }
  if (name === 'Is' || name === 'IsNot') {
    const type = value instanceof TypeLiteral ? value.FullName : toText(value).replaceAll(/^\[|\]$/gu, '');
    return (item) => isOfType(type, readMember(item, property)) === (name === 'Is');
  }
  const compare = comparison(`-${name.toLowerCase()}`);
  return (item) => toBoolean(compare?.(readMember(item, property), value));
}
