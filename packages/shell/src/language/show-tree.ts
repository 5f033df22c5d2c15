import { parse } from './parser.ts';
import { isControl } from './print-control.ts';
import type {
  Block,
  CommandElement,
  ControlStatement,
  Expression,
  Redirection,
  ScriptBody,
  Stage,
  Statement,
} from './syntax-tree.ts';

const QUOTES = { none: '', single: "'", double: '"', here: '@' };

/** A tree as a short text that shows how it hangs together: operators before their operands, all in parentheses. */
export function showText(text: string): string {
  const { script, errors } = parse(text);
  if (errors[0] !== undefined) throw errors[0];
  return showBody(script);
}

function showBody({ parameters, statements }: ScriptBody): string {
  const shown = parameters.map(({ name, type, initial }) =>
    [
      type === undefined ? '' : `[${type}]`,
      `$${name}`,
      initial === undefined ? '' : `=${showExpression(initial)}`,
    ].join(''),
  );
  return `${shown.length === 0 ? '' : `param(${shown.join(' ')}) `}${statements.map(showStatement).join('; ')}`;
}

function showBlock({ statements }: Block): string {
  return `{${statements.map(showStatement).join('; ')}}`;
}

function showStatement(statement: Statement): string {
  if (isControl(statement)) return showControl(statement);
  switch (statement.kind) {
    case 'pipeline':
      return statement.stages.map(showStage).join(' | ');
    case 'chain':
      return `(${statement.operator} ${showStatement(statement.left)} ${showStatement(statement.right)})`;
    case 'assignment':
      return `(${statement.operator} ${showExpression(statement.target)} ${showStatement(statement.value)})`;
    case 'if': {
      const clauses = statement.clauses.map((clause) => `${showStatement(clause.condition)} ${showBlock(clause.body)}`);
      const otherwise = statement.otherwise === undefined ? '' : ` else ${showBlock(statement.otherwise)}`;
      return `(if ${clauses.join(' elseif ')}${otherwise})`;
    }
    case 'foreach':
      return `(foreach $${statement.variable.name} in ${showStatement(statement.collection)} ${showBlock(statement.body)})`;
    case 'while':
      return `(while ${showStatement(statement.condition)} ${showBlock(statement.body)})`;
    case 'function':
      return `(function ${statement.name} {${showBody(statement.body)}})`;
    default:
      return `(${statement.kind}${statement.value === undefined ? '' : ` ${showStatement(statement.value)}`})`;
  }
}

function showControl(statement: ControlStatement): string {
  switch (statement.kind) {
    case 'for': {
      const { initial, condition, step } = statement;
      const parts = [initial, condition, step].map((part) => (part === undefined ? '-' : showStatement(part)));
      return `(for ${parts.join(' ')} ${showBlock(statement.body)})`;
    }
    case 'do':
      return `(do ${showBlock(statement.body)} ${statement.until ? 'until' : 'while'} ${showStatement(statement.condition)})`;
    case 'switch': {
      const cases = statement.cases.map(
        ({ pattern, body }) => `${pattern === undefined ? 'default' : showExpression(pattern)} ${showBlock(body)}`,
      );
      const options = `${statement.match}${statement.caseSensitive ? ' cased' : ''}`;
      return `(switch ${options} ${showStatement(statement.value)} ${cases.join(' ')})`;
    }
    case 'try': {
      const catches = statement.catches.map(({ types, body }) => ` catch ${types.join(',')}${showBlock(body)}`);
      const lastly = statement.lastly === undefined ? '' : ` finally ${showBlock(statement.lastly)}`;
      return `(try ${showBlock(statement.body)}${catches.join('')}${lastly})`;
    }
  }
}

function showStage(stage: Stage): string {
  if (stage.kind === 'shell') return `sh<${stage.text}>`;
  const redirections = stage.redirections.map(showRedirection);
  if (stage.kind === 'expression') return [`=${showExpression(stage.expression)}`, ...redirections].join(' ');
  const name = `${{ name: '', call: '&', dot: '. ' }[stage.invocation]}${showExpression(stage.name)}`;
  return [name, ...stage.elements.map(showElement), ...redirections].join(' ');
}

function showElement(element: CommandElement): string {
  if (element.kind !== 'parameter') return showExpression(element);
  return `-${element.name}${element.argument === undefined ? '' : `:${showExpression(element.argument)}`}`;
}

function showRedirection({ stream, target }: Redirection): string {
  if ('stream' in target) return `${stream}>&1`;
  return `${stream}${stream === 0 ? '<' : target.append ? '>>' : '>'}${showExpression(target.file)}`;
}

function list(expressions: readonly Expression[]): string {
  return expressions.map(showExpression).join(' ');
}

function showExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'string':
      return `${QUOTES[expression.quote]}${expression.value}${QUOTES[expression.quote]}`;
    case 'expandable': {
      const parts = expression.parts.map((part) => (typeof part === 'string' ? `<${part}>` : showExpression(part)));
      return `${QUOTES[expression.quote]}${parts.join('')}${QUOTES[expression.quote]}`;
    }
    case 'number':
      return `#${expression.value}`;
    case 'variable':
      return `${expression.splatted ? '@' : '$'}${expression.name}`;
    case 'array':
      return `(, ${list(expression.items)})`;
    case 'array-subexpression':
      return `@${showBlock(expression.body)}`;
    case 'subexpression':
      return `$${showBlock(expression.body)}`;
    case 'paren':
      return `(${showStatement(expression.statement)})`;
    case 'hashtable':
      return `@{${expression.entries.map(({ key, value }) => `${showExpression(key)}=${showStatement(value)}`).join('; ')}}`;
    case 'script-block':
      return `{${expression.text}}`;
    default:
      return showOperation(expression);
  }
}

function showOperation(
  expression: Extract<Expression, { kind: 'member' | 'call' | 'index' | 'unary' | 'binary' | 'cast' | 'type' }>,
): string {
  switch (expression.kind) {
    case 'member':
      return `(${expression.isStatic ? '::' : '.'} ${list([expression.target, expression.name])})`;
    case 'call':
      return `(call${expression.isStatic ? '::' : '.'} ${list([expression.target, expression.name, ...expression.arguments])})`;
    case 'index':
      return `([] ${list([expression.target, expression.index])})`;
    case 'unary':
      return `(${expression.postfix ? 'postfix' : ''}${expression.operator} ${showExpression(expression.operand)})`;
    case 'binary':
      return `(${expression.operator} ${list([expression.left, expression.right])})`;
    case 'cast':
      return `([${expression.type}] ${showExpression(expression.operand)})`;
    case 'type':
      return `[${expression.name}]`;
  }
}

/** A tree without its positions. */
export function withoutSpans(tree: unknown): unknown {
  if (Array.isArray(tree)) return tree.map(withoutSpans);
  if (typeof tree !== 'object' || tree === null) return tree;
  const { from: _from, to: _to, pieces: _pieces, ...rest } = tree as Record<string, unknown>;
  return Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, withoutSpans(value)]));
}
