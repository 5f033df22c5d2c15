import type { Execution } from './execution.ts';
import { Flow } from './flow.ts';
import type { ScriptBlock } from './script-block.ts';

/** Runs a script block's statements; `return` ends it. @throws ParseError when its text is not of the command language */
export async function* runBlock(block: ScriptBlock, execution: Execution): AsyncGenerator<unknown> {
  try {
    // The places in a block's own text are not those in the file.
    const isOfFile = execution.file === undefined || block.text === '';
    yield* execution.run(block.body.statements, isOfFile ? execution : { ...execution, file: undefined });
  } catch (error) {
    if (!Flow.is(error, 'return')) throw error;
  }
}
