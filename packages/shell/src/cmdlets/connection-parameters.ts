import { userInfo } from 'node:os';
import { resolveHost, type HostsFile } from '../client/hosts.ts';
import type { Parameters } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { credential, type Credential } from '../runtime/credential.ts';
import { int32, oneOf, string } from '../runtime/parameter-type.ts';

export const outputBufferingMode = oneOf('OutputBufferingMode', 'None', 'Drop', 'Block');

/** How a host is reached; for the parameter sets that name hosts. */
export function connectionParameters<const S extends string>(...sets: readonly S[]) {
  return {
    ConfigurationName: {
      type: string,
      pipeline: 'name',
      sets,
      help: 'The session configuration of the host.',
    },
    Credential: {
      type: credential,
      position: 1,
      pipeline: 'name',
      sets,
      help: 'The Unix user to be on the host: user, user@host or Domain\\user. It is proved by an SSH key.',
    },
  } as const satisfies Parameters;
}

/**
 * A computer's name with the user to be there, for Remoting.
 * @throws ErrorRecord where the host's entry, or this machine, has another user: the session would not be what was asked for
 */
export function withUser(computerName: string, credential: Credential | undefined, hosts: HostsFile): string {
  if (credential === undefined) return computerName;
  const address = resolveHost(computerName, hosts);
  const self = userInfo().username;
  const user = address.kind === 'agent' ? (address.user ?? self) : self;
  if (user.toLowerCase() === credential.UserName.toLowerCase()) return computerName;
  if (address.kind === 'agent' && hosts.find(computerName) === undefined && !/[@/]/u.test(computerName)) {
    return `${credential.UserName}@${computerName}`;
  }
  const remedy =
    address.kind === 'agent' ? `give ${credential.UserName} an entry of its own in config.toml` : 'use sudo';
  const message = `On ${computerName} you are ${user}: ${remedy}`;
  throw new ErrorRecord('CredentialNotUsable', 'InvalidArgument', message, { target: computerName });
}

export const throttleLimit = {
  type: int32,
  help: 'How many hosts are worked on at once; 32 when it is not given.',
} as const satisfies Parameters[string];
