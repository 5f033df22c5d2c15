import { RECORDED_TYPES } from '@holdfast/protocol';
import type { Connection } from '../client/connection.ts';
import type { EventOptions } from '../client/record-pages.ts';
import { PSSession } from '../client/ps-session.ts';
import { defineCmdlet, type CmdletContext } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { credential } from '../runtime/credential.ts';
import { arrayOf, instanceOf, int32, string } from '../runtime/parameter-type.ts';
import { dateTime } from '../runtime/value-parameters.ts';
import { hasWildcard, matchesWildcard } from '../runtime/wildcard.ts';
import { openFailed } from './connection-failure.ts';
import { destinationsOf, targetOf } from './destination.ts';
import { knownComputers } from './known-values.ts';
import { EVENT_PROPERTIES, SessionRecord } from './recorded-event.ts';

/** What -Type takes by itself: `command` stands for all `command.…`. */
const GROUPS: readonly string[] = [...new Set(RECORDED_TYPES.map((type) => type.slice(0, type.indexOf('.'))))];
const TYPES = [...GROUPS, ...RECORDED_TYPES].toSorted();

/** Where one asking goes. */
type Place = { computerName: string; target: string; instanceId?: string };

/** Shows the record of hosts. */
export default defineCmdlet({
  name: 'Get-SessionEvent',
  synopsis: 'Shows who did what on hosts: comings, sessions, commands, stops, refusals.',
  description:
    "Each host keeps a record: who connected from where with which key, what was opened, taken, stopped and how it ended, which commands ran, who was not let in. You see what concerns your own user; an administrator of the host, all. Oldest first. What was typed into programs is not recorded, nor the text of a command that was typed ahead of its prompt; [record] in the agent's configuration says what else is left out and how long it is kept. On this machine, where no agent is needed, it is the record of your own session host.",
  acts: 'agent',
  defaultParameterSet: 'ComputerName',
  parameters: {
    SessionId: {
      type: arrayOf(int32),
      position: 0,
      help: 'Only events of the sessions with these ids on their agent.',
    },
    Session: {
      type: arrayOf(instanceOf(PSSession)),
      mandatory: ['Session'],
      pipeline: 'value',
      sets: ['Session'],
      help: 'Only events of these sessions.',
    },
    ComputerName: {
      type: arrayOf(string),
      aliases: ['Cn'],
      wildcards: true,
      complete: knownComputers,
      sets: ['ComputerName'],
      help: 'The hosts to ask; the one whose session is entered, or this machine, by default.',
    },
    Credential: {
      type: credential,
      sets: ['ComputerName'],
      help: 'The Unix user to be on the hosts. It is proved by an SSH key.',
    },
    After: { type: dateTime, help: 'Only events from this time on.' },
    Before: { type: dateTime, help: 'Only events before this time.' },
    UserName: { type: string, help: 'Only events of this user; for an administrator.' },
    Type: {
      type: arrayOf(string),
      wildcards: true,
      complete: () => TYPES,
      help: "Only events of these types; 'command' stands for all 'command.…'.",
    },
    Newest: { type: int32, aliases: ['MaxEvents'], help: 'Only so many of the last ones, of each host.' },
  },
  output: EVENT_PROPERTIES,
  examples: [
    { code: 'Get-SessionEvent -Newest 20', remarks: 'Shows what was done last on this machine.' },
    {
      code: "Get-SessionEvent -ComputerName srv1 -Type client.refused -After '2026-11-01'",
      remarks: 'Lists who was not let in to srv1 since then, as an administrator of it.',
    },
    {
      code: 'Get-PSSession -ComputerName srv1 -Name build | Get-SessionEvent -Type command | Format-List -Property *',
      remarks: 'Shows what ran in a session, with all that is known.',
    },
  ],
  async *process({ SessionId, Session, ComputerName, Credential, ...given }, context) {
    const { After, Before, UserName, Type, Newest } = given;
    const options: EventOptions = {
      since: After?.getTime(),
      before: Before?.getTime(),
      user: UserName,
      types: Type?.flatMap(typesOf),
      newest: Newest,
    };
    for (const place of placesOf(Session, { ComputerName, Credential }, context)) {
      for (const sessionId of SessionId ?? [undefined]) {
        yield* ask(place, { ...options, sessionId, instanceId: place.instanceId }, context);
      }
    }
  },
});

/** The types that a word means. @throws ErrorRecord where it means none */
function typesOf(word: string): readonly string[] {
  const wanted = word.toLowerCase();
  const types = hasWildcard(wanted)
    ? RECORDED_TYPES.filter((type) => matchesWildcard(wanted, type))
    : TYPES.filter((type) => type === wanted);
  if (types.length > 0) return types;
  const message = `There is no type of events ${word}. Choose of ${GROUPS.join(', ')}, which stand for all of theirs, and ${RECORDED_TYPES.join(', ')}`;
  throw new ErrorRecord('UnknownEventType', 'InvalidArgument', message, { target: word });
}

function placesOf(
  sessions: readonly PSSession[] | undefined,
  named: Parameters<typeof destinationsOf>[0],
  context: CmdletContext,
): Place[] {
  if (sessions !== undefined) {
    return sessions.map(({ ComputerName, target, InstanceId }) => ({
      computerName: ComputerName,
      target,
      instanceId: InstanceId,
    }));
  }
  return destinationsOf(named, context).map((to) => ({
    computerName: to.computerName,
    target: targetOf(to, context.remoting.destinations),
  }));
}

async function* ask(
  { computerName, target }: Place,
  options: EventOptions,
  { remoting, signal, writeError }: CmdletContext,
): AsyncGenerator<SessionRecord> {
  let connection: Connection;
  try {
    connection = await remoting.connection(target, signal);
  } catch (error) {
    await writeError(openFailed({ computerName, configurationName: undefined }, error));
    return;
  }
  try {
    for await (const event of connection.events(options, signal)) yield new SessionRecord(event, computerName);
  } catch (error) {
    await writeError(error);
  }
}
