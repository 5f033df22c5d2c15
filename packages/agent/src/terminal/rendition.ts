import type { Attributes } from './emulator.ts';

const UNDERLINE_FLAG = 0x10000000;
/** In the extended attributes: a colour's mode and value, no mode being the text's colour. */
const UNDERLINE_COLOR = 0x3ffffff;
const RGB_MODE = 3;

/** SGR sequence (ECMA-48 8.3.117) that sets the pen to `attributes`, whatever it was before. */
export function rendition(attributes: Attributes): string {
  const codes = [...flags(attributes), ...colors(attributes)];
  return codes.length === 0 ? '\x1b[m' : `\x1b[0;${codes.join(';')}m`;
}

function flags(attributes: Attributes): (number | string)[] {
  const codes: (number | string | false)[] = [
    attributes.isBold() !== 0 && 1,
    attributes.isDim() !== 0 && 2,
    attributes.isItalic() !== 0 && 3,
    isUnderlined(attributes) && underline(attributes),
    attributes.isBlink() !== 0 && 5,
    attributes.isInverse() !== 0 && 7,
    attributes.isInvisible() !== 0 && 8,
    attributes.isStrikethrough() !== 0 && 9,
    attributes.isOverline() !== 0 && 53,
  ];
  return codes.filter((code) => code !== false);
}

/** The flag itself: xterm.js calls each hyperlink underlined too. */
function isUnderlined({ fg }: Attributes): boolean {
  return (fg & UNDERLINE_FLAG) !== 0;
}

function underline(attributes: Attributes): number | string {
  const style = attributes.extended.urlId === 0 ? attributes.getUnderlineStyle() : 1;
  return style > 1 ? `4:${style}` : 4;
}

function colors(attributes: Attributes): (number | string)[] {
  const codes: (number | string)[] = [];
  if (attributes.isFgRGB()) codes.push(38, 2, ...rgb(attributes.getFgColor()));
  else if (attributes.isFgPalette()) codes.push(...palette(30, attributes.getFgColor()));
  if (attributes.isBgRGB()) codes.push(48, 2, ...rgb(attributes.getBgColor()));
  else if (attributes.isBgPalette()) codes.push(...palette(40, attributes.getBgColor()));
  return [...codes, ...underlineColor(attributes)];
}

/**
 * Also without an underline, which may come later. Only the colon form: terminals that do not know 58 would take the
 * numbers behind a semicolon for others.
 */
function underlineColor({ extended }: Attributes): string[] {
  const color = extended.ext & UNDERLINE_COLOR;
  // SGR 59 sets all bits in xterm.js.
  if (color === 0 || color === UNDERLINE_COLOR) return [];
  return [color >> 24 === RGB_MODE ? `58:2::${rgb(color).join(':')}` : `58:5:${color & 0xff}`];
}

/** 0-7 and 8-15 have codes of their own from `base` and `base` + 60 on. */
function palette(base: number, color: number): number[] {
  if (color < 8) return [base + color];
  return color < 16 ? [base + 60 + color - 8] : [base + 8, 5, color];
}

function rgb(color: number): number[] {
  return [(color >>> 16) & 0xff, (color >>> 8) & 0xff, color & 0xff];
}
