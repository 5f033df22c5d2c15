import type { Span } from './syntax-tree.ts';

/** Text that is not of the command language, with the place; `incomplete` when more text could mend it. */
export class ParseError extends SyntaxError {
  readonly span: Span;
  readonly incomplete: boolean;

  constructor(message: string, span: Span, options: { incomplete?: boolean } = {}) {
    super(message);
    this.name = 'ParseError';
    this.span = span;
    this.incomplete = options.incomplete ?? false;
  }
}
