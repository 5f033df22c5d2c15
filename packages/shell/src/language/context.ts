import type { Expectation } from './expectation.ts';
import { parseNoting } from './parser.ts';

/** More blocks in one another than a person types. */
const DEEPEST = 50;

/** What is typed at a place, of which `text` stands there already; `within`: the commands whose blocks that place is in. */
export type Context = Exclude<Expectation, { kind: 'block' }> & {
  readonly text: string;
  readonly within: readonly (string | undefined)[];
};

/** Tells what is typed at `cursor`, for completion: of the text behind it nothing is asked. Undefined where nothing can be told. */
export function contextAt(text: string, cursor: number): Context | undefined {
  const typed = text.slice(0, cursor);
  const within: (string | undefined)[] = [];
  let from = 0;
  while (within.length < DEEPEST) {
    const { expected } = parseNoting(typed.slice(from), from).scanner;
    if (expected === undefined) return undefined;
    const place = { text: typed.slice(expected.from), within };
    if ('elements' in expected) {
      return { ...expected, ...place, elements: expected.elements.filter(({ to }) => to <= expected.from) };
    }
    if (expected.kind !== 'block') return { ...expected, ...place };
    within.push(expected.command);
    from = expected.from;
  }
  return undefined;
}
