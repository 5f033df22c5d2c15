/**
 * What a stretch of a session's log is while a command runs whose streams are apart: `o` its standard output, `e` its
 * standard error, `t` what the terminal printed meanwhile; `x` is all that lies outside of the command.
 */
export type LogStream = 'o' | 'e' | 't' | 'x';

/** Begins a mark, which no terminal shows. */
export const STREAM_MARK = '\u001b]7433;';

/**
 * The mark between two stretches of a log. The command's id, which its programs do not know, tells it from what they
 * write; `from` is there for whoever reads the log from its middle.
 */
export function streamMark(commandId: string, from: LogStream, to: LogStream): string {
  return `${STREAM_MARK}${commandId};${from}${to}\u0007`;
}
