import type { Block, ControlStatement, Expression, Statement, SwitchStatement, TryStatement } from './syntax-tree.ts';

type Printers = {
  readonly statement: (statement: Statement) => string;
  readonly block: (block: Block) => string;
  readonly expression: (expression: Expression) => string;
};

const KINDS: ReadonlySet<Statement['kind']> = new Set(['for', 'do', 'switch', 'try']);

/** Whether a statement is one of those that printControl() prints. */
export function isControl(statement: Statement): statement is ControlStatement {
  return KINDS.has(statement.kind);
}

/** The text of the statements that a script has more often than a line. */
export function printControl(statement: ControlStatement, print: Printers): string {
  switch (statement.kind) {
    case 'for': {
      const { initial, condition, step } = statement;
      const parts = [initial, condition, step].map((part) => (part === undefined ? '' : print.statement(part)));
      return `for (${parts.join('; ')}) ${print.block(statement.body)}`;
    }
    case 'do':
      return `do ${print.block(statement.body)} ${statement.until ? 'until' : 'while'} (${print.statement(statement.condition)})`;
    case 'switch':
      return printSwitch(statement, print);
    case 'try':
      return printTry(statement, print);
  }
}

function printSwitch({ match, caseSensitive, value, cases }: SwitchStatement, print: Printers): string {
  const options = `${match === 'exact' ? '' : ` -${match}`}${caseSensitive ? ' -casesensitive' : ''}`;
  const printed = cases.map(({ pattern, body }) => {
    const wanted = pattern === undefined ? 'default' : print.expression(pattern).replace(/^(?=default$)./iu, "$&''");
    return `${wanted} ${print.block(body)}`;
  });
  return `switch${options} (${print.statement(value)}) { ${printed.join('; ')} }`;
}

function printTry({ body, catches, lastly }: TryStatement, print: Printers): string {
  const parts = catches.map(
    ({ types, body: inside }) => `catch ${types.map((type) => `[${type}]`).join(', ')} ${print.block(inside)}`,
  );
  const last = lastly === undefined ? [] : [`finally ${print.block(lastly)}`];
  return [`try ${print.block(body)}`, ...parts, ...last].join(' ');
}
