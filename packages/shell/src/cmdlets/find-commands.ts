import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { CmdletContext } from '../runtime/cmdlet.ts';
import { functionSyntax, syntaxLines } from '../runtime/syntax-line.ts';
import { hasWildcard, matchesWildcard } from '../runtime/wildcard.ts';
import { CommandInfo } from './command-info.ts';

type Context = Pick<CmdletContext, 'commands' | 'functions' | 'nativeShell'>;

/** The cmdlets whose names pass, with their aliases. */
export async function findCmdlets(passes: (name: string) => boolean, { commands }: Context): Promise<CommandInfo[]> {
  const cmdlets = await Promise.all(commands.names.filter(passes).map((name) => commands.load(name)));
  return cmdlets.map((cmdlet) => {
    const { name, synopsis } = cmdlet;
    return new CommandInfo('Cmdlet', name, { synopsis, syntax: syntaxLines(cmdlet) });
  });
}

/** The functions that were defined here. */
export function findFunctions(passes: (name: string) => boolean, { functions }: Context): CommandInfo[] {
  return functions.names.filter(passes).map((name) => {
    const block = functions.find(name);
    const syntax = functionSyntax(name, block?.body.parameters ?? []);
    return new CommandInfo('Function', name, { synopsis: syntax, syntax: [syntax], definition: block?.text ?? '' });
  });
}

/** Aliases, which show what they stand for. */
export function findAliases(passes: (name: string) => boolean, { commands }: Context): CommandInfo[] {
  return commands.aliases
    .filter(([alias]) => passes(alias))
    .map(([alias, name]) => new CommandInfo('Alias', alias, { synopsis: name, syntax: [name], definition: name }));
}

/** Programs in the PATH of the local session, in its order; without `all` the first of each name. */
export async function findPrograms(pattern: string, all: boolean, { nativeShell }: Context): Promise<CommandInfo[]> {
  const path = (await nativeShell.environment()).get('PATH') ?? '';
  const folders = [...new Set(path.split(':').filter((folder) => folder !== ''))];
  const found = new Map<string, CommandInfo>();
  for (const folder of folders) {
    const place = resolve(nativeShell.cwd, folder);
    for (const name of await namesIn(place, pattern)) {
      const source = join(place, name);
      const key = all ? source : name;
      if (found.has(key) || !(await isProgram(source))) continue;
      found.set(key, new CommandInfo('Application', name, { synopsis: source, syntax: [source], source }));
    }
  }
  return [...found.values()];
}

/** Unix tells upper from lower case in a name; a pattern does not, as everywhere. */
async function namesIn(folder: string, pattern: string): Promise<string[]> {
  if (!hasWildcard(pattern)) return pattern.includes('/') ? [] : [pattern];
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => matchesWildcard(pattern, name));
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    // It is not there, or may not be run.
    return false;
  }
}
