import { spawnSync } from 'node:child_process';
import { stdioWithoutMasters } from './master-descriptors.ts';

const STTY_LIMIT_MS = 1000;

/**
 * Whether Ctrl-C raises SIGINT on the terminal `slavePath` (ISIG of termios(3)). Costs a run of stty(1), some
 * milliseconds; without one it says yes.
 */
export function signalsOnInterrupt(slavePath: string): boolean {
  using descriptors = stdioWithoutMasters(['ignore', 'pipe', 'ignore']);
  const { stdout } = spawnSync('stty', ['-F', slavePath, '-a'], {
    stdio: descriptors.stdio,
    encoding: 'latin1',
    timeout: STTY_LIMIT_MS,
  });
  return !/(^|\s)-isig\b/.test(stdout ?? '');
}
