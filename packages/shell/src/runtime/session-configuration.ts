import type { ConfigurationInfo } from '@holdfast/protocol';
import { CustomObject } from './custom-object.ts';

/** Where a configuration was read. */
export type ConfigurationPlace = { readonly computerName: string; readonly runspaceId: string };

/**
 * A session configuration of a host, with PowerShell's properties in PowerShell's order. What has no meaning here is
 * empty, and so is a limit that is none.
 */
export class PSSessionConfiguration extends CustomObject {
  /** @param place of one that another machine has */
  constructor(info: ConfigurationInfo, place: ConfigurationPlace | undefined) {
    super([
      ['Architecture', 64],
      ['Filename', [info.program ?? '', ...info.args].join(' ')],
      ['ResourceUri', ''],
      ['MaxConcurrentCommandsPerShell', ''],
      ['UseSharedProcess', 'false'],
      ['ProcessIdleTimeoutSec', 0],
      ['xmlns', ''],
      ['MaxConcurrentUsers', ''],
      ['lang', ''],
      ['SupportsOptions', 'true'],
      ['ExactMatch', 'true'],
      ['RunAsUser', ''],
      ['IdleTimeoutms', info.idleTimeoutMs],
      ['PSVersion', ''],
      ['OutputBufferingMode', info.outputBufferingMode],
      ['AutoRestart', 'false'],
      ['SecurityDescriptorSddl', ''],
      ['MaxMemoryPerShellMB', ''],
      ['MaxIdleTimeoutms', info.maxIdleTimeoutMs],
      ['Uri', ''],
      ['SDKVersion', ''],
      ['Name', info.name],
      ['XmlRenderingType', 'text'],
      ['Capability', ['Shell']],
      ['RunAsPassword', ''],
      ['MaxProcessesPerShell', ''],
      ['ParentResourceUri', ''],
      ['Enabled', 'true'],
      ['MaxShells', ''],
      ['MaxShellsPerUser', ''],
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
