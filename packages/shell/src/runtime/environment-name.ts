/** The name of the environment variable that `$env:name` means; undefined for a variable of ours. */
export function environmentName(name: string): string | undefined {
  return /^env:(.+)$/iu.exec(name)?.[1];
}
