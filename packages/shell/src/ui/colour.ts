/** False where a person (NO_COLOR, see no-color.org) or the terminal wants no colours. */
export function wantsColour(environment: NodeJS.ProcessEnv = process.env): boolean {
  return (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
}

/** Text without its colours; bold, dim and inverse stay. */
export function withoutColour(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/\x1b\[(?:[34]\d|9\d|10\d)m/g, '');
}
