import { ErrorRecord } from '../runtime/error-record.ts';
import type { Hashtable } from '../runtime/hashtable.ts';
import { int32, string } from '../runtime/parameter-type.ts';
import { toText } from '../runtime/value-conversion.ts';

/** A host and how it is reached. */
export type SshHost = {
  /** As it was given, for targetOf(). */
  readonly name: string;
  /** What it is called where its results and errors are shown. */
  readonly computerName: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  readonly identity?: string | undefined;
  readonly openTimeoutMs?: number | undefined;
};

const KEYS: Readonly<Record<string, string>> = {
  computername: 'HostName',
  hostname: 'HostName',
  port: 'Port',
  username: 'UserName',
  keyfilepath: 'KeyFilePath',
  identityfilepath: 'KeyFilePath',
  subsystem: 'Subsystem',
  connectingtimeout: 'ConnectingTimeout',
};

/** One table of -SSHConnection. @throws ErrorRecord for a key that there is not, and where the host is missing */
export function hostOfTable(table: Hashtable): SshHost {
  const given = new Map<string, unknown>();
  for (const [key, value] of table.entries()) {
    const known = KEYS[toText(key).toLowerCase()];
    if (known === undefined) throw invalid(`-SSHConnection knows no key '${toText(key)}'`);
    given.set(known, value);
  }
  const name = given.has('HostName') ? string.convert(given.get('HostName')) : '';
  if (name === '') throw invalid('A table of -SSHConnection names no HostName');
  const textOf = (key: string): string | undefined => (given.has(key) ? string.convert(given.get(key)) : undefined);
  const numberOf = (key: string): number | undefined => (given.has(key) ? int32.convert(given.get(key)) : undefined);
  return {
    name,
    computerName: name.replace(/^[^@]*@/u, ''),
    user: textOf('UserName'),
    port: numberOf('Port'),
    identity: textOf('KeyFilePath'),
    openTimeoutMs: numberOf('ConnectingTimeout'),
  };
}

function invalid(message: string): ErrorRecord {
  return new ErrorRecord('SSHConnectionNotUsable', 'InvalidArgument', message);
}
