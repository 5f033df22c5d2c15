import { userInfo } from 'node:os';
import { createAuthorize, whyNobody } from '../auth/authenticate.ts';
import { followAccessRules } from '../auth/follow-access-rules.ts';
import { loadHostKey } from '../auth/host-key.ts';
import { loadTicketStore } from '../auth/ticket-store.ts';
import { loadTlsCertificate } from '../auth/tls-certificate.ts';
import { checkTrustFiles } from '../auth/trust-files.ts';
import { readConfig } from '../config.ts';
import { ensurePrivateFolder, ensureStateFolder, standardConfigFile } from '../host/folders.ts';
import { hostKind } from '../host/host-directory.ts';
import { startedHost } from '../host/started-host.ts';
import { ownCommand } from '../own-command.ts';
import { BUILD_ID, VERSION } from '../version.ts';
import { ownDoor } from './door.ts';
import { FolderJournals } from './folder-journals.ts';
import { Gateway } from './gateway.ts';
import { listenFailure, listenUrl, parseListenAddress } from './listen-address.ts';
import { openLog } from '../log/log-settings.ts';
import type { Log } from '../log/log.ts';
import { Counters } from './metrics/counters.ts';
import { readMetricsPlace, type MetricsPlace } from './metrics/metrics-settings.ts';
import { serveMetrics } from './metrics/serve-metrics.ts';
import { Registry } from './registry.ts';
import { SessionHosts } from './session-hosts.ts';
import { readGatewaySettings, type GatewaySettings } from './settings.ts';
import { removeStatusFile, writeStatusFile } from './status-file.ts';

export type GatewayOptions = {
  /** `ADDR:PORT`; port 0 takes a free one. */
  listen: string;
  stateDir: string;
  runtimeDir: string;
  /** The agent's configuration, which the session hosts read. */
  configFile?: string | undefined;
  /** Keys that open the agent's own user; else that user's `~/.ssh/authorized_keys`. */
  authorizedKeys?: string | undefined;
  hostKey?: string | undefined;
  /** Ends every session when the gateway stops. */
  stopSessions?: boolean;
  version?: string;
  buildId?: string;
  /** Starts a session host and prints its socket; `holdfast-agent host --ensure` of this program by default. */
  hostCommand?: readonly string[];
  settings?: GatewaySettings;
  /** Else as the configuration says. */
  metrics?: MetricsPlace;
  log?: Log;
};

/** A gateway that listens. */
export type RunningGateway = {
  url: string;
  /** Where metrics and health are, if the configuration asks for them. */
  metricsUrl: string | undefined;
  port: number;
  /** Fingerprint of the host key. */
  hostKey: string;
  /** Why nobody can come in as things are, for whoever starts it. */
  warning: string | undefined;
  hosts: SessionHosts;
  settings: GatewaySettings;
  log: Log;
  /** Sends the clients away and lets go of everything; sessions are left as they are. */
  stop(reason: string): Promise<void>;
};

/**
 * Starts a gateway in this process.
 * @throws RemotingError or Error of Node, with a message fit for one line, when it cannot
 */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { stateDir, runtimeDir, configFile, version = VERSION, buildId = BUILD_ID } = options;
  const listen = parseListenAddress(options.listen);
  // A session host reads them, but whoever starts the agent is to be told now.
  const config = configFile ?? standardConfigFile();
  const { record } = readConfig(config);
  const settings = options.settings ?? readGatewaySettings(config, process.env['HOLDFAST_GATEWAY_SETTINGS']);
  const log = options.log ?? openLog(config).log;
  const access = await ownAccess(options.authorizedKeys, { config, settings, log });
  // Whoever could change its keys could be this agent.
  ensureStateFolder(stateDir);
  // Whoever could put a socket there would get all that users type.
  ensurePrivateFolder(runtimeDir);
  const registry = new Registry(stateDir, { ...settings, ...record }, log);
  const [hostKey, tickets, certificate] = await Promise.all([
    loadHostKey({ stateDir, file: options.hostKey, configFile: config }),
    loadTicketStore({ stateDir, lifetimeMs: settings.ticketLifetimeMs }),
    loadTlsCertificate(stateDir),
  ]);
  const hosts = ownHosts(options, buildId, settings);
  const authorize = createAuthorize(access);
  const warning = await whyNobody(access);
  const startedAt = Date.now();
  const identity = { version, buildId, pid: process.pid, startedAt, user: userInfo().username };
  const door = ownDoor({ hostKey, tickets, authorize, hosts });
  const journals = new FolderJournals({ stateDir, user: identity.user, registry, log, everyMs: record.collectEveryMs });
  const context = { identity, settings, registry, journals, log, door, counters: new Counters() };
  const gateway = new Gateway(context);
  try {
    const address = await gateway.listen(listen, certificate);
    const url = listenUrl(address);
    const served = await serveMetrics(options.metrics ?? readMetricsPlace(config), { context, gateway });
    const about = { url, hostKey: hostKey.fingerprint, version, buildId };
    writeStatusFile(stateDir, { ...about, startedAt, metrics: served?.url }, log);
    log('gateway.started', { ...about, pid: process.pid });
    const stop = async (reason: string): Promise<void> => {
      served?.close();
      await gateway.stop(reason);
      removeStatusFile(stateDir);
      await journals.close();
      registry.close();
      log('gateway.stopped', { reason });
    };
    return {
      url,
      metricsUrl: served?.url,
      port: address.port,
      hostKey: hostKey.fingerprint,
      warning,
      hosts,
      settings,
      log,
      stop,
    };
  } catch (error) {
    await gateway.stop('It does not start');
    await journals.close();
    registry.close();
    throw listenFailure(error, options.listen);
  }
}

/** By what it is decided who may come in, with the rules as they are then. @throws RemotingError InvalidSetting or KeyFileUnusable */
async function ownAccess(
  authorizedKeysFile: string | undefined,
  { config, settings, log }: { config: string | undefined; settings: GatewaySettings; log: Log },
) {
  const rules = followAccessRules(config, { log, settledMs: settings.configSettledMs });
  await checkTrustFiles(rules());
  return {
    ...settings,
    authorizedKeysFile,
    get trustFiles() {
      return rules();
    },
  };
}

function ownHosts(options: GatewayOptions, buildId: string, { hostStartMs }: GatewaySettings): SessionHosts {
  const { runtimeDir, stateDir, configFile } = options;
  const config = configFile === undefined ? [] : ['--config', configFile];
  const command = options.hostCommand ?? [...ownCommand(), 'host', '--ensure', ...config];
  const env = { ...process.env, HOLDFAST_RUNTIME_DIR: runtimeDir, HOLDFAST_STATE_DIR: stateDir };
  const startHost = (): Promise<string> => startedHost(command, { env, timeLimitMs: hostStartMs, cwd: '/' });
  return new SessionHosts({ runtimeDir, kind: hostKind(buildId, configFile), startHost });
}
