import { readConfig } from '../config.ts';
import { followFile } from '../follow-file.ts';
import type { Log } from '../log/log.ts';
import { readAccessRules, type AccessRules } from './access-rules.ts';

/**
 * The rules as the agent's configuration has them whenever they are asked for, a moment after it was written. While it cannot be
 * used, which is logged, they are what they were before.
 * @throws RemotingError InvalidSetting when it cannot be read the first time
 */
export function followAccessRules(
  configFile: string | undefined,
  { log, settledMs }: { log: Log; settledMs: number },
): () => AccessRules {
  const read = (): AccessRules => {
    // The whole of it: under a misspelled name, a table says nothing.
    readConfig(configFile);
    return readAccessRules(configFile);
  };
  return followFile(configFile, read, {
    settledMs,
    onProblem: (message) =>
      log('access.failed', { message: `${message}; the rules that were there before still count` }),
    onChanged: () => log('access.changed', { file: configFile }),
  });
}
