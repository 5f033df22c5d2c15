import type { SessionInfo } from '@holdfast/protocol';

/** Prompt of an entered session, unless config.toml has another. */
export const SESSION_PROMPT = '[{host}] {cwd}> ';

/** A folder as prompts show it: `~` for home. */
function shortenFolder(folder: string, home: string): string {
  if (home === '' || home === '/') return folder;
  return folder === home || folder.startsWith(`${home}/`) ? `~${folder.slice(home.length)}` : folder;
}

/** Control characters of a folder's name must not reach the terminal as such, nor what turns the line. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '?');
}

/** A computer's name as it stands for a session there: with whose it is, if that is another user. */
export function placeText(computerName: string, { access, owner }: SessionInfo): string {
  return access === undefined ? computerName : `${visible(owner)}@${computerName}`;
}

/** Fills `{host}`, `{user}` and `{cwd}` of a prompt's template; one within `depth` questions ends in as many more `>`. */
export function promptText(template: string, computerName: string, info: SessionInfo, depth = 0): string {
  const values: Record<string, string> = {
    host: placeText(computerName, info),
    user: info.owner,
    cwd: visible(shortenFolder(info.cwd, info.home)),
  };
  const within = depth === 0 ? template : template.replace(/ ?$/u, `${'>'.repeat(depth)} `);
  return within.replace(/\{(host|user|cwd)\}/g, (_, name: string) => values[name] ?? '');
}
