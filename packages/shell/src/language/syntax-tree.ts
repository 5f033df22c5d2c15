/** A half-open range of the parsed text, in UTF-16 units. */
export type Span = { readonly from: number; readonly to: number };

/** `quote` says how it was written; a bare word may hold quoted pieces. */
export type StringExpression = Span & {
  readonly kind: 'string';
  readonly value: string;
  readonly quote: 'none' | 'single' | 'double';
};

/** A bare word that reads as a number; `text` is what a string parameter gets. */
type NumberExpression = Span & { readonly kind: 'number'; readonly value: number; readonly text: string };

/** `name` without `$` and braces, as typed. */
export type VariableExpression = Span & { readonly kind: 'variable'; readonly name: string };

type ArrayExpression = Span & { readonly kind: 'array'; readonly items: readonly Expression[] };

export type Expression = StringExpression | NumberExpression | VariableExpression | ArrayExpression;

/** `-Name`, or `-Name:argument`; an argument behind a blank is an element of its own, since only binding tells whose it is. */
export type ParameterElement = Span & {
  readonly kind: 'parameter';
  readonly name: string;
  readonly argument: Expression | undefined;
};

export type CommandElement = ParameterElement | Expression;

export type Command = Span & {
  readonly kind: 'command';
  readonly name: StringExpression;
  readonly elements: readonly CommandElement[];
};

export type Pipeline = Span & { readonly kind: 'pipeline'; readonly commands: readonly Command[] };

export type ExitStatement = Span & { readonly kind: 'exit'; readonly status: Expression | undefined };

export type Statement = Pipeline | ExitStatement;

export type Script = Span & { readonly kind: 'script'; readonly statements: readonly Statement[] };
