import type { HostKeyQuestion } from '../client/known-hosts.ts';
import type { AskPassphrase } from '../client/ssh-key.ts';
import type { Host } from './host.ts';

/** What a connection may have to ask a person; nothing where nobody can answer. */
export type ConnectionQuestions = {
  confirmHostKey?: (question: HostKeyQuestion) => Promise<boolean>;
  askPassphrase?: AskPassphrase;
};

/** Wrong passphrases after which a key is left out. */
const MAX_ATTEMPTS = 3;

/** Asks through a host whether a new host key is trusted, and for the passphrases of keys. */
export function connectionQuestions(host: Host, signal: AbortSignal): ConnectionQuestions {
  if (!host.interactive) return {};
  return {
    confirmHostKey: async ({ computerName, fingerprint }) => {
      const text = `The host key of ${computerName} is ${fingerprint}. Trust it?`;
      return (await host.confirm({ caption: '', text, choices: ['&Yes', '&No'], default: 1 }, signal)) === 0;
    },
    askPassphrase: async ({ file, attempt }) => {
      if (attempt > MAX_ATTEMPTS) return undefined;
      const secret = await host.readSecret(`Passphrase of ${file}: `, signal);
      return secret === '' ? undefined : secret;
    },
  };
}
