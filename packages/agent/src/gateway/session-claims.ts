/** What the session hosts of one user say that they have. */
export type Claims<S> = { host: string; owner: string; sessions: readonly S[] };

type Claimed = { instanceId: string; owner?: unknown };

/**
 * Settles what hosts of several users say they have. A host runs with its user's rights and may be that user's invention:
 * it speaks for its own user only, and never for a session that a host of `caller` has, or that two users claim.
 * @param caller undefined: the agent asks for itself, which any claim may concern
 * @param isComplete every host of `caller` has answered; without that, a session of somebody else has no known place
 * @returns the sessions to show, and which host has which
 */
export function settleClaims<S extends Claimed>(
  answers: readonly Claims<S>[],
  { caller, isComplete }: { caller: string | undefined; isComplete: boolean },
): { sessions: S[]; places: [instanceId: string, host: string][] } {
  const own = caller === undefined ? answers : answers.filter(({ owner }) => owner === caller);
  const taken = new Set(own.flatMap(({ sessions }) => sessions.map(({ instanceId }) => instanceId)));
  const others = answers
    .filter((answer) => !own.includes(answer))
    .map(({ host, owner, sessions }) => ({
      host,
      sessions: sessions.filter((session) => session.owner === owner && !taken.has(session.instanceId)),
    }));
  const counts = Map.groupBy(
    others.flatMap(({ sessions }) => sessions),
    ({ instanceId }) => instanceId,
  );
  const settled = others.map(({ host, sessions }) => ({
    host,
    sessions: sessions.filter(({ instanceId }) => counts.get(instanceId)?.length === 1),
  }));
  const placed = isComplete ? [...own, ...settled] : own;
  return {
    sessions: [...own, ...settled].flatMap(({ sessions }) => sessions),
    places: placed.flatMap(({ host, sessions }) =>
      sessions.map(({ instanceId }): [string, string] => [instanceId, host]),
    ),
  };
}
