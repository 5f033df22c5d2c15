const ESC = 0x1b;
const CSI_OPENING = 0x5b;
const STRING_OPENINGS: readonly number[] = [...Buffer.from(']PX^_')];
const OSC_OPENING = 0x5d;
/** More of one string than this is not worth keeping: the rest of it is swallowed as an unknown string. */
const MAX_BYTES = 64 * 1024;
const UNKNOWN_STRING = Buffer.from('\x1bX');
/** An OSC may end with BEL, which no other string does. */
const UNKNOWN_OSC = Buffer.from('\x1b]99999;');

/**
 * The bytes at the end of `bytes` that a terminal's parser has taken but not acted on: an escape sequence (ECMA-48) or
 * a UTF-8 character without its end. An ESC always begins anew, so that looking from the last one on is enough.
 */
export function unfinished(bytes: Buffer): Buffer {
  const escape = bytes.lastIndexOf(ESC);
  if (escape >= 0 && !isComplete(bytes.subarray(escape + 1))) {
    if (bytes.length - escape <= MAX_BYTES) return bytes.subarray(escape);
    return bytes[escape + 1] === OSC_OPENING ? UNKNOWN_OSC : UNKNOWN_STRING;
  }
  return bytes.subarray(bytes.length - unfinishedCharacter(bytes));
}

function isComplete(sequence: Buffer): boolean {
  const [opening] = sequence;
  if (opening === undefined) return false;
  // CAN and SUB abort any sequence.
  if (sequence.includes(0x18) || sequence.includes(0x1a)) return true;
  if (opening === CSI_OPENING) return sequence.subarray(1).some((byte) => byte >= 0x40 && byte <= 0x7e);
  if (STRING_OPENINGS.includes(opening)) return opening === OSC_OPENING && sequence.includes(0x07);
  return sequence.some((byte) => byte >= 0x30 && byte <= 0x7e);
}

/** How many bytes at the end begin a UTF-8 character that needs more. */
function unfinishedCharacter(bytes: Buffer): number {
  for (let length = 1; length <= 3 && length <= bytes.length; length += 1) {
    const byte = bytes[bytes.length - length] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return length < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? length : 0;
  }
  return 0;
}
