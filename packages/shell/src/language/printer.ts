import { isControl, printControl } from './print-control.ts';
import { printCommandName, printString, printVariable } from './print-text.ts';
import type {
  Block,
  Command,
  CommandElement,
  Expression,
  HashtableExpression,
  Redirection,
  Script,
  ScriptBody,
  Stage,
  Statement,
  UnaryExpression,
} from './syntax-tree.ts';

type Bracketed = Extract<
  Expression,
  { kind: 'array-subexpression' | 'subexpression' | 'paren' | 'hashtable' | 'script-block' }
>;
type Operation = Extract<Expression, { kind: 'member' | 'call' | 'index' | 'unary' | 'binary' | 'cast' | 'type' }>;

/** A text whose tree this is, spans aside: one statement a line, without comments, with no more quoting than is needed. */
export function print(script: Script): string {
  return printBody(script, '\n');
}

function printBody({ parameters, statements }: ScriptBody, separator: string): string {
  const declarations = parameters.map(({ name, type, initial }) => {
    const value = initial === undefined ? '' : ` = ${printExpression(initial)}`;
    return `${type === undefined ? '' : `[${type}]`}${printVariable({ name, splatted: false })}${value}`;
  });
  const head = declarations.length === 0 ? [] : [`param(${declarations.join(', ')})`];
  return [...head, ...statements.map(printStatement)].join(separator);
}

function printStatements({ statements }: Block): string {
  return statements.map(printStatement).join('; ');
}

function printBlock(block: Block): string {
  return block.statements.length === 0 ? '{ }' : `{ ${printStatements(block)} }`;
}

function printStatement(statement: Statement): string {
  if (isControl(statement)) {
    return printControl(statement, { statement: printStatement, block: printBlock, expression: printExpression });
  }
  switch (statement.kind) {
    case 'pipeline':
      return statement.stages.map(printStage).join(' | ');
    case 'chain':
      return `${printStatement(statement.left)} ${statement.operator} ${printStatement(statement.right)}`;
    case 'assignment':
      return `${printExpression(statement.target)} ${statement.operator} ${printStatement(statement.value)}`;
    case 'if': {
      const clauses = statement.clauses.map(
        ({ condition, body }) => `if (${printStatement(condition)}) ${printBlock(body)}`,
      );
      const otherwise = statement.otherwise === undefined ? '' : ` else ${printBlock(statement.otherwise)}`;
      return `${clauses.join(' else')}${otherwise}`;
    }
    case 'foreach': {
      const head = `${printVariable(statement.variable)} in ${printStatement(statement.collection)}`;
      return `foreach (${head}) ${printBlock(statement.body)}`;
    }
    case 'while':
      return `while (${printStatement(statement.condition)}) ${printBlock(statement.body)}`;
    case 'function':
      return `function ${statement.name} { ${printBody(statement.body, '; ')} }`;
    default:
      return statement.value === undefined ? statement.kind : `${statement.kind} ${printStatement(statement.value)}`;
  }
}

function printStage(stage: Stage, place: number): string {
  if (stage.kind === 'shell') return stage.text;
  const head = stage.kind === 'expression' ? [printExpression(stage.expression)] : printCommand(stage, place === 0);
  return [...head, ...stage.redirections.map(printRedirection)].join(' ');
}

function printCommand({ invocation, name, elements }: Command, isFirst: boolean): string[] {
  const printed = printExpression(name);
  const head = { name: printCommandName(printed, isFirst), call: `& ${printed}`, dot: `. ${printed}` }[invocation];
  return [head, ...elements.map(printElement)];
}

function printElement(element: CommandElement): string {
  if (element.kind !== 'parameter') return printExpression(element);
  return `-${element.name}${element.argument === undefined ? '' : `:${printExpression(element.argument)}`}`;
}

function printRedirection({ stream, target }: Redirection): string {
  const from = stream === 0 || stream === 1 ? '' : stream;
  if ('stream' in target) return `${from}>&1`;
  return `${from}${stream === 0 ? '<' : target.append ? '>>' : '>'} ${printExpression(target.file)}`;
}

function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'string':
    case 'expandable':
      return printString(expression, (part, behind) =>
        part.kind === 'variable' ? printVariable(part, behind) : printExpression(part),
      );
    case 'number':
      return expression.text;
    case 'variable':
      return printVariable(expression);
    case 'array':
      return printArray(expression.items);
    case 'array-subexpression':
    case 'subexpression':
    case 'paren':
    case 'hashtable':
    case 'script-block':
      return printBracketed(expression);
    default:
      return printOperation(expression);
  }
}

function printArray(items: readonly Expression[]): string {
  return `${items.length === 1 ? ',' : ''}${printList(items)}`;
}

function printList(expressions: readonly Expression[]): string {
  return expressions.map(printExpression).join(', ');
}

function printHashtable({ entries }: HashtableExpression): string {
  if (entries.length === 0) return '@{ }';
  return `@{ ${entries.map(({ key, value }) => `${printExpression(key)} = ${printStatement(value)}`).join('; ')} }`;
}

function printBracketed(expression: Bracketed): string {
  switch (expression.kind) {
    case 'array-subexpression':
      return `@(${printStatements(expression.body)})`;
    case 'subexpression':
      return `$(${printStatements(expression.body)})`;
    case 'paren':
      return `(${printStatement(expression.statement)})`;
    case 'hashtable':
      return printHashtable(expression);
    case 'script-block':
      return `{${expression.text}}`;
  }
}

function printOperation(expression: Operation): string {
  switch (expression.kind) {
    case 'member':
    case 'call': {
      const mark = expression.isStatic ? '::' : '.';
      const call = expression.kind === 'call' ? `(${printList(expression.arguments)})` : '';
      return `${printExpression(expression.target)}${mark}${printExpression(expression.name)}${call}`;
    }
    case 'index':
      return `${printExpression(expression.target)}[${printExpression(expression.index)}]`;
    case 'unary':
      return printUnary(expression);
    case 'binary':
      return `${printExpression(expression.left)} ${expression.operator} ${printExpression(expression.right)}`;
    case 'cast':
      return `[${expression.type}]${printExpression(expression.operand)}`;
    case 'type':
      return `[${expression.name}]`;
  }
}

function printUnary({ operator, operand, postfix }: UnaryExpression): string {
  if (postfix) return `${printExpression(operand)}${operator}`;
  const blank = operator === '++' || operator === '--' ? '' : ' ';
  return `${operator}${blank}${printExpression(operand)}`;
}
