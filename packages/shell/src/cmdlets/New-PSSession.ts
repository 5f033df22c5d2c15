import type { ConnectionWishes } from '../client/connection-wishes.ts';
import { PSSession } from '../client/ps-session.ts';
import { defineCmdlet } from '../runtime/cmdlet.ts';
import { inOrder } from '../runtime/in-order.ts';
import { arrayOf, instanceOf, string } from '../runtime/parameter-type.ts';
import { openFailed } from './connection-failure.ts';
import { connectionAddresses, connectionParameters, throttleLimit } from './connection-parameters.ts';
import {
  destinationsOf,
  enteredDestination,
  targetOf,
  wishesFor,
  type Destination,
  type DestinationArguments,
} from './destination.ts';
import { openSession } from './open-session.ts';
import { REFUSED_PARAMETERS, windowsPowerShell } from './refused-parameters.ts';
import { sessionMaking } from './session-making.ts';
import { throttle } from './session-query.ts';
import { hostNames, sshConnections, sshParameters } from './ssh-parameters.ts';
import { knownComputers } from './known-values.ts';
import { SESSION_PROPERTIES } from './output-properties.ts';

const CONNECTION = connectionParameters({ computer: ['ComputerName'], uri: ['Uri'], ssh: ['SSHHost'] });

/** Creates sessions that outlive the connection. */
export default defineCmdlet({
  name: 'New-PSSession',
  synopsis: 'Creates sessions on hosts, which go on when the connection is lost.',
  description:
    'One session per host is opened, up to ThrottleLimit at once, and written when it is open. A host that cannot be reached is an error of its own; the others are opened all the same.',
  acts: 'agent',
  defaultParameterSet: 'ComputerName',
  parameters: {
    ComputerName: {
      type: arrayOf(string),
      aliases: ['Cn'],
      position: 0,
      pipeline: 'both',
      wildcards: true,
      sets: ['ComputerName'],
      complete: knownComputers,
      help: 'The hosts: names of config.toml, host, host:port, or wss:// URLs; localhost when none is given.',
    },
    ConnectionUri: { ...connectionAddresses, sets: ['Uri'] },
    HostName: { ...hostNames, position: 0, sets: ['SSHHost'] },
    SSHConnection: { ...sshConnections, sets: ['SSHHostHashParam'] },
    Session: {
      type: arrayOf(instanceOf(PSSession)),
      position: 0,
      pipeline: 'both',
      sets: ['Session'],
      help: 'Sessions whose host, configuration and options the new ones take.',
    },
    Name: {
      type: arrayOf(string),
      help: 'A name for all sessions, or one for each; Session<n> for those that get none.',
    },
    ...CONNECTION,
    Credential: { ...CONNECTION.Credential, sets: ['ComputerName', 'Uri', 'Session'] },
    ...sshParameters('SSHHost'),
    ThrottleLimit: throttleLimit,
    ...REFUSED_PARAMETERS,
    UseWindowsPowerShell: windowsPowerShell,
  },
  output: SESSION_PROPERTIES,
  examples: [
    { code: 'New-PSSession', remarks: 'Creates a session on this machine.' },
    {
      code: 'New-PSSession -ComputerName srv1, srv2 -Name ITTask',
      remarks: 'Creates a session on each host, both named ITTask.',
    },
    {
      code: 'New-PSSession srv1 -ConfigurationName ITTasks -Credential admin',
      remarks: 'Creates a session as another user.',
    },
    {
      code: 'New-PSSession -ConnectionUri wss://srv1.example.org:7433',
      remarks: 'Creates a session on the host with this address.',
    },
    {
      code: 'New-PSSession -HostName admin@srv1 -KeyFilePath ~/.ssh/id_admin',
      remarks: 'Creates a session as admin, who is proved by that key.',
    },
  ],
  async *process({ Session, Name, ThrottleLimit, ...where }, context) {
    const { destinations } = context.remoting;
    const { wishes, configurationName } = sessionMaking(where, context);
    const targets =
      Session?.map((session) => copyOf(session, where)) ??
      destinationsOf(where, context).map((to) => ({
        to,
        configurationName,
        wishes: wishesFor(to, wishes),
      }));
    const open = async ({ to, wishes: chosen, ...one }: Target, index: number): Promise<PSSession> => {
      const target = { ...one, name: nameFor(Name, index), computerName: targetOf(to, destinations) };
      return openSession(target, chosen, context);
    };
    for await (const { item, outcome } of inOrder(targets, throttle(ThrottleLimit), open)) {
      if (outcome.status === 'fulfilled') yield outcome.value;
      else await context.writeError(openFailed({ ...item, ...item.to }, outcome.reason));
    }
  },
});

type Target = {
  readonly to: Destination;
  readonly configurationName: string | undefined;
  readonly wishes: ConnectionWishes;
};

/** Where and how a session was made; -Credential makes another user of it. */
function copyOf(session: PSSession, { Credential }: DestinationArguments): Target {
  const { ConfigurationName: configurationName, wishes } = session;
  return { to: enteredDestination(session, { Credential }), configurationName, wishes };
}

/** A single name is for all; of several, each is for the host at its place. */
function nameFor(names: readonly string[] | undefined, index: number): string | undefined {
  return names?.length === 1 ? names[0] : names?.[index];
}
