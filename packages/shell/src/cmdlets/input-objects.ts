import { Breather } from '../runtime/breather.ts';
import type { CmdletContext } from '../runtime/cmdlet.ts';
import { object } from '../runtime/parameter-type.ts';

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
  const breather = new Breather(signal);
  for await (const item of input) {
    await breather.breathe();
    yield item;
  }
}
