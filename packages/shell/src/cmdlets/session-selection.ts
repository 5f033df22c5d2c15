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
    help: "The sessions' names.",
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

/** Sessions of this client that the selector names, in its order; each name or id that has none is an error record. */
export async function selectSessions(selector: Selector, context: SelectionContext): Promise<PSSession[]> {
  const chosen = new Set<PSSession>(selector.Session);
  for (const { matches, missing } of criteria(selector)) {
    const found = context.remoting.sessions.filter(matches);
    if (found.length === 0 && missing !== undefined) await context.writeError(missing);
    for (const session of found) chosen.add(session);
  }
  return [...chosen];
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
