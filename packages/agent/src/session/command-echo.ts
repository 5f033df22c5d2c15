import { homedir } from 'node:os';

const BEL = '\x07';

/**
 * What the log shows for a command line: the prompt and the text as they stand on the screen where it was typed, or as a
 * person over ssh would see them, between the marks A, B and C of OSC 133
 * (https://gitlab.freedesktop.org/Per_Bothner/specifications, semantic prompts).
 */
export function commandEcho(cwd: string, text: string, prompt?: string): Buffer {
  // Of a command that is a part of something else, nothing is to be seen.
  if (text === '' && prompt === '') return Buffer.alloc(0);
  const before = prompt === undefined ? promptText(cwd) : visible(prompt);
  return Buffer.from(`${mark('A')}${before}${mark('B')}${visible(text)}\r\n${mark('C')}`);
}

/** The mark behind a command's output: 133;D with the exit status. */
export function commandEndMark(status: number): Buffer {
  return Buffer.from(mark(`D;${status}`));
}

function mark(content: string): string {
  return `\x1b]133;${content}${BEL}`;
}

function promptText(cwd: string): string {
  const home = homedir();
  const inHome = cwd === home || cwd.startsWith(`${home}/`);
  return `${visible(inHome ? `~${cwd.slice(home.length)}` : cwd)} ${process.getuid?.() === 0 ? '#' : '$'} `;
}

/** Control characters as a terminal echoes them (ESC as ^[), so that a command's text never acts on the screen. */
function visible(text: string): string {
  return text.replaceAll(/[^\P{Cc}\t]/gu, echoed);
}

function echoed(character: string): string {
  return character === '\n' ? '\r\n' : `^${String.fromCharCode(character.charCodeAt(0) ^ 0x40)}`;
}
