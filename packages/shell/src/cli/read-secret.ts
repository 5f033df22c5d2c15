import { RemotingError } from '@holdfast/protocol';

const ENTER = /[\r\n]/u;
const BACKSPACE = /[\b\x7f]/u;

/**
 * Asks for a secret on the terminal, without echo.
 * @throws RemotingError OperationStopped on Ctrl+C, Ctrl+D, an abort, or when there is no terminal
 */
export function readSecret(prompt: string, signal: AbortSignal): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return Promise.reject(stopped('There is no terminal to ask for a secret'));
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let secret = '';
  const onData = (data: Buffer): void => {
    for (const char of data.toString('utf8')) {
      if (ENTER.test(char)) return resolve(secret);
      if (char === '\x03' || char === '\x04') return reject(stopped('The secret was not given'));
      secret = BACKSPACE.test(char) ? secret.slice(0, -1) : secret + char;
    }
  };
  const onAbort = (): void => reject(stopped('The question was stopped'));
  stderr.write(prompt);
  stdin.setRawMode(true);
  stdin.on('data', onData);
  stdin.resume();
  signal.addEventListener('abort', onAbort, { once: true });
  return promise.finally(() => {
    signal.removeEventListener('abort', onAbort);
    stdin.off('data', onData);
    stdin.pause();
    stdin.setRawMode(false);
    stderr.write('\n');
  });
}

function stopped(message: string): RemotingError {
  return new RemotingError('OperationStopped', message);
}
