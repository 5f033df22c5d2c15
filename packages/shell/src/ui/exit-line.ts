/** The line that leaves a prompt, with the status that it may give; undefined for all others. */
export function exitOf(line: string, isLocal: boolean): { status: string | undefined } | undefined {
  const exit = /^(?:exit(?:\s+(-?\d+))?|exsn)$/i.exec(line);
  return exit === null || (isLocal && line.toLowerCase() === 'exsn') ? undefined : { status: exit[1] };
}
