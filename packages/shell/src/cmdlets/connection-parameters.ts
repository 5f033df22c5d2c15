import { userInfo } from 'node:os';
import { resolveHost, type HostsFile } from '../client/hosts.ts';
import type { PSSession } from '../client/ps-session.ts';
import type { Parameters } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { credential, type Credential } from '../runtime/credential.ts';
import { arrayOf, int32, string } from '../runtime/parameter-type.ts';
import { sessionOption } from '../runtime/session-option.ts';

/** The hosts of a cmdlet that works on several; each says what for in its help. */
export const computerNames = {
  type: arrayOf(string),
  aliases: ['Cn'],
  position: 0,
  mandatory: true,
  wildcards: true,
} as const satisfies Omit<Parameters[string], 'help'>;

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

/** `user@host`, or a URL that names a user. */
const NAMES_USER = /^[^/]+@|:\/\/[^/]*@/u;

/**
 * A computer's name with the user to be there, for Remoting.
 * @throws ErrorRecord where nobody else can be had: on this machine, and where the name itself has another user
 */
export function withUser(computerName: string, credential: Credential | undefined, hosts: HostsFile): string {
  if (credential === undefined) return computerName;
  const address = resolveHost(computerName, hosts);
  const self = userInfo().username;
  const user = address.kind === 'agent' ? (address.user ?? self) : self;
  if (user.toLowerCase() === credential.UserName.toLowerCase()) return computerName;
  const isFixed = hosts.find(computerName) === undefined && NAMES_USER.test(computerName);
  if (address.kind === 'agent' && !isFixed) return `${credential.UserName}@${computerName}`;
  const message =
    address.kind === 'local'
      ? `On ${computerName} you are ${user}: use sudo to be ${credential.UserName}`
      : `${computerName} names the user ${user} and -Credential names ${credential.UserName}: give one of them`;
  throw new ErrorRecord('CredentialNotUsable', 'InvalidArgument', message, { target: computerName });
}

/** The host of a session that is entered, for Remoting: as the same user there, unless another one is asked for. */
export function hostOf({ ComputerName, target }: PSSession, credential: Credential | undefined): string {
  return credential === undefined ? target : ComputerName;
}

export const sessionOptions = {
  type: sessionOption,
  help: 'How the sessions are made: what New-PSSessionOption gives, or a hashtable; $PSSessionOption by default.',
} as const satisfies Parameters[string];

export const throttleLimit = {
  type: int32,
  help: 'How many hosts are worked on at once; 32 when it is not given.',
} as const satisfies Parameters[string];
