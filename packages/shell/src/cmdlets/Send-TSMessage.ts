import { PSSession } from '../client/ps-session.ts';
import { defineCmdlet, type CmdletContext } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { arrayOf, instanceOf, int32, string } from '../runtime/parameter-type.ts';
import { destinationsOf } from './destination.ts';
import { knownComputers } from './known-values.ts';
import { querySessions } from './session-query.ts';

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
  async *process({ Text, Caption = 'Alert', Id, InputObject, ComputerName }, context) {
    const sessions = InputObject ?? (await sessionsOf(Id ?? [], ComputerName, context));
    for (const session of sessions) await send(session, { caption: Caption, text: Text }, context);
  },
});

async function sessionsOf(
  ids: readonly number[],
  ComputerName: readonly string[] | undefined,
  context: CmdletContext,
): Promise<PSSession[]> {
  const chosen: PSSession[] = [];
  for (const destination of destinationsOf({ ComputerName }, context)) {
    const found = new Map<number, PSSession>();
    const query = { destinations: [destination], wishes: {} };
    for await (const session of querySessions(query, context)) found.set(session.SessionId, session);
    for (const id of ids) {
      const session = found.get(id);
      if (session === undefined) await context.writeError(noSession(id, destination.computerName));
      else chosen.push(session);
    }
  }
  return chosen;
}

async function send(
  session: PSSession,
  message: { caption: string; text: string },
  { remoting, signal, writeError, writeWarning }: CmdletContext,
): Promise<void> {
  try {
    const shownTo = await remoting.sendMessage(session, message, signal);
    if (shownTo === 0)
      writeWarning(`Nobody is attached to session ${session.SessionId} on ${session.ComputerName}: nobody saw it`);
  } catch (error) {
    await writeError(error);
  }
}

function noSession(id: number, host: string): ErrorRecord {
  return new ErrorRecord('SessionNotFound', 'ObjectNotFound', `There is no session ${id} on ${host}`, {
    target: String(id),
  });
}
