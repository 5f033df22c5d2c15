import { signalStatus } from '../runtime/signal-status.ts';
import type { RawTerminal } from '../terminal/raw-terminal.ts';

const SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** A signal or the loss of the terminal: everything is kept, no goodbye is said. @returns the exit status, when it comes */
export function untilKilled(terminal: RawTerminal): { status: Promise<number>; dispose: () => void } {
  const { promise, resolve } = Promise.withResolvers<number>();
  const onSignal = (signal: NodeJS.Signals): void => resolve(signalStatus(signal));
  for (const signal of SIGNALS) process.on(signal, onSignal);
  void terminal.gone.then(() => onSignal('SIGHUP'));
  const dispose = (): void => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  return { status: promise, dispose };
}
