/** PowerShell's short names of its commands. None hides a Unix command. */
export const ALIASES: ReadonlyMap<string, string> = new Map([
  ['cnsn', 'Connect-PSSession'],
  ['dnsn', 'Disconnect-PSSession'],
  ['etsn', 'Enter-PSSession'],
  ['exsn', 'Exit-PSSession'],
  ['gcm', 'Get-Command'],
  ['gsn', 'Get-PSSession'],
  ['nsn', 'New-PSSession'],
  ['rsn', 'Remove-PSSession'],
]);

/** The short names of a command, given its whole name. */
export function aliasesOf(name: string): string[] {
  return [...ALIASES].filter(([, target]) => target === name).map(([alias]) => alias);
}
