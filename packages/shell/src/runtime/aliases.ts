/** PowerShell's short names of its commands. None hides a Unix command. */
export const ALIASES: ReadonlyMap<string, string> = new Map([
  ['%', 'ForEach-Object'],
  ['?', 'Where-Object'],
  ['cnsn', 'Connect-PSSession'],
  ['dnsn', 'Disconnect-PSSession'],
  ['etsn', 'Enter-PSSession'],
  ['exsn', 'Exit-PSSession'],
  ['fl', 'Format-List'],
  ['foreach', 'ForEach-Object'],
  ['ft', 'Format-Table'],
  ['gal', 'Get-Alias'],
  ['gcm', 'Get-Command'],
  ['ghy', 'Get-History'],
  ['gjb', 'Get-Job'],
  ['gsn', 'Get-PSSession'],
  ['icm', 'Invoke-Command'],
  ['measure', 'Measure-Object'],
  ['nsn', 'New-PSSession'],
  ['rcjb', 'Receive-Job'],
  ['rcsn', 'Receive-PSSession'],
  ['rjb', 'Remove-Job'],
  ['rsn', 'Remove-PSSession'],
  ['spjb', 'Stop-Job'],
  ['where', 'Where-Object'],
  ['wjb', 'Wait-Job'],
]);

/** Names that stand for a cmdlet behind a `|` only, where bash has them for nothing: `select` begins a loop there. */
const LATER_ALIASES: ReadonlyMap<string, string> = new Map([['select', 'Select-Object']]);

/** What a command's name stands for in a stage that is not the first. */
export function laterName(name: string): string {
  return LATER_ALIASES.get(name.toLowerCase()) ?? name;
}

/** The short names of a command, given its whole name. */
export function aliasesOf(name: string): string[] {
  return [...ALIASES].filter(([, target]) => target === name).map(([alias]) => alias);
}
