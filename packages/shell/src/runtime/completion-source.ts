import type { Remoting } from '../client/remoting.ts';
import type { JobTable } from './job-table.ts';

/** What completion may look at for a parameter's values: what this client knows already, so that nobody waits. */
export type CompletionSource = {
  readonly remoting: Pick<Remoting, 'hosts' | 'sessions' | 'configurations'>;
  readonly jobs: Pick<JobTable, 'all'>;
  readonly commands: {
    readonly names: readonly string[];
    readonly aliases: readonly (readonly [alias: string, name: string])[];
  };
  readonly functionNames: readonly string[];
  /** What stands in the command for another parameter, as far as it is plain text. */
  readonly given: (parameter: string) => readonly string[];
};

/** The values to offer: names of files, properties of what comes through the pipeline, or what a function gives. */
export type CompletedBy = 'path' | 'property' | ((source: CompletionSource) => readonly string[]);
