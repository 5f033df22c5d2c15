import { printable } from './value-text.ts';

/** `Cmdlet : message`, or the message alone where no cmdlet is named. */
export function formatError(record: { readonly cmdlet?: string | undefined; readonly message: string }): string {
  const message = record.message.split('\n').map(printable).join('\n');
  const name = record.cmdlet ?? '';
  return name === '' ? `${message}\n` : `${name} : ${message}\n`;
}

/** The line of an error with a mark under its place, and the message. */
export function formatParseError(
  text: string,
  error: { readonly message: string; readonly span: { from: number; to: number } },
): string {
  const from = Math.min(error.span.from, text.length);
  const start = text.lastIndexOf('\n', from - 1) + 1;
  const newline = text.indexOf('\n', from);
  const end = newline < 0 ? text.length : newline;
  const length = Math.max(1, Math.min(error.span.to, end) - from);
  return `${printable(text.slice(start, end))}\n${' '.repeat(from - start)}${'^'.repeat(length)}\n${error.message}\n`;
}
