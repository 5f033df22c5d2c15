import { userInfo } from 'node:os';
import { RemotingError } from '@holdfast/protocol';
import * as v from 'valibot';
import { UserHosts } from '../monitor/user-hosts.ts';
import { localFleet, openLocalLinks } from './local-links.ts';
import { askHealth } from './metrics/ask-health.ts';
import type { ReachableHosts } from './reachable-hosts.ts';
import { SessionHosts } from './session-hosts.ts';
import { readStatusFile, type GatewayStatus } from './status-file.ts';
import { ShownHost, ShownSession, statusText, type AgentStatus } from './status-text.ts';

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
 * Prints whether a gateway runs on the state folder, where, whether it is well, and which hosts, sessions and one-shots
 * there are: this user's, or for an agent for all users everybody's.
 * @returns the exit status, as of an init script (LSB): 0 when the gateway runs, 1 when it does not, 4 when that is not for this
 *   user to know, which is said on standard error
 */
export async function status(options: StatusOptions): Promise<0 | 1 | 4> {
  try {
    return await show(options, readStatusFile(options.stateDir));
  } catch (error) {
    if (!(error instanceof RemotingError) || error.id !== 'AccessDenied') throw error;
    process.stderr.write(`holdfast-agent: ${error.message}\n`);
    return 4;
  }
}

async function show(options: StatusOptions, gateway: GatewayStatus | undefined): Promise<0 | 1> {
  const { runtimeDir, isForAll = false, answerMs = 2_000 } = options;
  const write = options.write ?? ((text: string) => void process.stdout.write(text));
  const startHost = (): Promise<string> =>
    Promise.reject(new RemotingError('HostUnavailable', 'A question starts none'));
  const found = { runtimeDir, kind: '', startHost };
  const reachable = isForAll ? new UserHosts({ ...found, lookupMs: answerMs }).forRoot() : new SessionHosts(found);
  const [health, answered] = await Promise.all([
    gateway?.metrics === undefined ? undefined : askHealth(gateway.metrics, answerMs),
    askHosts(reachable, answerMs),
  ]);
  const whole: AgentStatus = { running: gateway !== undefined, gateway, health, ...answered };
  write(
    options.json === true
      ? `${JSON.stringify(whole)}\n`
      : statusText(whole, isForAll ? undefined : userInfo().username),
  );
  return gateway === undefined ? 1 : 0;
}

async function askHosts(
  reachable: ReachableHosts,
  answerMs: number,
): Promise<Pick<AgentStatus, 'hosts' | 'sessions' | 'commands' | 'problem'>> {
  const links = openLocalLinks(reachable, answerMs);
  try {
    const fleet = localFleet(links, reachable, { hostAnswerMs: answerMs, goodbyeMs: answerMs, hostGiveUpMs: 0 });
    const [{ sessions }, answers] = await Promise.all([fleet.sessions(), fleet.hosts()]);
    const hosts = v.parse(v.array(ShownHost), answers);
    return {
      hosts,
      sessions: v.parse(v.array(ShownSession), sessions).toSorted((a, b) => a.sessionId - b.sessionId),
      commands: hosts.reduce((sum, host) => sum + host.commands, 0),
    };
  } catch (error) {
    if (!(error instanceof RemotingError)) throw error;
    return { hosts: [], sessions: [], commands: 0, problem: error.message };
  } finally {
    links.close();
  }
}
