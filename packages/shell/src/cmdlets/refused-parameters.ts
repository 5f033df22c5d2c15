import type { Parameters } from '../runtime/cmdlet.ts';
import type { ParameterType } from '../runtime/parameter-type.ts';

const NO_MACHINES =
  'Hosts here are reached through their agents, also virtual machines and containers: use -ComputerName';

/** A parameter of PowerShell's without which something else would happen than was asked for: whoever gives it is told. */
function refused(name: string, reason: string, aliases: readonly string[] = []) {
  const type: ParameterType<undefined> = {
    name,
    isSwitch: false,
    values: [],
    accepts: () => false,
    convert: () => {
      throw new TypeError(reason);
    },
  };
  return { type, aliases, refused: true, help: `Refused: ${reason}.` } as const;
}

function refusedSwitch(reason: string) {
  const type: ParameterType<boolean> = {
    name: 'SwitchParameter',
    isSwitch: true,
    values: [],
    accepts: () => false,
    convert(value) {
      if (value === false) return false;
      throw new TypeError(reason);
    },
  };
  return { type, refused: true, help: `Refused: ${reason}.` } as const;
}

/** For the cmdlets that list and end sessions. */
export const MACHINE_PARAMETERS = {
  VMId: refused('Guid[]', NO_MACHINES, ['VMGuid']),
  VMName: refused('String[]', NO_MACHINES),
  ContainerId: refused('String[]', NO_MACHINES),
} as const satisfies Parameters;

/** For the cmdlets that make sessions. */
export const REFUSED_PARAMETERS = {
  ...MACHINE_PARAMETERS,
  RunAsAdministrator: refusedSwitch(
    'A session has the rights of its Unix user: be another one by -Credential, or use sudo',
  ),
  EnableNetworkAccess: refusedSwitch('A session has the network that its Unix user has, and no tokens to pass on'),
  Options: refused('Hashtable', 'Connections do not go through ssh: what ssh -o sets has no effect on them'),
} as const satisfies Parameters;

export const windowsPowerShell = refusedSwitch(
  'There is no Windows PowerShell here: choose a shell by -ConfigurationName',
);
export const remoteDebug = refusedSwitch('There is no debugger for the shells of hosts');
