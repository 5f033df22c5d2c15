import { runBlock } from './execute-block.ts';
import { collect, type Execution } from './execution.ts';
import { pattern, type Pattern } from './regex-text.ts';
import { ScriptBlock } from './script-block.ts';
import { toList, toText } from './value-conversion.ts';

/** A group of a match, or the match itself, which `$_` is in the block of `-replace`. */
class Group {
  readonly Success: boolean;
  readonly Name: string;
  readonly Index: number;
  readonly Value: string;

  constructor(name: string, value: string | undefined, index: number) {
    this.Success = value !== undefined;
    this.Name = name;
    this.Index = index;
    this.Value = value ?? '';
  }

  get Length(): number {
    return this.Value.length;
  }

  toString(): string {
    return this.Value;
  }
}

class Match extends Group {
  /** The match, then its groups in .NET's order. */
  readonly Groups: readonly Group[];

  constructor(match: RegExpExecArray, groups: Pattern['groups']) {
    super('0', match[0], match.index);
    const inside = groups.map(({ name, index }, at) => {
      const value: string | undefined = match[index];
      // Where a group stands JavaScript does not tell without more work: where its text is first.
      return new Group(name ?? String(at + 1), value, value === undefined ? 0 : match.index + match[0].indexOf(value));
    });
    this.Groups = [this, ...inside];
  }
}

type Replacement = Pattern & { readonly by: ScriptBlock };

/** What `-replace` does, if the second part on its right is a script block. @throws ErrorRecord InvalidRegularExpression */
export function blockReplacement(operator: string, right: unknown): Replacement | undefined {
  if (operator !== '-replace' && operator !== '-creplace') return undefined;
  const [what, by] = toList(right);
  return by instanceof ScriptBlock ? { ...pattern(what, operator === '-creplace'), by } : undefined;
}

/** `'a1' -replace '\d', { [int]$_.Value + 1 }`: the block runs for each match, which is `$_`. @throws what the block throws */
export async function replaceWithBlock(
  left: unknown,
  { regex, groups, by }: Replacement,
  execution: Execution,
): Promise<unknown> {
  const replaced = async (text: string): Promise<string> => {
    let result = '';
    let from = 0;
    for (const match of text.matchAll(regex)) {
      const scope = execution.scope.withItem(new Match(match, groups));
      const value = await collect(runBlock(by, { ...execution, scope }));
      result += text.slice(from, match.index) + toText(value);
      from = match.index + match[0].length;
    }
    return result + text.slice(from);
  };
  if (!Array.isArray(left)) return replaced(toText(left));
  const texts: string[] = [];
  for (const one of left) texts.push(await replaced(toText(one)));
  return texts;
}
