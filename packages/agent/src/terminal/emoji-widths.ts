import type { IUnicodeVersionProvider } from '@xterm/headless';

/** Characters that are pictures by default (UTS 51), but for the letters of flags, which terminals draw alone. */
const PICTURE = /^(?!\p{Regional_Indicator})\p{Emoji_Presentation}$/u;
/** Where they are, from and up to. */
const BLOCKS = [
  [0x231a, 0x2b56],
  [0x1f000, 0x1fb00],
] as const;
const FIRST = BLOCKS[0][0];
const END = BLOCKS[1][1];
/** In xterm.js's packed form: two cells wide, not joined to what came before. */
const WIDE = 2 << 1;

let pictures: Uint8Array | undefined;

/** What xterm.js has of Unicode 6, with pictures two cells wide as in today's terminals. */
export function withWideEmoji(unicode6: IUnicodeVersionProvider): IUnicodeVersionProvider {
  pictures ??= findPictures();
  const isPicture = (code: number): boolean => code >= FIRST && code < END && pictures?.[code - FIRST] === 1;
  return {
    version: 'emoji',
    wcwidth: (code) => (isPicture(code) ? 2 : unicode6.wcwidth(code)),
    charProperties: (code, before) => (isPicture(code) ? WIDE : unicode6.charProperties(code, before)),
  };
}

function findPictures(): Uint8Array {
  const found = new Uint8Array(END - FIRST);
  for (const [from, to] of BLOCKS) {
    for (let code = from; code < to; code += 1) if (PICTURE.test(String.fromCodePoint(code))) found[code - FIRST] = 1;
  }
  return found;
}
