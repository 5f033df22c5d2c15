import * as v from 'valibot';
import type { GatewayStatus } from './status-file.ts';

/** What is shown of a session, whatever build its host is of. */
export const ShownSession = v.looseObject({
  sessionId: v.number(),
  name: v.string(),
  owner: v.optional(v.string(), ''),
  configurationName: v.string(),
  command: v.optional(v.looseObject({})),
  holder: v.optional(v.looseObject({ client: v.string(), address: v.string() })),
});
export type ShownSession = v.InferOutput<typeof ShownSession>;

/** The same of a session host. */
export const ShownHost = v.looseObject({
  generation: v.optional(v.string(), ''),
  pid: v.optional(v.number()),
  sessions: v.optional(v.number(), 0),
  commands: v.optional(v.number(), 0),
});
export type ShownHost = v.InferOutput<typeof ShownHost>;

/** What `holdfast-agent status` knows; as JSON, its fields are what it prints. */
export type AgentStatus = {
  running: boolean;
  gateway: GatewayStatus | undefined;
  /** What /healthz says, where it is served. */
  health: string | undefined;
  hosts: readonly ShownHost[];
  sessions: readonly ShownSession[];
  /** One-shots: they have no name and are in no list of sessions, yet they run, for a while also without their client. */
  commands: number;
  /** Why hosts and sessions are not known. */
  problem?: string;
};

/**
 * The status for people.
 * @param user whose sessions these are; undefined for everybody's, and each says whose it is
 */
export function statusText(status: AgentStatus, user: string | undefined, now = Date.now()): string {
  const { gateway, health, hosts, sessions, commands, problem } = status;
  const lines = gateway === undefined ? ['The gateway is not running'] : gatewayLines(gateway, health, now);
  if (problem === undefined) {
    for (const host of hosts) lines.push(hostLine(host, gateway?.buildId));
    lines.push(countLine(user ?? 'all users', sessions.length, commands));
    for (const session of sessions) lines.push(sessionLine(session, user === undefined));
  } else {
    lines.push(`Sessions are not known: ${problem}`);
  }
  return `${lines.join('\n')}\n`;
}

function gatewayLines(gateway: GatewayStatus, health: string | undefined, now: number): string[] {
  const { url, hostKey, pid, startedAt, version, buildId, metrics } = gateway;
  const since = new Date(startedAt).toISOString();
  const served = metrics === undefined ? '' : `  metrics ${metrics}`;
  return [
    `The gateway runs: ${url}  host key ${hostKey}  pid ${pid}  since ${since}`,
    `  up ${span(now - startedAt)}  version ${version}  build ${buildId}${served}`,
    ...(health === undefined ? [] : [`  health: ${health}`]),
  ];
}

function hostLine({ generation, pid, sessions, commands }: ShownHost, build: string | undefined): string {
  const isOld = build !== undefined && generation.split('-')[1] !== build.slice(0, 8);
  const counts = `${sessions} ${plural('session', sessions)}, ${commands} ${plural('command', commands)}`;
  return `  host ${generation}  pid ${pid ?? '?'}  ${counts}${isOld ? '  of another build' : ''}`;
}

function countLine(whose: string, sessions: number, commands: number): string {
  const oneShots = commands === 0 ? '' : `, and ${commands} ${plural('command', commands)} of holdfast run`;
  return `${sessions === 0 ? 'No' : sessions} ${plural('session', sessions)} of ${whose}${oneShots}`;
}

function sessionLine(session: ShownSession, withOwner: boolean): string {
  const { sessionId, name, owner, configurationName, command, holder } = session;
  const doing = command === undefined ? 'idle' : 'runs a command';
  const held = holder === undefined ? 'disconnected' : `held by ${holder.client} from ${holder.address}`;
  return `  ${sessionId}  ${withOwner ? `${owner}  ` : ''}${name}  ${configurationName}  ${doing}, ${held}`;
}

function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}

/** `3 d 4 h`, `2 h 5 min`, `40 s`. */
function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
