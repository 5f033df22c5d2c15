/** A half-open range of the parsed text, in UTF-16 units. */
export type Span = { readonly from: number; readonly to: number };

/** `quote` says how it was written; a bare word may hold quoted pieces. `here`: @' '@. */
export type StringExpression = Span & {
  readonly kind: 'string';
  readonly value: string;
  readonly quote: 'none' | 'single' | 'double' | 'here';
  readonly pieces?: readonly WordPiece[];
};

/**
 * A piece of a bare word for a native command, as far as it was written with quotes or escapes: plain text, in which a
 * shell finds its wildcards; text that stands for itself; or what is worked out.
 */
export type WordPiece =
  | string
  | { readonly kind: 'literal'; readonly text: string }
  | VariableExpression
  | SubExpression;

/** A text with variables and sub-expressions in it, between pieces of plain text (escapes resolved, none of them empty). */
export type ExpandableString = Span & {
  readonly kind: 'expandable';
  readonly parts: readonly (string | VariableExpression | SubExpression)[];
  readonly quote: 'none' | 'double' | 'here';
  readonly pieces?: readonly WordPiece[];
};

/** A number; as a command's argument `text` is what a string parameter gets. */
export type NumberExpression = Span & { readonly kind: 'number'; readonly value: number; readonly text: string };

/** `name` without `$` and braces, as typed, `env:PATH` included. `splatted`: `@name`, an argument's place only. */
export type VariableExpression = Span & {
  readonly kind: 'variable';
  readonly name: string;
  readonly splatted: boolean;
};

/** `a, b`, or `,a`. */
export type ArrayExpression = Span & { readonly kind: 'array'; readonly items: readonly Expression[] };

/** `@( … )`: what the statements give, as an array. */
export type ArraySubExpression = Span & { readonly kind: 'array-subexpression'; readonly body: Block };

/** `$( … )`: what the statements give. */
export type SubExpression = Span & { readonly kind: 'subexpression'; readonly body: Block };

/** `( … )`: one pipeline or assignment, whose value it is. */
export type ParenExpression = Span & { readonly kind: 'paren'; readonly statement: Statement };

/** `@{ key = value; … }`. */
export type HashtableExpression = Span & {
  readonly kind: 'hashtable';
  readonly entries: readonly { readonly key: Expression; readonly value: Statement }[];
};

/** `{ … }` as a value: its text between the braces, verbatim. It is parsed when it runs here, by parseBlock(). */
export type ScriptBlockExpression = Span & { readonly kind: 'script-block'; readonly text: string };

/** `target.name`, `[Type]::name`. */
export type MemberExpression = Span & {
  readonly kind: 'member';
  readonly target: Expression;
  readonly name: Expression;
  readonly isStatic: boolean;
};

/** `target.name(arguments)`. */
export type CallExpression = Span & {
  readonly kind: 'call';
  readonly target: Expression;
  readonly name: Expression;
  readonly isStatic: boolean;
  readonly arguments: readonly Expression[];
};

export type IndexExpression = Span & {
  readonly kind: 'index';
  readonly target: Expression;
  readonly index: Expression;
};

export type UnaryOperator = '-' | '+' | '-not' | '-join' | '-split' | '-bnot' | '++' | '--';

/** `!` is `-not`. `++` and `--` stand before or, `postfix`, behind a variable, member or element. */
export type UnaryExpression = Span & {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Expression;
  readonly postfix: boolean;
};

/** `operator` in lower case and without the `i` of `-ieq`: `+`, `..`, `-eq`, `-clike`, `-and`, `-f`, `-is`, `-as`, `??`. */
export type BinaryExpression = Span & {
  readonly kind: 'binary';
  readonly operator: string;
  readonly left: Expression;
  readonly right: Expression;
};

/** `[type]operand`; `type` as typed, without brackets, `int[]` with them. */
export type CastExpression = Span & { readonly kind: 'cast'; readonly type: string; readonly operand: Expression };

/** `[type]` as a value. */
export type TypeExpression = Span & { readonly kind: 'type'; readonly name: string };

export type Expression =
  | StringExpression
  | ExpandableString
  | NumberExpression
  | VariableExpression
  | ArrayExpression
  | ArraySubExpression
  | SubExpression
  | ParenExpression
  | HashtableExpression
  | ScriptBlockExpression
  | MemberExpression
  | CallExpression
  | IndexExpression
  | UnaryExpression
  | BinaryExpression
  | CastExpression
  | TypeExpression;

/** `-Name`, or `-Name:argument`; an argument behind a blank is an element of its own, since only binding tells whose it is. */
export type ParameterElement = Span & {
  readonly kind: 'parameter';
  readonly name: string;
  readonly argument: Expression | undefined;
};

export type CommandElement = ParameterElement | Expression;

/** `>`, `>>`, `2>`, `*>` to a file; `2>&1` to another stream; `<` from a file. Streams: 0 input, 1 output, 2 error, 3 warning, 4 verbose, 6 information. */
export type Redirection = Span & {
  readonly kind: 'redirection';
  readonly stream: 0 | 1 | 2 | 3 | 4 | 5 | 6 | '*';
  readonly target: { readonly file: Expression; readonly append: boolean } | { readonly stream: 1 };
};

/** A stage that names what runs. `invocation`: plain word, `& expression`, `. expression`. */
export type Command = Span & {
  readonly kind: 'command';
  readonly invocation: 'name' | 'call' | 'dot';
  readonly name: Expression;
  readonly elements: readonly CommandElement[];
  readonly redirections: readonly Redirection[];
};

/** A stage that is a value; only the first of a pipeline can be one. */
export type ExpressionStage = Span & {
  readonly kind: 'expression';
  readonly expression: Expression;
  readonly redirections: readonly Redirection[];
};

/** `text` of a stage is text.slice(from, to): a native command gets it as it stands. */
export type Pipeline = Span & { readonly kind: 'pipeline'; readonly stages: readonly Stage[] };

/** A compound command of the shell as a stage, verbatim: `for f in *; do …; done`. */
export type ShellStage = Span & { readonly kind: 'shell'; readonly text: string };

export type Stage = Command | ExpressionStage | ShellStage;

/** `left && right`: right runs when left went well; `||`: when it did not. */
export type PipelineChain = Span & {
  readonly kind: 'chain';
  readonly left: Pipeline | PipelineChain;
  readonly operator: '&&' | '||';
  readonly right: Pipeline;
};

/** `target` is a variable, member, element, cast of one, or an array of these. */
export type Assignment = Span & {
  readonly kind: 'assignment';
  readonly target: Expression;
  readonly operator: '=' | '+=' | '-=' | '*=' | '/=' | '%=' | '??=';
  readonly value: Statement;
};

export type IfStatement = Span & {
  readonly kind: 'if';
  readonly clauses: readonly { readonly condition: Statement; readonly body: Block }[];
  readonly otherwise: Block | undefined;
};

export type ForeachStatement = Span & {
  readonly kind: 'foreach';
  readonly variable: VariableExpression;
  readonly collection: Statement;
  readonly body: Block;
};

export type WhileStatement = Span & { readonly kind: 'while'; readonly condition: Statement; readonly body: Block };

/** `for (initial; condition; step) { … }`. */
export type ForStatement = Span & {
  readonly kind: 'for';
  readonly initial: Statement | undefined;
  readonly condition: Statement | undefined;
  readonly step: Statement | undefined;
  readonly body: Block;
};

/** `do { … } while ( … )`, or `until ( … )`. */
export type DoStatement = Span & {
  readonly kind: 'do';
  readonly body: Block;
  readonly until: boolean;
  readonly condition: Statement;
};

/** A branch of a `switch`; without a pattern it is `default`. */
export type SwitchCase = Span & { readonly pattern: Expression | undefined; readonly body: Block };

export type SwitchStatement = Span & {
  readonly kind: 'switch';
  readonly match: 'exact' | 'wildcard' | 'regex';
  readonly caseSensitive: boolean;
  readonly value: Statement;
  readonly cases: readonly SwitchCase[];
};

/** `try { … } catch [Type], [Type] { … } finally { … }`. */
export type TryStatement = Span & {
  readonly kind: 'try';
  readonly body: Block;
  readonly catches: readonly { readonly types: readonly string[]; readonly body: Block }[];
  readonly lastly: Block | undefined;
};

/** The statements that a script has more often than a line. */
export type ControlStatement = ForStatement | DoStatement | SwitchStatement | TryStatement;

/** A parameter of a function or script block. */
export type ParameterDeclaration = Span & {
  readonly name: string;
  readonly type: string | undefined;
  readonly initial: Expression | undefined;
};

export type FunctionStatement = Span & { readonly kind: 'function'; readonly name: string; readonly body: ScriptBody };

export type FlowStatement = Span & {
  readonly kind: 'exit' | 'return' | 'throw' | 'break' | 'continue';
  readonly value: Statement | undefined;
};

export type Statement =
  | Pipeline
  | PipelineChain
  | Assignment
  | IfStatement
  | ForeachStatement
  | WhileStatement
  | ControlStatement
  | FunctionStatement
  | FlowStatement;

/** `{ … }` of a statement, `$( … )`, `@( … )`. */
export type Block = Span & { readonly kind: 'block'; readonly statements: readonly Statement[] };

/** A function's or script block's own code: its `param( … )`, or the list behind a function's name, and its statements. */
export type ScriptBody = Span & {
  readonly kind: 'script';
  readonly parameters: readonly ParameterDeclaration[];
  readonly statements: readonly Statement[];
};

/** A line or a file. */
export type Script = ScriptBody;
