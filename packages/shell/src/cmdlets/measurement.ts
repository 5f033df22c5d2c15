import { compareValues } from '../runtime/comparison.ts';
import { CustomObject } from '../runtime/custom-object.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { CastError, toNumber, toText } from '../runtime/value-conversion.ts';

/** What is asked of numbers. */
export type NumberQuestions = {
  readonly [K in 'Sum' | 'Average' | 'Minimum' | 'Maximum' | 'StandardDeviation']: boolean;
};

/** What is asked of text. */
export type TextQuestions = { readonly [K in 'Line' | 'Word' | 'Character' | 'IgnoreWhiteSpace']: boolean };

/** Values of one property, or objects themselves, counted as they come. */
export interface Measurement {
  /** @throws ErrorRecord NonNumericInputObject */
  add(value: unknown): void;
  result(property: string | undefined): CustomObject;
}

/** Counts, adds and compares values. */
export class NumberMeasurement implements Measurement {
  readonly #questions: NumberQuestions;
  #count = 0;
  #sum = 0;
  /** Welford's: the mean so far, and the sum of the squares of what is off it. */
  #mean = 0;
  #squares = 0;
  #minimum: unknown = null;
  #maximum: unknown = null;

  constructor(questions: NumberQuestions) {
    this.#questions = questions;
  }

  add(value: unknown): void {
    const { Sum, Average, StandardDeviation } = this.#questions;
    const number = Sum || Average || StandardDeviation ? numberOf(value) : 0;
    this.#count++;
    this.#sum += number;
    const off = number - this.#mean;
    this.#mean += off / this.#count;
    this.#squares += off * (number - this.#mean);
    if (this.#count === 1 || compare(value, this.#minimum) < 0) this.#minimum = value;
    if (this.#count === 1 || compare(value, this.#maximum) > 0) this.#maximum = value;
  }

  result(property: string | undefined): CustomObject {
    const { Sum, Average, Minimum, Maximum, StandardDeviation } = this.#questions;
    const some = this.#count > 0;
    return new CustomObject([
      ['Count', this.#count],
      ['Average', Average && some ? this.#sum / this.#count : null],
      ['Sum', Sum && some ? this.#sum : null],
      ['Maximum', Maximum ? this.#maximum : null],
      ['Minimum', Minimum ? this.#minimum : null],
      ['StandardDeviation', StandardDeviation && some ? Math.sqrt(this.#squares / Math.max(1, this.#count - 1)) : null],
      ['Property', property ?? null],
    ]);
  }
}

/** Counts the lines, words and characters of text. */
export class TextMeasurement implements Measurement {
  readonly #questions: TextQuestions;
  #lines = 0;
  #words = 0;
  #characters = 0;

  constructor(questions: TextQuestions) {
    this.#questions = questions;
  }

  add(value: unknown): void {
    const text = toText(value);
    this.#lines += text === '' ? 0 : text.replace(/\n$/u, '').split('\n').length;
    this.#words += text.match(/\S+/gu)?.length ?? 0;
    this.#characters += (this.#questions.IgnoreWhiteSpace ? text.replaceAll(/\s/gu, '') : text).length;
  }

  result(property: string | undefined): CustomObject {
    const { Line, Word, Character } = this.#questions;
    return new CustomObject([
      ['Lines', Line ? this.#lines : null],
      ['Words', Word ? this.#words : null],
      ['Characters', Character ? this.#characters : null],
      ['Property', property ?? null],
    ]);
  }
}

function numberOf(value: unknown): number {
  try {
    return toNumber(value);
  } catch (cause) {
    if (!(cause instanceof CastError)) throw cause;
    const message = `Input object "${toText(value)}" is not numeric.`;
    throw new ErrorRecord('NonNumericInputObject', 'InvalidArgument', message, { target: toText(value), cause });
  }
}

/** As numbers where both are, dates as dates, anything else as text. */
function compare(left: unknown, right: unknown): number {
  if (left instanceof Date && right instanceof Date) return compareValues(left, right, false);
  const [a, b] = [Number(toText(left)), Number(toText(right))];
  return Number.isNaN(a) || Number.isNaN(b) ? compareValues(toText(left), toText(right), false) : a - b;
}
