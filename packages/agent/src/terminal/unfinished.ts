const ESC = 0x1b;
/** CAN and SUB abort any sequence. */
const ABORTS = [0x18, 0x1a];
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
  if (escape >= 0) {
    const opening = bytes.subarray(escape).find((byte, at) => at > 0 && !isControl(byte));
    const isString = opening !== undefined && STRING_OPENINGS.includes(opening);
    const sequence = isString ? bytes.subarray(escape) : withoutControls(bytes.subarray(escape));
    const isAborted = ABORTS.some((control) => bytes.includes(control, escape));
    if (!isAborted && !isComplete(sequence, opening)) {
      if (sequence.length <= MAX_BYTES) return sequence;
      return opening === OSC_OPENING ? UNKNOWN_OSC : UNKNOWN_STRING;
    }
  }
  return bytes.subarray(bytes.length - unfinishedCharacter(bytes));
}

/** Controls within a sequence were acted on at once. */
function withoutControls(sequence: Buffer): Buffer {
  return sequence.some(isControl) ? Buffer.from(sequence.filter((byte) => !isControl(byte))) : sequence;
}

function isControl(byte: number): boolean {
  return (byte < 0x20 && byte !== ESC) || byte === 0x7f;
}

function isComplete(sequence: Buffer, opening: number | undefined): boolean {
  if (opening === undefined) return false;
  if (opening === CSI_OPENING) return sequence.subarray(2).some((byte) => byte >= 0x40 && byte <= 0x7e);
  if (STRING_OPENINGS.includes(opening)) return opening === OSC_OPENING && sequence.includes(0x07);
  return sequence.subarray(1).some((byte) => byte >= 0x30 && byte <= 0x7e);
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
