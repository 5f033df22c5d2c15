import { isAbsolute } from 'node:path';
import { RemotingError, printable } from '@holdfast/protocol';
import * as v from 'valibot';
import { readTable } from '../config-table.ts';
import { openDescriptor, openFile, type LogOutput } from './log-output.ts';
import { LOG_LEVELS, createLog, type Log, type LogLevel } from './log.ts';

/** The table `[log]` of the agent's configuration. */
export const LogTable = v.strictObject({
  /** Whole path; without it the log is standard error, which systemd gives to the journal. */
  file: v.optional(v.pipe(v.string(), v.check(isAbsolute, 'it must be a whole path'))),
  level: v.optional(v.picklist(LOG_LEVELS), 'info'),
});

const STDERR = 2;

/**
 * The log that `[log]` of the agent's configuration asks for. On SIGHUP its file is opened anew, for logrotate(8).
 * @throws RemotingError InvalidSetting
 */
export function openLog(configFile: string | undefined): { log: Log; level: LogLevel; output: LogOutput } {
  const { file, level } = readTable(configFile, 'log', LogTable);
  const output = file === undefined ? openDescriptor(STDERR) : openNamed(file);
  const log = createLog(output, level);
  // Without a file and at a terminal, the terminal's end is to end the agent.
  if (file !== undefined || !process.stderr.isTTY) process.on('SIGHUP', () => reopen(output, log));
  return { log, level, output };
}

function openNamed(file: string): LogOutput {
  try {
    return openFile(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RemotingError('InvalidSetting', `[log] file: ${printable(reason)}`, { cause });
  }
}

function reopen(output: LogOutput, log: Log): void {
  try {
    output.reopen();
  } catch (error) {
    // The file that is open goes on being written.
    log('error', {
      message: `The log cannot be opened anew: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}
