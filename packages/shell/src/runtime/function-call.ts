import type { ParameterDeclaration } from '../language/syntax-tree.ts';
import type { Argument } from './command-arguments.ts';
import { ErrorRecord } from './error-record.ts';
import { evaluate } from './evaluate.ts';
import { runBlock } from './execute-block.ts';
import { collectList, type Execution } from './execution.ts';

import { plainValue } from './number-argument.ts';
import type { ScriptBlock } from './script-block.ts';
import { castTo } from './type-names.ts';

/** Calls within calls; more are a function that calls itself for ever. */
const MAX_DEPTH = 200;

/** Types whose parameters are never null. */
const SCALARS = new Set(['string', 'int', 'long', 'double', 'bool', 'switch']);

/** How a block of the language is called. */
export type Call = {
  /** The function's, for its errors. */
  readonly name?: string | undefined;
  readonly arguments: readonly Argument[];
  readonly input: AsyncIterable<unknown> | undefined;
  /** In the caller's own scope: `. { }`. */
  readonly dotted: boolean;
};

/** Calls a function or script block: parameters by name and place, the rest in `$args`, the pipeline in `$input`. */
export async function* callBlock(block: ScriptBlock, call: Call, execution: Execution): AsyncGenerator<unknown> {
  const depth = execution.depth + 1;
  if (depth > MAX_DEPTH) {
    throw new ErrorRecord('CallDepthOverflow', 'InvalidOperation', 'The script failed due to call depth overflow.');
  }
  const inner = { ...execution, depth, scope: call.dotted ? execution.scope : execution.scope.child() };
  try {
    await bindParameters(block.body.parameters, call.arguments, inner);
  } catch (error) {
    if (error instanceof ErrorRecord) error.cmdlet ??= call.name;
    throw error;
  }
  inner.scope.set('input', call.input === undefined ? [] : await collectList(call.input));
  yield* runBlock(block, inner);
}

/** Sets the parameters of a function, block or file in its scope, and `$args` to the rest. */
export async function bindParameters(
  declarations: readonly ParameterDeclaration[],
  given: readonly Argument[],
  execution: Execution,
): Promise<void> {
  const parameters = new FunctionParameters(declarations, execution);
  const rest = parameters.bindPlaces(parameters.bindNamed(given));
  await parameters.bindDefaults();
  execution.scope.set('args', rest);
}

/** A value that was given without a parameter's name. */
type Unbound = { readonly value: unknown; readonly takesPlace: boolean };

/** The parameters of one call; each is set once, by name, place or default. */
class FunctionParameters {
  readonly #execution: Execution;
  #open: ParameterDeclaration[];

  constructor(declarations: readonly ParameterDeclaration[], execution: Execution) {
    this.#open = [...declarations];
    this.#execution = execution;
  }

  /** @returns what has no parameter's name, in its order; what is named like one that there is not takes no place */
  bindNamed(given: readonly Argument[]): Unbound[] {
    const values: Unbound[] = [];
    const rest = [...given];
    for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
      const declaration = argument.kind === 'value' ? undefined : findDeclaration(this.#open, argument.name);
      // As a function without [CmdletBinding()] has it: what it does not know it may hand on with @args.
      if (declaration !== undefined && argument.kind === 'parameter') {
        this.#set(declaration, valueFor(declaration, argument, rest));
        continue;
      }
      if (argument.kind === 'parameter') values.push({ value: `-${argument.name}`, takesPlace: false });
      if ('value' in argument)
        values.push({ value: plainValue(argument.value), takesPlace: argument.kind === 'value' });
    }
    return values;
  }

  /** @returns the values that no place was left for */
  bindPlaces(values: readonly Unbound[]): unknown[] {
    const places = this.#open.filter((declaration) => !isSwitch(declaration));
    const rest: unknown[] = [];
    for (const { value, takesPlace } of values) {
      const declaration = takesPlace ? places.shift() : undefined;
      if (declaration === undefined) rest.push(value);
      else this.#set(declaration, value);
    }
    return rest;
  }

  async bindDefaults(): Promise<void> {
    for (const declaration of this.#open) {
      const { name, initial } = declaration;
      if (initial !== undefined) this.#set(declaration, await evaluate(initial, this.#execution));
      else this.#execution.scope.set(name, defaultOf(declaration));
    }
  }

  #set(declaration: ParameterDeclaration, value: unknown): void {
    this.#open = this.#open.filter((one) => one !== declaration);
    const { scope } = this.#execution;
    const { name, type } = declaration;
    if (type === undefined) return scope.set(name, value ?? null);
    try {
      scope.declare(name, value ?? null, (one) => castTo(type, one));
    } catch (cause) {
      const message = `Cannot process argument transformation on parameter '${name}'. ${cause instanceof Error ? cause.message : String(cause)}`;
      throw new ErrorRecord('ParameterArgumentTransformationError', 'InvalidArgument', message, {
        target: name,
        cause,
      });
    }
  }
}

/** The value behind a parameter's name, taken from `rest` unless it came with the name. */
function valueFor(
  declaration: ParameterDeclaration,
  argument: Extract<Argument, { kind: 'parameter' }>,
  rest: Argument[],
): unknown {
  if ('value' in argument) return plainValue(argument.value);
  if (isSwitch(declaration)) return true;
  const next = rest.shift();
  if (next?.kind !== 'value') throw missing(declaration.name);
  return plainValue(next.value);
}

function isSwitch({ type }: ParameterDeclaration): boolean {
  return type?.toLowerCase() === 'switch';
}

function defaultOf({ type }: ParameterDeclaration): unknown {
  return type !== undefined && SCALARS.has(type.toLowerCase()) ? castTo(type, null) : null;
}

function findDeclaration(
  declarations: readonly ParameterDeclaration[],
  typed: string,
): ParameterDeclaration | undefined {
  const wanted = typed.toLowerCase();
  const exact = declarations.find(({ name }) => name.toLowerCase() === wanted);
  const beginning = declarations.filter(({ name }) => name.toLowerCase().startsWith(wanted));
  return exact ?? (beginning.length === 1 ? beginning[0] : undefined);
}

function missing(name: string): ErrorRecord {
  return new ErrorRecord('MissingArgument', 'InvalidArgument', `Missing an argument for parameter '${name}'.`, {
    target: name,
  });
}
