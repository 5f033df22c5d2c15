import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

const PRESENTATION = /^(?:COLORTERM|LANG|LANGUAGE|LC_[A-Z_]+|TERM|TZ)$/;
const STANDARD_TERM = 'xterm-256color';
const TERMINFO_FOLDERS = ['/etc/terminfo', '/lib/terminfo', '/usr/share/terminfo', '/usr/local/share/terminfo'];
const USER_PATH = '/usr/local/bin:/usr/bin:/bin';
const ROOT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Environment of a program. A local client gives its whole environment; a remote one only how its terminal presents
 * things (TERM, COLORTERM, LANG, LC_*, TZ), and the rest is what a login on this machine has.
 */
export function programEnvironment(client: Record<string, string>, local: boolean): Record<string, string> {
  if (local) return { ...client };
  const presentation = Object.entries(client).filter(([name]) => PRESENTATION.test(name));
  return { ...loginEnvironment(), ...Object.fromEntries(presentation) };
}

/** The same for a program on a terminal of ours: TERM is one that terminfo(5) knows here. */
export function terminalEnvironment(client: Record<string, string>, local: boolean): Record<string, string> {
  const environment = programEnvironment(client, local);
  if (!isKnownTerminal(environment['TERM'] ?? '', environment['HOME'])) environment['TERM'] = STANDARD_TERM;
  return environment;
}

/** The user's login shell. */
export function loginShell(environment: Record<string, string>): string {
  return environment['SHELL'] ?? userInfo().shell ?? '/bin/sh';
}

/** The folder to start in: the one asked for if it is there, else the home folder. */
export function startFolder(asked: string | undefined, environment: Record<string, string>): string {
  const candidates = [asked, environment['HOME'], userInfo().homedir];
  return candidates.find((folder) => folder?.startsWith('/') === true && existsSync(folder)) ?? '/';
}

function loginEnvironment(): Record<string, string> {
  const { username, homedir, shell } = userInfo();
  const environment: Record<string, string> = {
    HOME: process.env['HOME'] ?? homedir,
    USER: username,
    LOGNAME: username,
    SHELL: shell ?? '/bin/sh',
    PATH: process.getuid?.() === 0 ? ROOT_PATH : USER_PATH,
  };
  for (const name of ['LANG', 'TZ']) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

function isKnownTerminal(term: string, home: string | undefined): boolean {
  if (!/^[\w+.-]+$/.test(term)) return false;
  const folders = home === undefined ? TERMINFO_FOLDERS : [join(home, '.terminfo'), ...TERMINFO_FOLDERS];
  return folders.some((folder) => existsSync(join(folder, term.slice(0, 1), term)));
}
