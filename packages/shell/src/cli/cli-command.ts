import { quoteWord } from '../client/shell-words.ts';

/** What a command line of `holdfast` asks for. */
export type CliCommand =
  | { readonly kind: 'repl' }
  | EnterCommand
  | RunCommand
  | { readonly kind: 'sessions'; readonly hosts: readonly string[]; readonly json: boolean }
  | { readonly kind: 'disconnect' | 'stop'; readonly host: string; readonly name: string }
  | { readonly kind: 'command'; readonly text: string }
  | { readonly kind: 'file'; readonly path: string; readonly words: readonly string[] }
  | { readonly kind: 'doctor'; readonly host: string }
  | { readonly kind: 'version' };

export type EnterCommand = {
  readonly kind: 'enter';
  readonly host: string;
  readonly name: string | undefined;
  readonly take: boolean;
  /** Looks on only. */
  readonly watch: boolean;
};

export type RunCommand = {
  readonly kind: 'run';
  readonly hosts: readonly string[];
  /** Text for the host's shell. */
  readonly text: string;
  /** `-t`: on a terminal. */
  readonly terminal: boolean;
};

const WORK = new Set(['enter', 'run', 'sessions', 'disconnect', 'stop', 'doctor']);

/** `FILE [ARGUMENT...]`: a first word that is no command of ours; all behind it is the file's. */
export function fileCommand([path, ...words]: readonly string[]): CliCommand | undefined {
  if (path === undefined || path === '' || WORK.has(path) || /^-./su.test(path)) return undefined;
  return { kind: 'file', path, words };
}

/** Text for a shell: a single argument is that text, several are exact words. */
export function toShellText(words: readonly string[]): string {
  const [only] = words;
  return words.length === 1 && only !== undefined ? only : words.map(quoteWord).join(' ');
}

/** `a,b` as two hosts. */
export function toHosts(list: string): string[] {
  return list.split(',').filter((host) => host !== '');
}
