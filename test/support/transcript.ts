import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

/** What is typed at a prompt, and what must show before the next one. */
export type Step = { readonly prompt: string; readonly typed: string; readonly shown: readonly string[] };

/** Steps at one machine; those of `home` come after those of `office` where they stand so. */
export type Part = { readonly machine: string; readonly steps: readonly Step[] };

/** A story of the specification, as it is typed and as it shows. */
export type Transcript = {
  readonly title: string;
  readonly hosts: readonly string[];
  /** Folders in the hosts' homes. */
  readonly folders: readonly { readonly host: string; readonly path: string }[];
  /** Files on every machine of a person's. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
  readonly parts: readonly Part[];
};

const PROMPT = /^((?:\[[^\]]+\] )?[~/]\S*>) ?(.*)$/;

/**
 * Reads a transcript: its title behind the first `#`, `# hosts:` and the names of the hosts, `# folder: HOST PATH`,
 * `# file: NAME TEXT` with \\n for line ends, other lines with `#` for the reader; `@ machine` begins a part; a line that begins with a prompt is typed, and what follows must show (`…` stands
 * for what differs from run to run, `{user}` for who runs it; lines behind `(any order)` come in any).
 */
export function readTranscript(path: string): Transcript {
  const lines = readFileSync(path, 'utf8').split('\n');
  const comments = lines.filter((line) => line.startsWith('#')).map((line) => line.slice(1).trim());
  const after = (word: string): string[] =>
    comments.filter((line) => line.startsWith(`${word}:`)).map((line) => line.slice(word.length + 1).trim());
  return {
    title: comments[0] ?? path,
    hosts: after('hosts').flatMap((line) => line.split(/\s+/)),
    folders: after('folder').map((line) => {
      const [host = '', folder = ''] = line.split(' ');
      return { host, path: folder };
    }),
    files: after('file').map((line) => {
      const [name = '', ...words] = line.split(' ');
      return { name, text: words.join(' ').replaceAll('\\n', '\n') };
    }),
    parts: readParts(lines.filter((line) => !line.startsWith('#'))),
  };
}

function readParts(lines: readonly string[]): Part[] {
  const parts: { machine: string; steps: { prompt: string; typed: string; shown: string[] }[] }[] = [];
  for (const line of lines) {
    const steps = parts.at(-1)?.steps ?? [];
    const [, prompt, typed] = PROMPT.exec(line) ?? [];
    if (line.startsWith('@ ')) parts.push({ machine: line.slice(2).trim(), steps: [] });
    else if (prompt !== undefined && typed !== undefined) steps.push({ prompt, typed: withUser(typed), shown: [] });
    else steps.at(-1)?.shown.push(line);
  }
  return parts;
}

const ANY_ORDER = '(any order)';

/** Lines as they are compared: blanks collapsed, empty ones left out, sorted where any order will do. */
export function compared(lines: readonly string[], isSorted = false): string[] {
  const texts = lines.map((line) => line.replaceAll(/\s+/g, ' ').trim()).filter((line) => line !== '');
  const [first, ...others] = texts;
  if (first === ANY_ORDER) return others.toSorted();
  return isSorted ? texts.toSorted() : texts;
}

/** Whether the lines may come in any order. */
export function isInAnyOrder({ shown }: Step): boolean {
  return shown[0] === ANY_ORDER;
}

function withUser(text: string): string {
  return text.replaceAll('{user}', userInfo().username);
}

/** The lines that showed, with `…` where the expected ones have it for what differs from run to run. */
export function likeExpected(shown: readonly string[], expected: readonly string[]): string[] {
  return shown.map((line, at) => {
    const wanted = expected[at];
    if (wanted?.includes('…') !== true) return line;
    const pattern = wanted.split('…').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
    return new RegExp(`^${pattern.join('.+')}$`, 'u').test(line) ? wanted : line;
  });
}

/** Whether a line of the screen is a prompt that waits for a line. */
export function isPrompt(line: string): boolean {
  return PROMPT.exec(line)?.[2] === '';
}
