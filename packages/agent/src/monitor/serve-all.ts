import { stopAllSessions } from '../gateway/stop-sessions.ts';
import { nextSignal } from '../next-signal.ts';
import { VERSION } from '../version.ts';
import { describeGatewayUser } from './gateway-user.ts';
import { startMonitor, type MonitorOptions, type RunningMonitor } from './start-monitor.ts';

/**
 * Runs the agent for all users until SIGTERM or SIGINT: `holdfast-agent serve` as root. Prints when it listens, or why it
 * cannot.
 * @param options.stopSessions ends every session when the agent stops
 * @returns the exit status
 */
export async function serveAll(options: MonitorOptions & { stopSessions: boolean }): Promise<0 | 1> {
  let monitor: RunningMonitor;
  try {
    monitor = await startMonitor(options);
  } catch (error) {
    process.stderr.write(`holdfast-agent: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  const { url, hostKey, gatewayUser, hosts, settings, log } = monitor;
  const onFault = (error: unknown): void => {
    log('error', { message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  };
  process.on('uncaughtException', onFault).on('unhandledRejection', onFault);
  const signalled = nextSignal();
  process.stdout.write(`holdfast-agent ${VERSION} listening on ${url}  host key ${hostKey}\n`);
  process.stdout.write(`${describeGatewayUser(gatewayUser)}\n`);
  const signal = await signalled;
  if (options.stopSessions) {
    await stopAllSessions(hosts.forRoot(), settings).then((counts) => log('sessions.stopped', counts), onFault);
  }
  await monitor.stop(`The agent was stopped (${signal})`);
  return 0;
}
