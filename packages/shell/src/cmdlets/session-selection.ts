import { PSSession } from '../client/ps-session.ts';
import type { CmdletContext, Parameters } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { arrayOf, guid, instanceOf, int32, string } from '../runtime/parameter-type.ts';
import { hasWildcard, matchesWildcard } from '../runtime/wildcard.ts';
import { knownSessionIds, knownSessionInstances, knownSessionNames } from './known-values.ts';

/** The parameters by which cmdlets choose among this client's sessions, one parameter set each. */
export const SELECTION_PARAMETERS = {
  Session: {
    type: arrayOf(instanceOf(PSSession)),
    position: 0,
    mandatory: true,
    pipeline: 'both',
    sets: ['Session'],
    help: 'The sessions.',
  },
  Id: {
    type: arrayOf(int32),
    position: 0,
    mandatory: true,
    pipeline: 'name',
    sets: ['Id'],
    complete: knownSessionIds,
    help: "The sessions' numbers in this client, as Get-PSSession shows them.",
  },
  Name: {
    type: arrayOf(string),
    mandatory: ['Name'],
    pipeline: 'name',
    wildcards: true,
    sets: ['Name'],
    complete: knownSessionNames,
    help: "The sessions' names: your own, where others have one of the same.",
  },
  InstanceId: {
    type: arrayOf(guid),
    mandatory: true,
    pipeline: 'name',
    sets: ['InstanceId'],
    complete: knownSessionInstances,
    help: "The sessions' InstanceIds, which are the same in every client.",
  },
} as const satisfies Parameters;

export type Selector = {
  readonly Session?: readonly PSSession[] | undefined;
  readonly Id?: readonly number[] | undefined;
  readonly Name?: readonly string[] | undefined;
  readonly InstanceId?: readonly string[] | undefined;
  readonly ComputerName?: readonly string[] | undefined;
};

type SelectionContext = Pick<CmdletContext, 'remoting' | 'writeError'>;

/** Sessions of this client that the selector fits, in its order; each name or id that has none is an error record. */
export async function findSessions(selector: Selector, context: SelectionContext): Promise<PSSession[]> {
  const chosen = new Set<PSSession>(selector.Session);
  for (const { matches, missing } of criteria(selector)) {
    const found = context.remoting.sessions.filter(matches);
    if (found.length === 0 && missing !== undefined) await context.writeError(missing);
    for (const session of found) chosen.add(session);
  }
  return [...chosen];
}

/** Those of findSessions() that something is to be done with: a name means one's own first. */
export async function selectSessions(selector: Selector, context: SelectionContext): Promise<PSSession[]> {
  const found = await findSessions(selector, context);
  return selector.Name === undefined ? found : ownFirst(found);
}

type OneSelector = {
  readonly Id?: number | undefined;
  readonly Name?: string | undefined;
  readonly InstanceId?: string | undefined;
};

/** The one session of this client that is meant; where there is none, that is an error record. @throws ErrorRecord for several */
export async function selectSession(
  { Id, Name, InstanceId }: OneSelector,
  context: SelectionContext,
): Promise<PSSession | undefined> {
  const lists = { Id: listOf(Id), Name: listOf(Name), InstanceId: listOf(InstanceId) };
  return onlyOne(Name, await selectSessions(lists, context), 'Id');
}

/** Of an own session and one of another user that bear the same name the own one: what others call theirs stands in nobody's way. */
export function ownFirst(sessions: readonly PSSession[]): PSSession[] {
  const own = new Set(sessions.flatMap(({ isOwn, Name }) => (isOwn ? [Name.toLowerCase()] : [])));
  return sessions.filter(({ isOwn, Name }) => isOwn || !own.has(Name.toLowerCase()));
}

/**
 * What a name means among the sessions that hosts listed: one's own. Nobody gets by its name into what somebody else calls
 * theirs, which is an error record for each where there is no own one.
 */
export async function ownByName(
  sessions: readonly PSSession[],
  errorId: string,
  { writeError }: Pick<CmdletContext, 'writeError'>,
): Promise<PSSession[]> {
  const first = ownFirst(sessions);
  for (const { isOwn, Name, Owner } of first) {
    if (isOwn) continue;
    const message = `Session ${Name} is ${Owner}'s: choose it by its -InstanceId, or from Get-PSSession`;
    await writeError(new ErrorRecord(errorId, 'InvalidOperation', message, { target: Name }));
  }
  return first.filter(({ isOwn }) => isOwn);
}

/** So many are named where several have the same name. */
const MOST_NAMED = 10;

/** The one that a name means. @param by what tells them apart @throws ErrorRecord that names them where there are several */
export function onlyOne(
  name: string | undefined,
  sessions: readonly PSSession[],
  by: 'Id' | 'InstanceId',
): PSSession | undefined {
  if (sessions.length < 2) return sessions[0];
  const choices = sessions.slice(0, MOST_NAMED).map((session) => {
    const { Name, Owner, ComputerName } = session;
    return `-${by} ${session[by]} (${Name} of ${Owner} on ${ComputerName})`;
  });
  if (sessions.length > MOST_NAMED) choices.push(`… and ${sessions.length - MOST_NAMED} more`);
  const message = `Multiple matches found for name ${name}. Choose one: ${choices.join(', ')}`;
  throw new ErrorRecord('RemoteRunspaceHasMultipleMatchesForSpecifiedName', 'InvalidArgument', message, {
    target: name,
  });
}

function listOf<T>(value: T | undefined): T[] | undefined {
  return value === undefined ? undefined : [value];
}

type Criterion = { readonly matches: (session: PSSession) => boolean; readonly missing: ErrorRecord | undefined };

function criteria({ Id = [], Name = [], InstanceId = [], ComputerName = [] }: Selector): Criterion[] {
  return [
    ...Id.map((id) => ({
      matches: (session: PSSession) => session.Id === id,
      missing: unavailable('SpecifiedSessionId', `The remote session with the session ID ${id} is not available.`, id),
    })),
    ...Name.map((name) => ({
      matches: (session: PSSession) => matchesWildcard(name, session.Name),
      missing: literal(
        name,
        unavailable('SpecifiedName', `The remote session with the name ${name}  is not available.`, name),
      ),
    })),
    ...InstanceId.map((id) => ({
      matches: (session: PSSession) => session.InstanceId === id,
      missing: unavailable('SpecifiedRunspaceId', `Remote session is not available for ${id}.`, id),
    })),
    ...ComputerName.map((name) => ({
      matches: (session: PSSession) => matchesWildcard(name === '.' ? 'localhost' : name, session.ComputerName),
      missing: literal(
        name,
        unavailable('SpecifiedComputer', `Remote session is not available for ComputerName ${name}.`, name),
      ),
    })),
  ];
}

/** A pattern that matches nothing is no error. */
function literal(pattern: string, record: ErrorRecord): ErrorRecord | undefined {
  return hasWildcard(pattern) ? undefined : record;
}

function unavailable(what: string, message: string, target: string | number): ErrorRecord {
  return new ErrorRecord(`RemoteRunspaceNotAvailableFor${what}`, 'InvalidArgument', message, {
    target: String(target),
  });
}
