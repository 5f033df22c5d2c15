import { RemotingError } from '@holdfast/protocol';
import * as v from 'valibot';

/** Every limit of the client library. Times are milliseconds; design.md, "The wire", gives the reasons. */
export const CLIENT_SETTINGS = {
  /** For the first connection: to reach the host and to be greeted by it. */
  connectTimeoutMs: 10_000,
  /** For one attempt to restore a lost link. */
  attemptTimeoutMs: 3_000,
  /** Attempts that may be under way at once, each with its own socket. */
  attemptsAtOnce: 3,
  /** The first attempt comes within this time, so that all clients of a host that restarts do not come at once. */
  firstSpreadMs: 100,
  /** Between two attempts while somebody looks, half more or less. */
  retryStepMs: 250,
  /** After so long, or with nobody looking, the step doubles ... */
  patientAfterMs: 5 * 60_000,
  /** ... up to this one. */
  patientStepMs: 10_000,
  /** A silent link is asked for a sign of life after this. */
  pingIntervalMs: 10_000,
  /** Silence that makes a link suspect: a second one is started beside it. */
  suspectAfterMs: 15_000,
  /** Silence that ends a link. */
  deadAfterMs: 30_000,
  /** A timer that is so late, or a wall clock that is so far off, means that this machine slept. */
  stallMs: 2_000,
  /** For the answer to the ping after a wake-up. */
  probeTimeoutMs: 2_000,
  /** Something sent and unanswered for this long, or for so many round trips if that is longer, makes a link suspect. */
  unansweredMs: 1_000,
  unansweredRoundTrips: 4,
  /** Output handed to a view and not yet taken by its terminal; what is behind it can still be skipped. */
  handedOutBytes: 32 * 1024,
  /** Typed bytes that wait here for the host: above this the person's terminal is not read on ... */
  inputQueueBytes: 16 * 1024 * 1024,
  /** ... and when the host has taken none of them for so long, what is typed is refused. */
  inputStallMs: 10_000,
  /** Three links in a row that end by a protocol error, each younger than this, are no accident, and end the connection. */
  youngLinkMs: 10_000,
  /** For a link that is closed here to say so to the host. */
  closeMs: 1_000,
  /** For ssh-agent to say what it holds, and to sign, for which it may ask its user. */
  sshAgentListMs: 3_000,
  sshAgentSignMs: 60_000,
  /** For the answer to a goodbye. */
  goodbyeTimeoutMs: 5_000,
  /** For the local session host to start. */
  hostStartTimeoutMs: 20_000,
  /** A local session host whose socket is missing for so long has ended; one that was only removed is bound anew. */
  hostGoneMs: 2_000,
  /** From the interrupt of a stopped one-shot, or command of this machine, to its kill; of one in a session to where it is left running. */
  killAfterMs: 2_000,
  /** How long a line stands that is said for a moment at the prompt or over a program. */
  noticeMs: 5_000,
  /** Keys wait this long for a local shell that is starting; after that something in it may be asking for them. */
  startKeysMs: 1_000,
  /** A link that hangs keeps keys that are on their way from the next prompt no longer than this. */
  keysSettleMs: 500,
  /** For each step of `holdfast doctor` that waits on the network. */
  doctorStepMs: 5_000,
};

export type ClientSettings = typeof CLIENT_SETTINGS;

const overrides = v.record(v.string(), v.pipe(v.number(), v.minValue(0)));

/**
 * The defaults with the overrides of the environment (HOLDFAST_CLIENT_SETTINGS, a JSON object) and of the caller.
 * @throws RemotingError InvalidSetting for text that is no such object
 */
export function resolveClientSettings(
  own: Partial<ClientSettings> = {},
  environment: NodeJS.ProcessEnv = process.env,
): ClientSettings {
  const text = environment['HOLDFAST_CLIENT_SETTINGS'];
  const fromEnvironment = text === undefined || text === '' ? {} : parseOverrides(text);
  return { ...CLIENT_SETTINGS, ...fromEnvironment, ...own };
}

function parseOverrides(text: string): Record<string, number> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(`HOLDFAST_CLIENT_SETTINGS is not JSON: ${text}`, cause);
  }
  const checked = v.safeParse(overrides, value);
  if (!checked.success) throw invalid(`HOLDFAST_CLIENT_SETTINGS is not an object of numbers: ${text}`);
  const unknown = Object.keys(checked.output).find((name) => !Object.hasOwn(CLIENT_SETTINGS, name));
  if (unknown !== undefined) throw invalid(`HOLDFAST_CLIENT_SETTINGS has an unknown setting ${unknown}`);
  return checked.output;
}

function invalid(message: string, cause?: unknown): RemotingError {
  return new RemotingError('InvalidSetting', message, { cause });
}
