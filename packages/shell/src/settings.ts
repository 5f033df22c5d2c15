import { join } from 'node:path';
import { RemotingError } from '@holdfast/protocol';
import { configFilePath, readConfigFile } from './client/config-file.ts';
import { configFolder, stateFolder } from './client/folders.ts';
import { SESSION_PROMPT } from './client/prompt-text.ts';

/** What a person can set about the prompt, in config.toml; the hosts in it are the client's matter. */
export type Settings = {
  /** Prompt of an entered session; `{host}`, `{user}` and `{cwd}` stand for what they say. */
  readonly sessionPrompt: string;
  /** Prompt of the local session. */
  readonly localPrompt: string;
  /** The control byte of the key that opens the menu while a program has the terminal. */
  readonly escapeKey: number;
  /** File in which the history of lines is kept. */
  readonly historyFile: string;
};

const LOCAL_PROMPT = '{cwd}> ';
const ESCAPE_KEY = 'ctrl-]';

/**
 * Reads `prompt.session`, `prompt.local` and `escapeKey` of config.toml.
 * @throws RemotingError InvalidSetting, with the path, for a file that is not as agreed
 */
export function loadSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  const path = configFilePath(configFolder(environment));
  const { prompt = {}, escapeKey = ESCAPE_KEY } = readConfigFile(path);
  // Not with the rest of the file: a script's `run` has no such key, and is not to fail for it.
  if (!/^ctrl-[abd-z\\\]^_]$/iu.test(escapeKey))
    throw new RemotingError('InvalidSetting', `${path}: escapeKey: a key like ctrl-] is expected`);
  return {
    sessionPrompt: prompt.session ?? SESSION_PROMPT,
    localPrompt: prompt.local ?? LOCAL_PROMPT,
    escapeKey: controlByte(escapeKey),
    historyFile: join(stateFolder(environment), 'history'),
  };
}

/** `ctrl-]` as the byte that the terminal sends. */
function controlByte(key: string): number {
  const code = key.toUpperCase().charCodeAt(key.length - 1);
  // The low five bits are what a terminal leaves of a key held with Ctrl.
  return code & 0x1f;
}
