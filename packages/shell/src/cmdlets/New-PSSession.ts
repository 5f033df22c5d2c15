import { PSSession } from '../client/ps-session.ts';
import { defineCmdlet } from '../runtime/cmdlet.ts';
import { inOrder } from '../runtime/in-order.ts';
import { arrayOf, instanceOf, string } from '../runtime/parameter-type.ts';
import { chosenOption } from '../runtime/session-option.ts';
import { openFailed } from './connection-failure.ts';
import { connectionParameters, hostOf, sessionOptions, throttleLimit, withUser } from './connection-parameters.ts';
import { openSession } from './open-session.ts';
import { expandHosts, throttle } from './session-query.ts';

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
      help: 'The hosts: names of config.toml, host, host:port, or wss:// URLs; localhost when none is given.',
    },
    ...connectionParameters('ComputerName'),
    Session: {
      type: arrayOf(instanceOf(PSSession)),
      position: 0,
      pipeline: 'both',
      sets: ['Session'],
      help: 'Sessions whose host and configuration the new ones take.',
    },
    Name: {
      type: arrayOf(string),
      help: 'A name for all sessions, or one for each; Session<n> for those that get none.',
    },
    SessionOption: sessionOptions,
    ThrottleLimit: throttleLimit,
  },
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
  ],
  async *process(
    { ComputerName, ConfigurationName, Credential, Session, Name, SessionOption, ThrottleLimit },
    context,
  ) {
    const { entered } = context.host;
    const targets: Target[] =
      Session?.map((session) => ({
        computerName: session.target,
        configurationName: session.ConfigurationName,
      })) ??
      (ComputerName ?? [entered === undefined ? 'localhost' : hostOf(entered, Credential)])
        .flatMap((name) => expandHosts(name, context.remoting.hosts.names))
        .map((computerName) => ({ computerName, configurationName: ConfigurationName }));
    const option = chosenOption(SessionOption, context.scope);
    const open = async (target: Target, index: number): Promise<PSSession> =>
      openSession(
        {
          ...target,
          name: nameFor(Name, index),
          computerName: withUser(target.computerName, Credential, context.remoting.hosts),
        },
        option,
        context,
      );
    for await (const { item, outcome } of inOrder(targets, throttle(ThrottleLimit), open)) {
      if (outcome.status === 'fulfilled') yield outcome.value;
      else await context.writeError(openFailed(item, outcome.reason));
    }
  },
});

type Target = { readonly computerName: string; readonly configurationName: string | undefined };

/** A single name is for all; of several, each is for the host at its place. */
function nameFor(names: readonly string[] | undefined, index: number): string | undefined {
  return names?.length === 1 ? names[0] : names?.[index];
}
