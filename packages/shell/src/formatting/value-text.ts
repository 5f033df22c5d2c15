import { CustomObject } from '../runtime/custom-object.ts';
import { Hashtable } from '../runtime/hashtable.ts';
import { memberNames, readMember } from '../runtime/members.ts';
import { toText } from '../runtime/value-conversion.ts';

/**
 * A name or message may come from another machine; its control characters are not for this terminal, nor what turns or hides
 * text. Many scripts and composed pictures are not themselves without joiners, nor some flags without tags: those stay.
 */
const UNSAFE =
  /[[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufff9-\ufffb[\p{Cf}&&\p{Default_Ignorable_Code_Point}]]--[\u200c-\u200d\u{e0020}-\u{e007f}]]|(?<![\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}[\p{L}--\p{Script=Latin}--\p{Script=Greek}--\p{Script=Cyrillic}]])[\u200c-\u200d]|(?<!\u{1f3f4}[\u{e0020}-\u{e007f}]{0,8})[\u{e0020}-\u{e007f}]/gv;

/** Objects in objects that are shown; one that holds itself has no end. */
const MOST_LEVELS = 4;

/** Elements of a list that are shown, as PowerShell's $FormatEnumerationLimit. */
const MOST_ELEMENTS = 4;

/** Text of one line without control characters. */
export function printable(text: string): string {
  return text.replaceAll(UNSAFE, '\ufffd');
}

/** How a value shows by itself: dates local, lists in braces, nothing for what is missing. */
export function valueText(value: unknown, level = 0): string {
  if (value instanceof Date) return value.toLocaleString();
  if (level > MOST_LEVELS) return '…';
  if (Array.isArray(value)) return enumeration(value.map((one) => elementText(one, level)));
  if (value instanceof Hashtable) {
    const entries = [...value.entries()];
    return enumeration(entries.map(([key, one]) => `[${elementText(key, level)}, ${elementText(one, level)}]`));
  }
  return isRecord(value) ? recordText(value, level) : toText(value);
}

/** A value in the cell of a table: the first of its lines. */
export function cellText(value: unknown): string {
  const [first = '', ...others] = valueLines(value);
  return others.length === 0 ? first : `${first}…`;
}

/** A value's lines without control characters, none of them empty at the end. */
export function valueLines(value: unknown): string[] {
  const lines = valueText(value).trimEnd().replaceAll('\t', ' ').split(/\r?\n/u);
  return lines.map(printable);
}

function elementText(value: unknown, level: number): string {
  return value === null || value === undefined ? '$null' : valueText(value, level + 1);
}

function enumeration(texts: readonly string[]): string {
  const more = texts.length > MOST_ELEMENTS ? '…' : '';
  return `{${texts.slice(0, MOST_ELEMENTS).join(', ')}${more}}`;
}

/** An object of properties and nothing else. */
function isRecord(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return value instanceof CustomObject || Reflect.getPrototypeOf(value) === Object.prototype;
}

function recordText(value: object, level: number): string {
  const properties = memberNames(value).map((name) => `${name}=${valueText(readMember(value, name), level + 1)}`);
  return `@{${properties.join('; ')}}`;
}
