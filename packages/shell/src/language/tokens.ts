import type { Span } from './syntax-tree.ts';

/** Kinds of coloured text; `block` is a whole script block as a value, whichever language it is in. */
export type TokenKind =
  | 'command'
  | 'parameter'
  | 'variable'
  | 'string'
  | 'number'
  | 'operator'
  | 'keyword'
  | 'comment'
  | 'block';

export type Token = Span & { readonly kind: TokenKind };
