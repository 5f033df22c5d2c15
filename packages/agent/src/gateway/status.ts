import { userInfo } from 'node:os';
import { RemotingError } from '@holdfast/protocol';
import * as v from 'valibot';
import { Fleet } from './fleet.ts';
import { openLocalLinks } from './local-links.ts';
import type { ReachableHosts } from './reachable-hosts.ts';
import { UserHosts } from '../monitor/user-hosts.ts';
import { SessionHosts } from './session-hosts.ts';
import { readStatusFile } from './status-file.ts';

/** What is shown of a session, whatever build its host is of. */
const ShownSession = v.looseObject({
  sessionId: v.number(),
  name: v.string(),
  configurationName: v.string(),
  command: v.optional(v.looseObject({})),
  holder: v.optional(v.looseObject({ client: v.string(), address: v.string() })),
});
type ShownSession = v.InferOutput<typeof ShownSession>;

const ShownHosts = v.array(v.looseObject({ commands: v.optional(v.number(), 0) }));

export type StatusOptions = {
  stateDir: string;
  runtimeDir: string;
  /** The agent serves all users: `runtimeDir` holds a folder for each. */
  isForAll?: boolean;
  /** As JSON instead of text. */
  json?: boolean;
  /** Time for the session hosts to answer. */
  answerMs?: number;
  write?: (text: string) => void;
};

/**
 * Prints whether a gateway runs on the state folder, where, and which sessions and how many one-shots this user's hosts
 * have.
 * @returns the exit status: 0 when the gateway runs, else 1
 */
export async function status(options: StatusOptions): Promise<0 | 1> {
  const write = options.write ?? ((text: string) => void process.stdout.write(text));
  const gateway = readStatusFile(options.stateDir);
  const { runtimeDir, isForAll = false } = options;
  const startHost = (): Promise<string> =>
    Promise.reject(new RemotingError('HostUnavailable', 'A question starts none'));
  const found = { runtimeDir, kind: '', startHost };
  const reachable = isForAll ? new UserHosts(found).forRoot() : new SessionHosts(found);
  const { sessions, commands } = await askHosts(reachable, options.answerMs ?? 2_000);
  const whose = isForAll ? 'all users' : userInfo().username;
  if (options.json === true) {
    write(`${JSON.stringify({ running: gateway !== undefined, gateway, sessions, commands })}\n`);
  } else {
    const since = gateway === undefined ? '' : new Date(gateway.startedAt).toISOString();
    const state =
      gateway === undefined
        ? 'The gateway is not running'
        : `The gateway runs: ${gateway.url}  host key ${gateway.hostKey}  pid ${gateway.pid}  since ${since}`;
    write(`${[state, countLine(whose, sessions.length, commands), ...sessions.map(sessionLine)].join('\n')}\n`);
  }
  return gateway === undefined ? 1 : 0;
}

async function askHosts(
  hosts: ReachableHosts,
  answerMs: number,
): Promise<{ sessions: ShownSession[]; commands: number }> {
  const links = openLocalLinks(hosts, answerMs);
  try {
    const fleet = new Fleet(links, { hostAnswerMs: answerMs, goodbyeMs: answerMs, hostGiveUpMs: 0 });
    const [{ sessions }, hosts] = await Promise.all([fleet.sessions(() => {}), fleet.hosts()]);
    return {
      sessions: v.parse(v.array(ShownSession), sessions).toSorted((a, b) => a.sessionId - b.sessionId),
      commands: v.parse(ShownHosts, hosts).reduce((sum, host) => sum + host.commands, 0),
    };
  } finally {
    links.close();
  }
}

/** One-shots have no name and are in no list of sessions, yet they run, for a while also without their client. */
function countLine(whose: string, sessions: number, commands: number): string {
  const oneShots = commands === 0 ? '' : `, and ${commands} ${commands === 1 ? 'command' : 'commands'} of holdfast run`;
  const count = `${sessions === 0 ? 'No' : sessions} ${sessions === 1 ? 'session' : 'sessions'}`;
  return `${count} of ${whose}${oneShots}`;
}

function sessionLine(session: ShownSession): string {
  const { sessionId, name, configurationName, command, holder } = session;
  const doing = command === undefined ? 'idle' : 'runs a command';
  const held = holder === undefined ? 'disconnected' : `held by ${holder.client} from ${holder.address}`;
  return `  ${sessionId}  ${name}  ${configurationName}  ${doing}, ${held}`;
}
