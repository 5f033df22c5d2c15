import { spawn, spawnSync } from 'node:child_process';
import { stdioWithoutMasters } from './master-descriptors.ts';

/** How stty(1) is told another terminal than its own. */
const FILE_OPTION = process.platform === 'linux' ? '-F' : '-f';

/**
 * Whether Ctrl-C raises SIGINT on the terminal `slavePath` (ISIG of termios(3)). Costs a run of stty(1), some
 * milliseconds and `limitMs` at most; without an answer it says yes.
 */
export function signalsOnInterrupt(slavePath: string, limitMs: number): boolean {
  using descriptors = stdioWithoutMasters(['ignore', 'pipe', 'ignore']);
  const { stdout } = spawnSync('stty', [FILE_OPTION, slavePath, '-a'], {
    stdio: descriptors.stdio,
    encoding: 'latin1',
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  return !/(^|\s)-isig\b/.test(stdout ?? '');
}

/**
 * Whether the terminal `slavePath` takes lines without showing them, as for a password (ECHO and ICANON of termios(3)).
 * Without either, it is in the hands of a program that draws for itself, or passes keys on.
 */
export async function hidesLines(slavePath: string, limitMs: number): Promise<boolean> {
  const text = await readFlags(slavePath, limitMs);
  return /(^|\s)-echo\b/.test(text) && !/(^|\s)-icanon\b/.test(text);
}

/** Whether the terminal `slavePath` shows what is typed (ECHO of termios(3)); no where that cannot be found out. */
export async function echoes(slavePath: string, limitMs: number): Promise<boolean> {
  return /(^|\s)echo\b/.test(await readFlags(slavePath, limitMs));
}

/** What stty(1) says of a terminal; nothing where there is no stty, or none that answers. */
async function readFlags(slavePath: string, limitMs: number): Promise<string> {
  using descriptors = stdioWithoutMasters(['ignore', 'pipe', 'ignore']);
  const child = spawn('stty', [FILE_OPTION, slavePath, '-a'], {
    stdio: descriptors.stdio,
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  let text = '';
  child.stdout?.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
  child.once('close', resolve).once('error', resolve);
  await promise;
  return text;
}
