import * as v from 'valibot';

/** A position in a stream of bytes, or a count: a whole number from 0. */
export const offset = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const uuid = v.pipe(v.string(), v.uuid());

/** Columns or rows of a terminal. */
export const cells = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000));
