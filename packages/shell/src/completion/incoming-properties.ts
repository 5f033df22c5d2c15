import { parse } from '../language/parser.ts';
import type { Pipeline, PipelineChain, Statement } from '../language/syntax-tree.ts';
import { laterName } from '../runtime/aliases.ts';
import type { Commands } from '../runtime/cmdlet.ts';
import type { Scope } from '../runtime/scope.ts';
import { peek, propertyNames } from './member-names.ts';

type Stage = Pipeline['stages'][number];

/** Where an inner pipeline may begin. */
const OPENINGS = /[({;=\n]/gu;

/** More brackets in one another than a person types. */
const MOST_OPENINGS = 100;

/**
 * Properties of what comes to the command that is being typed at the end of `head`, where the stage before it declares
 * what it gives, or is a variable that holds something; none where nobody can tell, since nothing is run to find out.
 */
export async function incomingProperties(
  head: string,
  { commands, scope }: { commands: Commands; scope: Scope },
): Promise<readonly string[]> {
  for (const stage of stagesBefore(head).toReversed()) {
    if (stage.kind === 'shell') return [];
    if (stage.kind === 'expression') return propertyNames(peek(stage.expression, scope));
    const word = stage.name.kind === 'string' ? laterName(stage.name.value) : '';
    if (commands.find(word) === undefined) return [];
    const { output = [] } = await commands.load(word);
    if (output !== 'input') return output;
  }
  return [];
}

/** The stages before the last of the innermost pipeline that the text ends in. */
function stagesBefore(head: string): readonly Stage[] {
  const starts = [0, ...Array.from(head.matchAll(OPENINGS), ({ index }) => index + 1)].slice(0, MOST_OPENINGS);
  for (const start of starts) {
    const { script, errors } = parse(head.slice(start));
    const last = script.statements.at(-1);
    if (errors.length === 0 && last !== undefined) return lastPipeline(last)?.stages.slice(0, -1) ?? [];
  }
  return [];
}

function lastPipeline(statement: Statement): Pipeline | undefined {
  if (statement.kind === 'assignment') return lastPipeline(statement.value);
  const piped: Pipeline | PipelineChain | undefined =
    statement.kind === 'pipeline' || statement.kind === 'chain' ? statement : undefined;
  return piped?.kind === 'chain' ? piped.right : piped;
}
