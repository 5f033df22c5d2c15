import type { Randomness } from './randomness.ts';

/** What is given inputs. */
export type FuzzTarget = {
  /** What its inputs are, which decides how they are changed: bytes, a JSON object, or lines that may hold one. */
  inputs: 'bytes' | 'json' | 'lines';
  /** Words that its inputs are made of. */
  dictionary: readonly string[];
  maxBytes: number;
  /** Inputs that are made anew for each run, beside the corpus. */
  seeds?: readonly Buffer[];
  /** How many inputs run at once; 1 by default. */
  parallel?: number;
  /**
   * Takes one input.
   * @returns in few words what came of it; an input with a new outcome is built upon
   * @throws whatever is wrong with that: the target itself takes the errors that are declared
   */
  run(input: Buffer): string | Promise<string>;
  /** Compares what was collected with the reference, at the end. */
  finish?(): void;
};

/** Makes a target for one run. */
export type MakeTarget = (random: Randomness) => FuzzTarget;

/** The targets by name; the file of each has that name. */
export const TARGETS = {
  'authorized-keys': () => import('./targets/authorized-keys.ts'),
  frames: () => import('./targets/frames.ts'),
  handshake: () => import('./targets/handshake.ts'),
  'known-hosts': () => import('./targets/known-hosts.ts'),
  messages: () => import('./targets/messages.ts'),
  'host-greetings': () => import('./targets/host-greetings.ts'),
  'monitor-messages': () => import('./targets/monitor-messages.ts'),
  'ssh-keys': () => import('./targets/ssh-keys.ts'),
  marks: () => import('./targets/marks.ts'),
  toml: () => import('./targets/toml.ts'),
} as const satisfies Record<string, () => Promise<{ makeTarget: MakeTarget }>>;

export type TargetName = keyof typeof TARGETS;
