/** The command line that runs this program again, as whoever started it did. */
export function ownCommand(): string[] {
  const [node = process.execPath, program = ''] = process.argv;
  return [node, ...process.execArgv, program];
}
