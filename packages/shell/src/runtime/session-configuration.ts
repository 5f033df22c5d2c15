import type { ConfigurationInfo } from '@holdfast/protocol';
import { CustomObject } from './custom-object.ts';

/** Where a configuration was read. */
export type ConfigurationPlace = { readonly computerName: string; readonly runspaceId: string };

/** PowerShell's numbers for no limit: of how many, and of how much memory. */
const NO_LIMIT = 2 ** 31 - 1;
const NO_MEMORY_LIMIT = 0;

/**
 * A session configuration of a host, with PowerShell's properties in PowerShell's order, as the host enforces them. What
 * has no meaning here is empty; a limit that is none has PowerShell's number for that.
 */
export class PSSessionConfiguration extends CustomObject {
  /** @param place of one that another machine has */
  constructor(info: ConfigurationInfo, place: ConfigurationPlace | undefined) {
    super([
      ['Architecture', 64],
      ['Filename', [info.program ?? '', ...info.args].join(' ')],
      ['ResourceUri', ''],
      // A session does one thing at a time.
      ['MaxConcurrentCommandsPerShell', 1],
      ['UseSharedProcess', 'false'],
      ['ProcessIdleTimeoutSec', 0],
      ['xmlns', ''],
      ['MaxConcurrentUsers', NO_LIMIT],
      ['lang', ''],
      ['SupportsOptions', 'true'],
      ['ExactMatch', 'true'],
      ['RunAsUser', ''],
      ['IdleTimeoutms', info.idleTimeoutMs],
      ['PSVersion', ''],
      ['OutputBufferingMode', info.outputBufferingMode],
      ['AutoRestart', 'false'],
      ['SecurityDescriptorSddl', ''],
      ['MaxMemoryPerShellMB', NO_MEMORY_LIMIT],
      ['MaxIdleTimeoutms', info.maxIdleTimeoutMs],
      ['Uri', ''],
      ['SDKVersion', ''],
      ['Name', info.name],
      ['XmlRenderingType', 'text'],
      ['Capability', ['Shell']],
      ['RunAsPassword', ''],
      ['MaxProcessesPerShell', NO_LIMIT],
      ['ParentResourceUri', ''],
      ['Enabled', 'true'],
      ['MaxShells', info.maxShells ?? NO_LIMIT],
      ['MaxShellsPerUser', info.maxShellsPerUser ?? NO_LIMIT],
      ['Permission', ''],
      ...(place === undefined ? [] : originOf(place)),
    ]);
  }
}

function originOf({ computerName, runspaceId }: ConfigurationPlace): [string, unknown][] {
  return [
    ['PSComputerName', computerName],
    ['RunspaceId', runspaceId],
    ['PSShowComputerName', true],
  ];
}
