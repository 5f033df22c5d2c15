import { setImmediate } from 'node:timers/promises';
import type { CmdletContext } from '../runtime/cmdlet.ts';
import { object } from '../runtime/parameter-type.ts';

/** After so long without a pause the keyboard gets its turn. */
const BUSY_MS = 50;

/** Parameter for the objects of a cmdlet that takes all of them. */
export const inputObject = { type: object, pipeline: 'value', help: 'The objects; the pipeline brings them.' } as const;

/**
 * The objects that a cmdlet is given: those of the pipeline, or the one value of -InputObject. Values that are there
 * already come without a pause, so Ctrl-C would never be heard; hence the pauses.
 */
export async function* inputObjects(
  InputObject: unknown,
  { hasInput, input, signal }: CmdletContext,
): AsyncGenerator<unknown> {
  if (!hasInput) {
    if (InputObject !== undefined) yield InputObject;
    return;
  }
  let pause = performance.now();
  for await (const item of input) {
    if (performance.now() - pause > BUSY_MS) {
      await setImmediate(undefined, { signal });
      pause = performance.now();
    }
    yield item;
  }
}
