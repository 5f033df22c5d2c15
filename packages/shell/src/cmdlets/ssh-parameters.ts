import type { Parameters } from '../runtime/cmdlet.ts';
import { arrayOf, int32, string, switchParameter } from '../runtime/parameter-type.ts';
import { hashtable } from '../runtime/value-parameters.ts';
import { knownComputers } from './known-values.ts';

/** Hosts by their ssh names, for cmdlets that work on several. */
export const hostNames = {
  type: arrayOf(string),
  mandatory: true,
  complete: knownComputers,
  help: 'The hosts: names of config.toml, host, host:port, each with user@ before it. Their agents are asked, not sshd.',
} as const satisfies Parameters[string];

export const sshConnections = {
  type: arrayOf(hashtable),
  mandatory: true,
  help: 'A table for each host, with the keys HostName (or ComputerName), Port, UserName, KeyFilePath (or IdentityFilePath), ConnectingTimeout.',
} as const satisfies Parameters[string];

/** How the hosts of -HostName are reached: PowerShell's parameters for ssh, which name a user and a key here too. */
export function sshParameters(...sets: readonly string[]) {
  return {
    UserName: { type: string, sets, help: 'The Unix user to be on the hosts.' },
    KeyFilePath: {
      type: string,
      aliases: ['IdentityFilePath'],
      sets,
      complete: 'path',
      help: 'The file of the SSH key that proves it; it is tried alone.',
    },
    ConnectingTimeout: { type: int32, sets, help: 'Milliseconds in which a host has to be reached.' },
    SSHTransport: {
      type: switchParameter,
      sets,
      help: "Without effect: a host's agent is asked by its own protocol, and the user is proved by SSH keys all the same.",
    },
    Subsystem: {
      type: string,
      pipeline: 'name',
      sets,
      help: 'Without effect: -ConfigurationName says what runs in a session.',
    },
  } as const satisfies Parameters;
}
