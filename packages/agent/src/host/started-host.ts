import { spawn } from 'node:child_process';
import { RemotingError } from '@holdfast/protocol';

/**
 * Runs a program that starts a session host and prints its socket as a line of JSON; the host goes on without it.
 * @returns the socket's path
 * @throws RemotingError HostUnavailable with what the program complained of
 */
export async function startedHost(
  command: readonly string[],
  options: { env: NodeJS.ProcessEnv; timeLimitMs: number; cwd?: string },
): Promise<string> {
  return readSocket(await firstLine(command, options));
}

function firstLine(
  command: readonly string[],
  { timeLimitMs, ...options }: { env: NodeJS.ProcessEnv; timeLimitMs: number; cwd?: string },
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const [file = process.execPath, ...args] = command;
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeLimitMs });
  let output = '';
  let complaint = '';
  const fail = (cause: Error): void => {
    reject(new RemotingError('HostUnavailable', `The session host does not start: ${cause.message}`, { cause }));
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const end = output.indexOf('\n');
    if (end >= 0) resolve(output.slice(0, end));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4096);
  });
  child.on('error', fail);
  child.on('exit', (code, signal) => {
    // What it wrote last may still be on its way.
    setImmediate(() => fail(new Error(complaint.trim().split('\n').at(-1) || `it ended with ${code ?? signal}`)));
  });
  return promise.finally(() => {
    child.stdout.destroy();
    child.stderr.destroy();
  });
}

function readSocket(output: string): string {
  try {
    const value: unknown = JSON.parse(output);
    if (typeof value === 'object' && value !== null && 'socket' in value && typeof value.socket === 'string') {
      return value.socket;
    }
  } catch (cause) {
    throw new RemotingError('HostUnavailable', `The session host said ${JSON.stringify(output)} at its start`, {
      cause,
    });
  }
  throw new RemotingError('HostUnavailable', 'The session host named no socket at its start');
}
