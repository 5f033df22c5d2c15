import * as v from 'valibot';
import { localFleet, openLocalLinks } from '../local-links.ts';
import type { ReachableHosts } from '../reachable-hosts.ts';

/** How much runs in the session hosts. */
export const SessionFigures = v.object({
  hosts: v.number(),
  /** Sessions that a client holds, and those that nobody does. */
  held: v.number(),
  disconnected: v.number(),
  /** Sessions in which a command runs. */
  busy: v.number(),
  /** One-shots. */
  commands: v.number(),
  /** Bytes of output that each host has discarded, by its generation. */
  dropped: v.record(v.string(), v.number()),
});
export type SessionFigures = v.InferOutput<typeof SessionFigures>;

/** A host that says it otherwise, or is too old to say it, spoils the figures of no other. */
const count = v.fallback(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0);
const ListedHosts = v.array(
  v.looseObject({ generation: v.fallback(v.string(), ''), commands: count, droppedBytes: count }),
);
const ListedSessions = v.array(
  v.looseObject({ state: v.string(), holder: v.optional(v.unknown()), command: v.optional(v.unknown()) }),
);

/**
 * Asks all session hosts that `hosts` reaches.
 * @throws RemotingError when there are some and none answers
 */
export async function countSessions(hosts: ReachableHosts, answerMs: number): Promise<SessionFigures> {
  const links = openLocalLinks(hosts, answerMs);
  try {
    const fleet = localFleet(links, hosts, { hostAnswerMs: answerMs, goodbyeMs: answerMs, hostGiveUpMs: 0 });
    const [{ sessions }, answered] = await Promise.all([fleet.sessions(), fleet.hosts()]);
    const listed = v.parse(ListedHosts, answered);
    const running = v.parse(ListedSessions, sessions).filter(({ state }) => state === 'Running');
    const held = running.filter(({ holder }) => holder !== undefined).length;
    return {
      hosts: listed.length,
      held,
      disconnected: running.length - held,
      busy: running.filter(({ command }) => command !== undefined).length,
      commands: listed.reduce((sum, host) => sum + host.commands, 0),
      dropped: Object.fromEntries(listed.map(({ generation, droppedBytes }) => [generation, droppedBytes])),
    };
  } finally {
    links.close();
  }
}
