import * as v from 'valibot';
import { RemotingError } from '@holdfast/protocol';

const milliseconds = (standard: number) => v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), standard);
const MINUTE_MS = 60 * 1000;

/** Time limits of the session host. The environment variable HOLDFAST_HOST_SETTINGS sets them, as a JSON object. */
export const HostSettings = v.strictObject({
  /** How long a client whose link is lost keeps what it held. */
  graceMs: milliseconds(4 * MINUTE_MS),
  /** A holder that is silent this long holds nobody off; its gateway asks it for a sign of life in good time. */
  takeAfterMs: milliseconds(30 * 1000),
  /** A watcher is sent the screen at most once in this time. */
  watchIntervalMs: milliseconds(40),
  /** A sleep of this machine in which an idle timeout ended is noticed within this time after it. */
  idleLookMs: milliseconds(30 * 1000),
  /** Shortest idle timeout that a client may ask for. */
  minIdleTimeoutMs: milliseconds(MINUTE_MS),
  /** A shell that gives no sign of life this long goes on as a raw terminal. */
  readyTimeoutMs: milliseconds(8 * 1000),
  /** A shell has exited, but a child keeps its terminal and stops or tears what ends its output: it is over after so long a silence. */
  endSilenceMs: milliseconds(500),
  /** On stop, SIGHUP is followed by SIGTERM after this time, and by SIGKILL after another `killAfterMs`. */
  termAfterMs: milliseconds(3 * 1000),
  killAfterMs: milliseconds(3 * 1000),
  /** How long a session that ended while nobody held it waits to be told of. */
  exitedKeepMs: milliseconds(60 * MINUTE_MS),
  /** The host ends itself after this time without sessions and clients. */
  idleExitMs: milliseconds(10 * MINUTE_MS),
  /** A host that runs has this long to answer whoever looks for one, and a new one to be ready. */
  answerMs: milliseconds(2 * 1000),
  startMs: milliseconds(10 * 1000),
  /** A client has this long to greet. */
  helloTimeoutMs: milliseconds(10 * 1000),
  /** For getent(1) to tell of the account that is granted something; a directory service may stand behind it. */
  lookupMs: milliseconds(5 * 1000),
  /** For stty(1) to tell how a terminal is set. */
  sttyMs: milliseconds(1000),
  /** How often the host looks whether its socket's file is still there. */
  socketCheckMs: milliseconds(3 * 1000),
  /** A command apart from its terminal that reads it, or has echo off, asks something when so long nothing came of it ... */
  askAfterMs: milliseconds(500),
  /** ... and after this where it only left a line unfinished, and who reads is not known: it may be a progress line. */
  askUnsureMs: milliseconds(5 * 1000),
  /** A disk that did not take output is tried again after this time, and works again when it took all that came so long. */
  diskRetryMs: milliseconds(1000),
  /** What a session prints is in its recording after this time; at once where the session ends with its recording. */
  recordingFlushMs: milliseconds(1000),
  /** Output of one session that is kept in memory before segment files continue it. */
  outputMemoryBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(4096)), 1024 * 1024),
});
export type HostSettings = v.InferOutput<typeof HostSettings>;

/**
 * Reads HOLDFAST_HOST_SETTINGS, for example `{"graceMs":2000}`; what it does not name has its standard value.
 * @throws RemotingError InvalidSetting when the text is not such an object
 */
export function parseHostSettings(text: string | undefined): HostSettings {
  try {
    return v.parse(HostSettings, JSON.parse(text ?? '{}'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RemotingError('InvalidSetting', `HOLDFAST_HOST_SETTINGS cannot be used: ${reason}`, { cause });
  }
}
