import type { CommandElement, Expression } from './syntax-tree.ts';

/**
 * What is being typed where a text ends, from `from` on:
 * - `command`: a command's name;
 * - `parameter`: `-` and a parameter's name, of `command`;
 * - `argument`: an argument of `command`, of `parameter` if that stands before it, behind `elements` (while it is read they grow past it);
 * - `file`: where a redirection goes;
 * - `variable`: `$` and a name; `member`: a member of `target`;
 * - `block`: a script block that is open, given to `command`.
 */
export type Expectation = { readonly from: number } & (
  | { readonly kind: 'command' | 'file' | 'variable' }
  | { readonly kind: 'member'; readonly target: Expression }
  | {
      readonly kind: 'parameter' | 'argument';
      readonly command: string | undefined;
      readonly parameter: string | undefined;
      readonly elements: readonly CommandElement[];
    }
  | { readonly kind: 'block'; readonly command: string | undefined }
);
