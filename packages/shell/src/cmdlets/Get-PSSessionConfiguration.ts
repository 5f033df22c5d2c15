import { randomUUID } from 'node:crypto';
import type { ConfigurationInfo } from '@holdfast/protocol';
import { defineCmdlet } from '../runtime/cmdlet.ts';
import { credential } from '../runtime/credential.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { inOrder } from '../runtime/in-order.ts';
import { arrayOf, string, switchParameter } from '../runtime/parameter-type.ts';
import { PSSessionConfiguration } from '../runtime/session-configuration.ts';
import { hasWildcard, matchesWildcard } from '../runtime/wildcard.ts';
import { openFailed } from './connection-failure.ts';
import { destinationsOf, targetOf, type Destination } from './destination.ts';
import { THROTTLE_LIMIT } from './session-query.ts';
import { knownComputers, knownConfigurations } from './known-values.ts';

/** Lists the profiles that sessions are made with. */
export default defineCmdlet({
  name: 'Get-PSSessionConfiguration',
  synopsis: 'Lists the session configurations of hosts, which -ConfigurationName names.',
  description:
    'Without a host those of the one whose session is entered are listed, else those of this machine. Format-List -Property * shows all that there is, as the host enforces it: IdleTimeoutms, MaxIdleTimeoutms, OutputBufferingMode, MaxShells and MaxShellsPerUser, which count sessions and the commands of Invoke-Command -ComputerName, and are set by idleTimeoutMs, maxIdleTimeoutMs, outputBufferingMode, maxShells and maxShellsPerUser in the configurations of agent.toml on the host. 2147483647 is no limit, and so is 0 for memory: memory, processes and users are not limited. A session runs one command at a time. What has no meaning on Unix is empty.',
  acts: 'agent',
  parameters: {
    Name: {
      type: arrayOf(string),
      position: 0,
      wildcards: true,
      complete: knownConfigurations,
      help: 'Only configurations with these names.',
    },
    ComputerName: {
      type: arrayOf(string),
      aliases: ['Cn'],
      wildcards: true,
      complete: knownComputers,
      help: 'The hosts to ask.',
    },
    Credential: { type: credential, help: 'The Unix user to be on the hosts. It is proved by an SSH key.' },
    Force: { type: switchParameter, help: 'Without effect: nothing has to be started first.' },
  },
  examples: [
    { code: 'Get-PSSessionConfiguration', remarks: 'Lists the configurations of this machine.' },
    {
      code: 'Get-PSSessionConfiguration default -ComputerName srv1 | Format-List -Property *',
      remarks: 'Shows all properties of a configuration of srv1.',
    },
  ],
  async *process({ Name, ComputerName, Credential }, context) {
    const { remoting, signal } = context;
    const ask = async (to: Destination): Promise<ConfigurationInfo[]> => {
      const connection = await remoting.connection(targetOf(to, remoting.destinations), signal);
      return (await connection.configurations(signal)).configurations;
    };
    const hosts = destinationsOf({ ComputerName, Credential }, context);
    for await (const { item, outcome } of inOrder(hosts, THROTTLE_LIMIT, ask)) {
      const { computerName } = item;
      if (outcome.status === 'rejected') {
        await context.writeError(openFailed({ computerName, configurationName: undefined }, outcome.reason));
        continue;
      }
      const names = outcome.value.map(({ name }) => name);
      remoting.configurations.keep(computerName, names);
      const place = ComputerName === undefined ? undefined : { computerName, runspaceId: randomUUID() };
      for (const pattern of Name ?? ['*']) {
        const found = outcome.value.filter(({ name }) => matchesWildcard(pattern, name));
        if (found.length === 0 && !hasWildcard(pattern)) await context.writeError(missing(pattern));
        for (const info of found) yield new PSSessionConfiguration(info, place);
      }
    }
  },
});

function missing(name: string): ErrorRecord {
  const message = `No session configuration matches criteria "${name}".`;
  return new ErrorRecord('WriteErrorException', 'ObjectNotFound', message, { target: name });
}
