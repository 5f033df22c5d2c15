/** Which of a sequence of objects are taken. */
export type Window = {
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** From the beginning; from the end if only `last` is given. */
  readonly skip: number;
  readonly skipLast: number;
};

type Objects = AsyncIterable<unknown>;

/** The objects in a window, as soon as it is known that they are; ends what brings them once it has enough. */
export function inWindow(objects: Objects, { first, last, skip, skipLast }: Window): Objects {
  if (first === undefined && last !== undefined) return takeEnds(dropLast(objects, skipLast + skip), 0, last);
  return takeEnds(dropLast(dropFirst(objects, skip), skipLast), first ?? Infinity, last ?? 0);
}

async function* dropFirst(objects: Objects, count: number): AsyncGenerator<unknown> {
  let left = count;
  for await (const item of objects) if (left-- <= 0) yield item;
}

async function* dropLast(objects: Objects, count: number): AsyncGenerator<unknown> {
  const held: unknown[] = [];
  for await (const item of objects) {
    held.push(item);
    if (held.length > count) yield held.shift();
  }
}

async function* takeEnds(objects: Objects, first: number, last: number): AsyncGenerator<unknown> {
  if (first + last === 0) return;
  let left = first;
  const held: unknown[] = [];
  for await (const item of objects) {
    if (left > 0) {
      yield item;
      left--;
    } else held.push(item);
    if (left + last === 0) return;
    if (held.length > last) held.shift();
  }
  yield* held;
}
