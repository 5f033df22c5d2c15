import { defineCmdlet, type CmdletContext } from '../runtime/cmdlet.ts';
import { hasMember, readMember } from '../runtime/members.ts';
import { callMethod, methodNames } from '../runtime/methods.ts';
import { arrayOf, instanceOf, object, string } from '../runtime/parameter-type.ts';
import { ScriptBlock } from '../runtime/script-block.ts';
import { inputObject, inputObjects } from './input-objects.ts';

const block = instanceOf(ScriptBlock);

/** Does something for each object. */
export default defineCmdlet({
  name: 'ForEach-Object',
  synopsis: 'Does something for each object.',
  description:
    'A script block is run for each object, which is $_ in it; with several blocks the first runs before and the last behind all of them. The simple form gives one property or what one method gives: ForEach-Object Name.',
  acts: 'data',
  input: 'all',
  defaultParameterSet: 'ScriptBlockSet',
  parameters: {
    Process: {
      type: arrayOf(block),
      position: 0,
      mandatory: ['ScriptBlockSet'],
      sets: ['ScriptBlockSet'],
      help: 'What is done for each object.',
    },
    RemainingScripts: {
      type: arrayOf(block),
      position: 1,
      sets: ['ScriptBlockSet'],
      help: 'The block for each object and the last one, where the first is for the beginning.',
    },
    Begin: { type: block, sets: ['ScriptBlockSet'], help: 'What is done before the first object.' },
    End: { type: block, position: 2, sets: ['ScriptBlockSet'], help: 'What is done behind the last object.' },
    MemberName: {
      type: string,
      position: 0,
      mandatory: ['PropertyAndMethodSet'],
      sets: ['PropertyAndMethodSet'],
      complete: 'property',
      help: 'A property to give, or a method to call.',
    },
    ArgumentList: {
      type: arrayOf(object),
      position: 1,
      aliases: ['Args'],
      sets: ['PropertyAndMethodSet'],
      help: "The method's arguments.",
    },
    InputObject: inputObject,
  },
  examples: [
    { code: '1..3 | ForEach-Object { $_ * 2 }', remarks: 'Doubles numbers.' },
    { code: "'a b', 'c' | ForEach-Object Split ' '", remarks: 'Calls a method of each text.' },
    { code: '1..3 | ForEach-Object -Begin { $n = 0 } -Process { $n += $_ } -End { $n }', remarks: 'Adds numbers.' },
  ],
  async *process(
    { Process = [], RemainingScripts = [], Begin, End, MemberName, ArgumentList = [], InputObject },
    context,
  ) {
    const objects = inputObjects(InputObject, context);
    if (MemberName !== undefined) {
      for await (const item of objects) yield* values(memberOf(item, MemberName, ArgumentList));
      return;
    }
    const { before, each, after } = inPlaces([...Process, ...RemainingScripts], Begin, End);
    yield* runAll(before, undefined, context);
    for await (const item of objects) yield* runAll(each, item, context);
    yield* runAll(after, undefined, context);
  },
});

type Blocks = readonly ScriptBlock[];

/** Of several blocks the first is for the beginning and the last for the end, unless these are given by name. */
function inPlaces(
  blocks: Blocks,
  begin: ScriptBlock | undefined,
  end: ScriptBlock | undefined,
): { before: Blocks; each: Blocks; after: Blocks } {
  const from = begin === undefined && blocks.length > 1 ? 1 : 0;
  const to = end === undefined && blocks.length - from > 1 ? blocks.length - 1 : blocks.length;
  return {
    before: begin === undefined ? blocks.slice(0, from) : [begin],
    each: blocks.slice(from, to),
    after: end === undefined ? blocks.slice(to) : [end],
  };
}

async function* runAll(blocks: Blocks, item: unknown, { invoke }: CmdletContext): AsyncGenerator<unknown> {
  for (const one of blocks) yield* invoke(one, item);
}

/** @throws ErrorRecord MethodNotFound */
function memberOf(item: unknown, name: string, values_: readonly unknown[]): unknown {
  const isMethod = methodNames(item).some((one) => one.toLowerCase() === name.toLowerCase());
  if (values_.length > 0 || (isMethod && !hasMember(item, name))) return callMethod(item, name, values_);
  return readMember(item, name) ?? null;
}

function values(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
