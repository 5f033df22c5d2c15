const ESC = 0x1b;
const BEL = 0x07;
const ENQ = 0x05;
const EMPTY = Buffer.alloc(0);
/** By then it is known what a string is; its rest is passed or dropped as it comes. */
const MAX_HELD_BYTES = 4096;

/** A control sequence (ECMA-48): CSI and its final byte, or ESC with its intermediates. */
// eslint-disable-next-line no-control-regex -- these are control sequences
const SEQUENCE = /^\x1b(?:\[[\x00-\x1a\x1c-\x3f]*[\x40-\x7e]|[\x20-\x2f]*[\x30-\x4f\x51-\x57\x59\x5a\x5c\x60-\x7e])/;
/** OSC, DCS, SOS, PM, APC. */
// eslint-disable-next-line no-control-regex -- these are control sequences
const STRING_OPENING = /^\x1b[\]PX^_]/;
/** DA, DSR, XTVERSION, DECRQM, DECREQTPARM, kitty's and xterm's keyboard, sizes and titles, DECID: a terminal answers. */
const QUESTIONS =
  // eslint-disable-next-line no-control-regex -- these are control sequences
  /^\x1b(?:Z|\[(?:[>=?]?[\d;]*c|\??[\d;]*n|>[\d;]*q|\??[\d;]*\$p|[\d;]*x|\?u|\?[\d;]*m|(?:1[1345689]|2[01])(?:;[\d;]*)?t|[\d;]*\$w|[\d;]*\*y))$/;
/** Clipboards, notifications, reports and questions for colours; DECRQSS, XTGETTCAP; kitty's pictures, which are answered. */
const STRINGS =
  // eslint-disable-next-line no-control-regex -- these are control sequences
  /^\x1b(?:\](?:52;|9;(?!4;)|99;|777;|1337;(?!File|SetMark)|[\d;]*(?:[^\x07\x1b]*;)?\?(?:[;\x07\x1b]|$))|P[\d;]*[$+]q|_G)/;

/** Those of them that ask. A clipboard may be asked for too. */
const ASKING_STRINGS =
  // eslint-disable-next-line no-control-regex -- these are control sequences
  /^\x1b(?:\](?:52;[^;]*;\?|[\d;]*(?:[^\x07\x1b]*;)?\?(?:[;\x07\x1b]|$))|P[\d;]*[$+]q)/;

/**
 * Makes old output fit to be shown again: bells, clipboard writes and notifications of the past are left out, and so are
 * questions, since the terminal would type its answers into whatever reads now. Chunks may be cut anywhere.
 */
export class ReplayFilter {
  #held: Buffer = EMPTY;
  readonly #strings: RegExp;
  readonly #isSilent: (byte: number) => boolean;
  /** What happens to a long string, up to its end. */
  #long: 'passed' | 'dropped' | undefined;

  /** @param leaveOut everything of the past that acts, or only the questions, which somebody else has answered */
  constructor(leaveOut: 'acts' | 'questions' = 'acts') {
    this.#strings = leaveOut === 'acts' ? STRINGS : ASKING_STRINGS;
    this.#isSilent = leaveOut === 'acts' ? (byte) => byte !== BEL && byte !== ENQ : (byte) => byte !== ENQ;
  }

  /** @returns what may be shown; the beginning of a sequence is kept until its end comes */
  push(bytes: Buffer): Buffer {
    let rest = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    this.#held = EMPTY;
    const shown: Buffer[] = [];
    while (rest.length > 0) rest = this.#step(rest, shown);
    return shown.length === 1 ? (shown[0] ?? EMPTY) : Buffer.concat(shown);
  }

  /** What was kept, at the end. */
  rest(): Buffer {
    const held = this.#held;
    this.#held = EMPTY;
    this.#long = undefined;
    return held;
  }

  #step(bytes: Buffer, shown: Buffer[]): Buffer {
    if (this.#long !== undefined) return this.#goOnLong(bytes, shown);
    const escape = bytes.indexOf(ESC);
    if (escape !== 0) {
      const text = escape < 0 ? bytes : bytes.subarray(0, escape);
      shown.push(text.includes(BEL) || text.includes(ENQ) ? (text.filter(this.#isSilent) as Buffer) : text);
      return bytes.subarray(text.length);
    }
    const head = bytes.toString('latin1', 0, MAX_HELD_BYTES);
    return STRING_OPENING.test(head) ? this.#string(bytes, head, shown) : this.#sequence(bytes, head, shown);
  }

  #sequence(bytes: Buffer, head: string, shown: Buffer[]): Buffer {
    const [found] = SEQUENCE.exec(head) ?? [];
    if (found === undefined) {
      // An ESC in it begins anew.
      const next = bytes.indexOf(ESC, 1);
      if (next < 0 && bytes.length < MAX_HELD_BYTES) return this.#hold(bytes);
      const end = next < 0 ? bytes.length : next;
      shown.push(bytes.subarray(0, end));
      return bytes.subarray(end);
    }
    if (!QUESTIONS.test(found)) shown.push(bytes.subarray(0, found.length));
    return bytes.subarray(found.length);
  }

  #string(bytes: Buffer, head: string, shown: Buffer[]): Buffer {
    const end = stringEnd(bytes, 2);
    if (end < 0 && bytes.length < MAX_HELD_BYTES) return this.#hold(bytes);
    const isDropped = this.#strings.test(end < 0 ? head : bytes.toString('latin1', 0, Math.min(end, MAX_HELD_BYTES)));
    if (end < 0) this.#long = isDropped ? 'dropped' : 'passed';
    const length = end < 0 ? bytes.length : end;
    if (!isDropped) shown.push(bytes.subarray(0, length));
    return bytes.subarray(length);
  }

  #goOnLong(bytes: Buffer, shown: Buffer[]): Buffer {
    const end = stringEnd(bytes, 0);
    const length = end < 0 ? bytes.length : end;
    if (this.#long === 'passed') shown.push(bytes.subarray(0, length));
    if (end >= 0) this.#long = undefined;
    return bytes.subarray(length);
  }

  #hold(bytes: Buffer): Buffer {
    this.#held = Buffer.from(bytes);
    return EMPTY;
  }
}

/** Behind the end of a string that begins before `from`: BEL, CAN, SUB or ST; an ESC that begins something else is no part of it. */
function stringEnd(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === BEL || byte === 0x18 || byte === 0x1a) return at + 1;
    if (byte !== ESC) continue;
    if (at + 1 >= bytes.length) return -1;
    return bytes[at + 1] === 0x5c ? at + 2 : at;
  }
  return -1;
}
