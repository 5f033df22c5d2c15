import { accessSync, constants } from 'node:fs';
import { userInfo } from 'node:os';
import { RemotingError } from '@holdfast/protocol';
import * as v from 'valibot';
import { loadTlsCertificate } from '../auth/tls-certificate.ts';
import { FromMonitor, type GatewayStart } from '../monitor/messages.ts';
import { Gateway } from './gateway.ts';
import { listenFailure, listenUrl } from './listen-address.ts';
import { LinkJournals } from './link-journals.ts';
import { openDescriptor } from '../log/log-output.ts';
import { LOG_LEVELS, createLog, type Log } from '../log/log.ts';
import { Counters } from './metrics/counters.ts';
import { serveMetrics } from './metrics/serve-metrics.ts';
import { MonitorLink } from './monitor-link.ts';
import { Registry } from './registry.ts';

/** The monitor reads the log here, and puts it where its own is. */
const LOG_DESCRIPTOR = 4;

/**
 * `holdfast-agent gateway`, the network side of an agent that serves all users: started by its monitor, with no rights but
 * the network's. Ends with the monitor.
 * @returns the exit status
 */
export async function runGateway(): Promise<number> {
  const level = LOG_LEVELS.find((name) => name === process.env['HOLDFAST_LOG_LEVEL']);
  const log = createLog(openDescriptor(LOG_DESCRIPTOR), level);
  const onFault = (error: unknown): void => {
    log('error', { message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  };
  process.on('uncaughtException', onFault).on('unhandledRejection', onFault);
  // A terminal's Ctrl-C is the monitor's to answer.
  process.on('SIGINT', () => undefined);
  const send = (message: object): void => {
    if (process.connected) process.send?.(message);
  };
  let link: MonitorLink | undefined;
  const stopping = Promise.withResolvers<string>();
  const starting = Promise.withResolvers<{ start: GatewayStart; door: MonitorLink }>();
  process.on('message', (words, socket) => {
    const message = v.parse(FromMonitor, words);
    if (message.type === 'gateway.start') {
      link = new MonitorLink(send, message.settings.lookupMs);
      starting.resolve({ start: message, door: link });
    } else if (message.type === 'gateway.stop') stopping.resolve(message.reason);
    // Bytes were turned into bytes by the schema; the link takes them as they came.
    else link?.take(words as v.InferInput<typeof FromMonitor>, socket);
  });
  // Without the monitor nobody can come in, and the next monitor starts a gateway of its own.
  process.on('disconnect', () => process.exit(1));
  process.once('SIGTERM', () => stopping.resolve('The gateway was stopped'));
  try {
    const stop = await listen(await starting.promise, { log, send });
    await stop(await stopping.promise);
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await new Promise<void>((resolve) => process.send?.({ type: 'gateway.failed', message }, () => resolve()));
    return 1;
  } finally {
    // The channel would keep this process alive.
    process.removeAllListeners('disconnect');
    if (process.connected) process.disconnect();
  }
}

async function listen(
  { start, door }: { start: GatewayStart; door: MonitorLink },
  { log, send }: { log: Log; send: (message: object) => void },
): Promise<(reason: string) => Promise<void>> {
  const { stateDir, settings, record, version, buildId, startedAt, hostKey } = start;
  const user = userInfo().username;
  assertReachable(stateDir, user);
  const registry = new Registry(stateDir, { ...settings, ...record }, log);
  const identity = { version, buildId, pid: process.pid, startedAt, user };
  const journals = new LinkJournals(registry, {
    answerMs: settings.hostAnswerMs,
    limits: { bytes: record.journalBytes, bytesPerSecond: record.collectBytesPerSecond },
    log,
  });
  const context = { identity, settings, registry, journals, log, door, counters: new Counters() };
  const gateway = new Gateway(context);
  try {
    const address = await gateway.listen(start.listen, await loadTlsCertificate(stateDir));
    log('gateway.started', { url: listenUrl(address), hostKey, version, buildId, pid: process.pid, user });
    const served = await serveMetrics(start.metrics, { context, gateway });
    send({ type: 'gateway.listening', ...address, metrics: served?.url });
    return async (reason) => {
      served?.close();
      await gateway.stop(reason);
      await journals.close();
      registry.close();
      log('gateway.stopped', { reason });
    };
  } catch (error) {
    registry.close();
    throw listenFailure(error, `${start.listen.host}:${start.listen.port}`);
  }
}

/** @throws RemotingError InvalidSetting */
function assertReachable(stateDir: string, user: string): void {
  try {
    accessSync(stateDir, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const message = `The gateway, as ${user}, does not get to ${stateDir}: choose another --state-dir, or chmod o+x the folders above it`;
    throw new RemotingError('InvalidSetting', message, { target: stateDir, cause });
  }
}
