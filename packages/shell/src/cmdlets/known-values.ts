import type { CompletionSource } from '../runtime/completion-source.ts';
import { HELP_TOPICS } from './help-topics.ts';

/** Values that completion offers, each for the parameters that declare it. */
type Values = (source: CompletionSource) => readonly string[];

export const knownComputers: Values = ({ remoting }) => [...remoting.hosts.names, 'localhost'];

export const knownSessionNames: Values = ({ remoting }) => remoting.sessions.map(({ Name }) => Name);
export const knownSessionIds: Values = ({ remoting }) => remoting.sessions.map(({ Id }) => String(Id));
export const knownSessionInstances: Values = ({ remoting }) => remoting.sessions.map(({ InstanceId }) => InstanceId);

export const knownJobNames: Values = ({ jobs }) => jobs.all.map(({ Name }) => Name);
export const knownJobIds: Values = ({ jobs }) => jobs.all.map(({ Id }) => String(Id));
export const knownJobInstances: Values = ({ jobs }) => jobs.all.map(({ InstanceId }) => InstanceId);
export const knownJobLocations: Values = ({ jobs }) => jobs.all.flatMap(({ Location }) => Location.split(','));

/** Those that the hosts of the command have told of, and those of the sessions there. */
export const knownConfigurations: Values = ({ remoting, given }) => {
  const named = [...given('ComputerName'), ...given('HostName')];
  const computers = named.length === 0 ? ['localhost'] : named;
  return computers.flatMap((computer) => [
    ...remoting.configurations.of(computer),
    ...remoting.sessions
      .filter(({ ComputerName }) => ComputerName.toLowerCase() === computer.toLowerCase())
      .map(({ ConfigurationName }) => ConfigurationName),
  ]);
};

export const knownCommands: Values = ({ commands, functionNames }) => [...commands.names, ...functionNames];
export const knownCmdlets: Values = ({ commands }) => commands.names;
export const knownAliases: Values = ({ commands }) => commands.aliases.map(([alias]) => alias);
export const knownHelp: Values = ({ commands }) => [...commands.names, ...Object.keys(HELP_TOPICS)];
export const booleans: Values = () => ['$true', '$false'];

const partsOf =
  (part: 0 | 1): Values =>
  (source) => [...new Set(knownCommands(source).flatMap((name) => /^([^-]+)-(.+)$/u.exec(name)?.[part + 1] ?? []))];

export const knownVerbs: Values = partsOf(0);
export const knownNouns: Values = partsOf(1);
