import type { Expression } from '../language/syntax-tree.ts';
import { ErrorRecord } from './error-record.ts';

const CONSTANTS = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/**
 * Value of an expression as an argument; a number keeps its text as well (NumberArgument).
 * @throws ErrorRecord for a variable that is no constant
 */
export function evaluateArgument(expression: Expression): unknown {
  switch (expression.kind) {
    case 'string':
      return expression.value;
    case 'number':
      return { value: expression.value, text: expression.text };
    case 'array':
      return expression.items.map(evaluateArgument);
    case 'variable': {
      const value = CONSTANTS.get(expression.name.toLowerCase());
      if (value === undefined)
        throw new ErrorRecord('VariableNotFound', 'ObjectNotFound', `There is no variable $${expression.name}`);
      return value;
    }
  }
}
