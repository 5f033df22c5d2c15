import { userInfo } from 'node:os';
import type { Parameters } from '../runtime/cmdlet.ts';
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

/** A computer's name with the user to be there, unless that is oneself on this machine. */
export function withUser(computerName: string, user: Credential | undefined): string {
  const isSelf = /^(?:localhost|\.)$/iu.test(computerName) && user?.UserName === userInfo().username;
  return user === undefined || isSelf ? computerName : `${user.UserName}@${computerName}`;
}

export const throttleLimit = {
  type: int32,
  help: 'How many hosts are worked on at once; 32 when it is not given.',
} as const satisfies Parameters[string];
