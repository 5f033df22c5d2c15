import { nextSignal } from '../next-signal.ts';
import { VERSION } from '../version.ts';
import { startGateway, type GatewayOptions, type RunningGateway } from './start-gateway.ts';
import { stopAllSessions } from './stop-sessions.ts';

/**
 * Runs the gateway until SIGTERM or SIGINT: `holdfast-agent serve`. Prints one line when it listens, or why it cannot.
 * @returns the exit status
 */
export async function serve(options: GatewayOptions): Promise<0 | 1> {
  let gateway: RunningGateway;
  try {
    gateway = await startGateway(options);
  } catch (error) {
    process.stderr.write(`holdfast-agent: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  const { url, hostKey, warning, log } = gateway;
  const onFault = (error: unknown): void => {
    // The gateway holds nothing that a fault could spoil but the connection it happened on.
    log('error', { message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  };
  process.on('uncaughtException', onFault).on('unhandledRejection', onFault);
  const signalled = nextSignal();
  process.stdout.write(`holdfast-agent ${VERSION} listening on ${url}  host key ${hostKey}\n`);
  if (warning !== undefined) process.stdout.write(`Nobody can come in yet: ${warning}\n`);
  const signal = await signalled;
  if (options.stopSessions === true) {
    await stopAllSessions(gateway.hosts, gateway.settings).then((counts) => log('sessions.stopped', counts), onFault);
  }
  await gateway.stop(`The agent was stopped (${signal})`);
  return 0;
}
