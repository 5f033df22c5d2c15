import type { Connection } from '../client/connection.ts';
import { connect } from '../client/connect.ts';
import { printable } from '../formatting/value-text.ts';
import type { ConnectionQuestions } from '../runtime/connection-questions.ts';
import { broadcast } from './broadcast.ts';
import type { RunCommand } from './cli-command.ts';
import { CONNECTION_FAILED } from './exit-status.ts';
import { LinePrefixer } from './prefix-lines.ts';
import { StopOnSignal } from './stop-on-signal.ts';
import { writeTo } from './write-stream.ts';

type Output = (bytes: Buffer) => void | Promise<void>;
type Streams = { readonly stdin: AsyncIterable<Uint8Array>; readonly onStdout: Output; readonly onStderr: Output };
type Run = { readonly text: string; readonly questions: ConnectionQuestions; readonly signal: AbortSignal };
type Outcome = { readonly status: number; readonly error?: string };

const toStdout: Output = (bytes) => writeTo(process.stdout, bytes);
const toStderr: Output = (bytes) => writeTo(process.stderr, bytes);

/**
 * Runs a command on one host with its bytes untouched, or on several with the host's name before each line.
 * @returns its exit status, 128 + n for a signal, 255 when there was no connection; of several hosts the largest
 */
export async function runCommand({ hosts, text }: RunCommand, questions: ConnectionQuestions): Promise<number> {
  using stop = new StopOnSignal();
  const run: Run = { text, questions, signal: stop.signal };
  const [host] = hosts;
  if (host === undefined || hosts.length > 1) return stop.status(await runOnMany(hosts, run));
  const streams = { stdin: process.stdin, onStdout: toStdout, onStderr: toStderr };
  const { status, error } = await runOn(host, streams, run);
  if (error !== undefined && !stop.signal.aborted) process.stderr.write(`holdfast: ${host}: ${error}\n`);
  return stop.status(status);
}

async function runOnMany(hosts: readonly string[], run: Run): Promise<number> {
  const inputs = broadcast<Uint8Array>(process.stdin, hosts.length);
  const runs = hosts.map(async (host, index) => {
    const stdout = new LinePrefixer(`${host}: `, toStdout);
    const stderr = new LinePrefixer(`${host}: `, toStderr);
    const streams: Streams = {
      stdin: inputs[index] ?? process.stdin,
      onStdout: (bytes) => stdout.add(bytes),
      onStderr: (bytes) => stderr.add(bytes),
    };
    const outcome = await runOn(host, streams, run);
    inputs[index]?.release();
    await stdout.end();
    await stderr.end();
    return { host, ...outcome };
  });
  const outcomes = await Promise.all(runs);
  const failures = outcomes.filter(({ status }) => status !== 0);
  if (failures.length > 0 && !run.signal.aborted) {
    const lines = failures.map(({ host, status, error }) => `  ${host}: ${error ?? `exit status ${status}`}\n`);
    process.stderr.write(`holdfast: ${failures.length} of ${hosts.length} hosts failed\n${lines.join('')}`);
  }
  return Math.max(...outcomes.map(({ status }) => status));
}

async function runOn(host: string, streams: Streams, { text, questions, signal }: Run): Promise<Outcome> {
  let connection: Connection | undefined;
  try {
    connection = await connect(host, { ...questions, signal });
    const { status, signal: killedBy } = await connection.run(text, { ...streams, signal });
    return { status: killedBy === undefined ? status : 128 + killedBy };
  } catch (error) {
    return { status: CONNECTION_FAILED, error: printable(error instanceof Error ? error.message : String(error)) };
  } finally {
    connection?.close();
  }
}
