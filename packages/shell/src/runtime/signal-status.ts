import { constants } from 'node:os';

/** Exit status of a program that a signal ended, as shells give it: 128 + n. */
export function signalStatus(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
