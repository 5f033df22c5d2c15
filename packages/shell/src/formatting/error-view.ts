import { printable } from './value-text.ts';
import { wrapText } from './wrap-text.ts';

type ShownError = { readonly cmdlet?: string | undefined; readonly message: string; readonly id?: unknown };

/** What a program wrote is not ours to break. */
const VERBATIM = 'NativeCommandErrorMessage';

/** `Cmdlet : message`, or the message alone where no cmdlet is named. @param columns cells of a line, which is broken at blanks; `place` stands first */
export function formatError(record: ShownError, columns = Infinity, place = ''): string {
  const message = record.message.split('\n').map(printable).join('\n');
  const name = record.cmdlet ?? '';
  const text = place + (name === '' ? message : `${name} : ${message}`);
  return `${record.id === VERBATIM ? text : wrapText(text, columns)}\n`;
}

/** The line of an error with a mark under its place, and the message. */
export function formatParseError(
  text: string,
  error: { readonly message: string; readonly span: { from: number; to: number } },
  columns = Infinity,
): string {
  const from = Math.min(error.span.from, text.length);
  const start = text.lastIndexOf('\n', from - 1) + 1;
  const newline = text.indexOf('\n', from);
  const end = newline < 0 ? text.length : newline;
  const length = Math.max(1, Math.min(error.span.to, end) - from);
  return `${printable(text.slice(start, end))}\n${' '.repeat(from - start)}${'^'.repeat(length)}\n${wrapText(error.message, columns)}\n`;
}
