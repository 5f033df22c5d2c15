import { RemotingError } from '@holdfast/protocol';
import * as v from 'valibot';
import { MAX_TICKET_LIFETIME_MS } from '../auth/ticket-store.ts';
import { checkSettings, readTable } from '../config-table.ts';

const whole = (standard: number) => v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), standard);
const MIB = 1024 * 1024;

/** Limits and times of the gateway: the table `[gateway]` of the agent's configuration. */
export const GatewaySettings = v.strictObject({
  /** Connections that have not authenticated yet, in total and from one address, or IPv6 network of 64 bits. */
  maxUnauthenticated: whole(256),
  maxUnauthenticatedPerAddress: whole(64),
  /** Authenticated connections in total. */
  maxConnections: whole(4096),
  /** From the TCP connection to the end of authentication. */
  handshakeTimeoutMs: whole(10_000),
  /** For getent, id and chage to tell of an account; a directory service may stand behind them. */
  lookupMs: whole(5_000),
  /** After which a change of agent.toml counts for `[access]`: while it is written, it may lack the rule that keeps somebody out. */
  configSettledMs: whole(1_000),
  /** For a user's key file to be read with that user's rights; a home folder on the network may hang. */
  readKeysMs: whole(5_000),
  /** Where the agent serves one user: how long it counts that their account has, or has not, expired. */
  expiryKnownMs: whole(60_000),
  /** How long a client may come back by its ticket, without proving its key again. */
  ticketLifetimeMs: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_TICKET_LIFETIME_MS)),
    MAX_TICKET_LIFETIME_MS,
  ),
  /** Silence after which the gateway asks a client with a ping, and after which it gives the link up. */
  suspectAfterMs: whole(15_000),
  deadAfterMs: whole(30_000),
  /** Time for a session host to be reached, to greet, and to answer a question of the gateway's own. */
  hostAnswerMs: whole(2_000),
  /** The same for the hosts of other users who say that they let a client in: any program of theirs may stand there. */
  guestAnswerMs: whole(1_000),
  /** How long a session host that does not answer keeps clients from being told that their sessions there are lost. */
  hostGiveUpMs: whole(10 * 60_000),
  /** Time for the session hosts to end a client's idle sessions when it says goodbye. */
  goodbyeMs: whole(15_000),
  /** For the last frames of a client that has gone to be taken by its session host. */
  hostLingerMs: whole(5_000),
  /** Time for a new session host to start. */
  hostStartMs: whole(15_000),
  /** What clients are told to wait when the gateway stops. */
  retryAfterMs: whole(250),
  /** Time for open connections to take the last frames when the gateway stops. */
  closeGraceMs: whole(500),
  /** Requests of one client that wait for a session host; above it the client is not read. */
  maxPendingRequests: whole(1024),
  /** Bytes that wait for one client; above it the client is cut off, since it reads nothing. */
  maxQueuedBytes: whole(32 * MIB),
  /** Events that wait in memory while the disk does not take them; above it they are counted. */
  maxWaitingEvents: whole(10_000),
  /** After which the disk is tried again. */
  registryRetryMs: whole(1_000),
  /** Connections for metrics and health at once, and the time for a request to come. */
  maxMetricsConnections: whole(16),
  metricsRequestMs: whole(5_000),
  /** Where an agent serves all users: how long a gateway that is told to stop may take before it is killed. */
  gatewayStopMs: whole(10_000),
  /** ... and the wait before one that has ended is started again, which doubles up to the longest ... */
  restartPauseMs: whole(100),
  restartLongestPauseMs: whole(5_000),
  /** ... and begins anew with one that ran for so long. */
  restartSteadyMs: whole(10_000),
  /** Where an agent serves all users: the account that the gateway runs as, with no rights but the network. */
  user: v.optional(v.pipe(v.string(), v.minLength(1))),
  /** Web origins that may connect; a browser sends one, our own client does not. */
  allowedOrigins: v.optional(v.array(v.string()), []),
  /** Names and addresses by which clients may call this agent; without it by any, for the host key says who it is. */
  allowedHosts: v.optional(v.array(v.pipe(v.string(), v.minLength(1)))),
});
export type GatewaySettings = v.InferOutput<typeof GatewaySettings>;

/**
 * Reads the table `[gateway]` of the agent's configuration, and over it HOLDFAST_GATEWAY_SETTINGS, for example
 * `{"maxConnections":10}`; what neither names has its standard value.
 * @throws RemotingError InvalidSetting, one line that says where and what is wrong
 */
export function readGatewaySettings(configFile?: string, environment = '{}'): GatewaySettings {
  return { ...readTable(configFile, 'gateway', GatewaySettings), ...named(environment) };
}

function named(environment: string): Partial<GatewaySettings> {
  const where = 'HOLDFAST_GATEWAY_SETTINGS';
  let value: unknown;
  try {
    value = JSON.parse(environment);
  } catch (cause) {
    throw new RemotingError('InvalidSetting', `${where} is not JSON: ${environment}`, { cause });
  }
  const settings = checkSettings(where, GatewaySettings, value);
  const given = new Set(Object.keys(Object(value)));
  return Object.fromEntries(Object.entries(settings).filter(([name]) => given.has(name)));
}
