import { PSSession } from '../client/ps-session.ts';
import { defineCmdlet, type CmdletContext } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { inOrder } from '../runtime/in-order.ts';
import { arrayOf, instanceOf, int32, string } from '../runtime/parameter-type.ts';
import { destinationsOf, type Destination } from './destination.ts';
import { knownComputers } from './known-values.ts';
import { askHost, queryFailed, throttle } from './session-query.ts';

/** Says something to those at the terminals of sessions. */
export default defineCmdlet({
  name: 'Send-TSMessage',
  synopsis: 'Shows a message to everybody who is attached to sessions.',
  description:
    'The message is shown at once: above the prompt, or in the bottom row while a program has the terminal, for five seconds or until a key. You may send to your own sessions; an administrator of the host, to those of all. It says so when nobody is attached to a session.',
  acts: 'agent',
  defaultParameterSet: 'Id',
  parameters: {
    Text: { type: string, position: 0, mandatory: true, help: 'What to say, 4096 bytes at most.' },
    Caption: { type: string, help: "What stands before it: 'Alert' by default." },
    Id: {
      type: arrayOf(int32),
      mandatory: ['Id'],
      sets: ['Id'],
      help: "The sessions' integer ids on their agent (SessionId).",
    },
    InputObject: {
      type: arrayOf(instanceOf(PSSession)),
      mandatory: ['InputObject'],
      pipeline: 'value',
      sets: ['InputObject'],
      help: 'The sessions, as Get-PSSession gives them.',
    },
    ComputerName: {
      type: arrayOf(string),
      aliases: ['CN', 'IPAddress'],
      wildcards: true,
      complete: knownComputers,
      sets: ['Id'],
      help: 'The hosts whose sessions -Id names; this machine by default.',
    },
  },
  examples: [
    {
      code: "Get-PSSession -ComputerName srv1 | Send-TSMessage -Text 'srv1 restarts in 10 minutes: save your work'",
      remarks: 'Tells everybody who is attached to a session of yours on srv1; as an administrator, of anybody.',
    },
    {
      code: "Send-TSMessage 'Please log off' -Id $s.SessionId -ComputerName srv1 -Caption Maintenance",
      remarks: 'Tells those at one session of srv1, by its id there.',
    },
  ],
  // A message has no result.
  // eslint-disable-next-line require-yield
  async *process({ Text, Caption = 'Alert', Id = [], InputObject, ComputerName }, context) {
    const message = { caption: Caption, text: Text };
    if (InputObject !== undefined) {
      const work = (session: PSSession): Promise<string | undefined> => send(session, message, context);
      for await (const { outcome } of inOrder(InputObject, throttle(undefined), work)) await report(outcome, context);
      return;
    }
    const work = (to: Destination): Promise<Told[]> => tellHost(to, { ids: Id, message }, context);
    const destinations = destinationsOf({ ComputerName }, context);
    for await (const { item, outcome } of inOrder(destinations, throttle(undefined), work)) {
      if (outcome.status === 'rejected') await context.writeError(queryFailed(item.computerName, outcome.reason));
      else for (const told of outcome.value) await report(told, context);
    }
  },
});

type Message = { caption: string; text: string };

/** What came of one message: what there is to be said of it, if anything. */
type Told = PromiseSettledResult<string | undefined>;

/** Says it to the sessions with these ids on one host. @throws RemotingError where that cannot be asked for them */
async function tellHost(
  to: Destination,
  { ids, message }: { ids: readonly number[]; message: Message },
  context: CmdletContext,
): Promise<Told[]> {
  const sessions = await askHost(to, {}, context);
  return Promise.allSettled(
    ids.map(async (id) => {
      const session = sessions.find(({ SessionId }) => SessionId === id);
      if (session === undefined) throw noSession(id, to.computerName);
      return send(session, message, context);
    }),
  );
}

async function send(
  session: PSSession,
  message: Message,
  { remoting, signal }: CmdletContext,
): Promise<string | undefined> {
  const shownTo = await remoting.sendMessage(session, message, signal);
  if (shownTo > 0) return undefined;
  return `Nobody is attached to session ${session.SessionId} on ${session.ComputerName}: nobody saw it`;
}

async function report(told: Told, { writeError, writeWarning }: CmdletContext): Promise<void> {
  if (told.status === 'rejected') await writeError(told.reason);
  else if (told.value !== undefined) writeWarning(told.value);
}

function noSession(id: number, host: string): ErrorRecord {
  return new ErrorRecord('SessionNotFound', 'ObjectNotFound', `There is no session ${id} on ${host}`, {
    target: String(id),
  });
}
