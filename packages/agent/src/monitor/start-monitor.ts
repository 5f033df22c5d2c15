import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createUsersAuthorize } from '../auth/authorize-users.ts';
import { followAccessRules } from '../auth/follow-access-rules.ts';
import { loadHostKey } from '../auth/host-key.ts';
import type { Identity } from '../auth/identity.ts';
import { readKeysAs } from '../auth/read-keys.ts';
import { loadTicketStore } from '../auth/ticket-store.ts';
import { checkTrustFiles } from '../auth/trust-files.ts';
import { readConfig } from '../config.ts';
import { listenUrl, parseListenAddress } from '../gateway/listen-address.ts';
import { openLog } from '../log/log-settings.ts';
import type { Log } from '../log/log.ts';
import { readMetricsPlace } from '../gateway/metrics/metrics-settings.ts';
import { readGatewaySettings, type GatewaySettings } from '../gateway/settings.ts';
import { removeStatusFile, writeStatusFile } from '../gateway/status-file.ts';
import { hostKind } from '../host/host-directory.ts';
import { ownCommand } from '../own-command.ts';
import { BUILD_ID, VERSION } from '../version.ts';
import { ensureGatewayFolder, ensureOpenFolder } from './folders.ts';
import { GatewayProcess } from './gateway-process.ts';
import { findGatewayUser } from './gateway-user.ts';
import { hostStarter, type HostStarterOptions } from './host-starter.ts';
import { chooseHostStart } from './host-unit.ts';
import { MonitorDoor } from './monitor-door.ts';
import { UserHosts } from './user-hosts.ts';

export type MonitorOptions = {
  /** `ADDR:PORT`; port 0 takes a free one, and keeps it. */
  listen: string;
  stateDir: string;
  /** Gets a folder for each user. */
  runtimeDir: string;
  configFile?: string | undefined;
  hostKey?: string | undefined;
  /** What stands in for the gateway, in tests. */
  gatewayCommand?: readonly string[] | undefined;
};

/** The configuration when none is named, if there is one. */
const STANDARD_CONFIG = '/etc/holdfast/agent.toml';

/** An agent for all users, run by root. */
export type RunningMonitor = {
  url: string;
  hostKey: string;
  gatewayUser: Identity;
  hosts: UserHosts;
  settings: GatewaySettings;
  log: Log;
  /** Sends the clients away and lets go of everything; sessions are left as they are. */
  stop(reason: string): Promise<void>;
};

/**
 * Starts the monitor in this process, and the gateway in one of its own. The monitor has no network: it reads keys with
 * the rights of their users, verifies, starts session hosts and connects to them.
 * @throws RemotingError with a message fit for one line, when it cannot
 */
export async function startMonitor(options: MonitorOptions): Promise<RunningMonitor> {
  const { stateDir } = options;
  const configFile = options.configFile ?? (existsSync(STANDARD_CONFIG) ? STANDARD_CONFIG : undefined);
  const { record } = readConfig(configFile);
  const logging = openLog(configFile);
  const { log } = logging;
  const settings = readGatewaySettings(configFile, process.env['HOLDFAST_GATEWAY_SETTINGS']);
  const by = chooseHostStart(configFile, options.runtimeDir);
  const gatewayUser = await findGatewayUser(settings);
  becomeMonitor();
  ensureOpenFolder(stateDir);
  ensureOpenFolder(options.runtimeDir);
  const gatewayDir = path.join(stateDir, 'gateway');
  ensureGatewayFolder(gatewayDir, gatewayUser);
  const trust = await loadTrust(options, { configFile, log }, settings);
  const hosts = userHosts(options, settings, { by, configFile, limitMs: settings.hostStartMs });
  const hostKey = trust.hostKey.fingerprint;
  const about = { version: VERSION, buildId: BUILD_ID, startedAt: Date.now(), hostKey };
  const listen = parseListenAddress(options.listen);
  const door = new MonitorDoor({
    listen,
    start: { ...about, stateDir: gatewayDir, settings, record, metrics: readMetricsPlace(configFile) },
    desk: { trust, hosts, settings, product: `holdfast-agent ${VERSION}`, log },
  });
  const command = options.gatewayCommand ?? [...ownCommand(), 'gateway'];
  const gateway = new GatewayProcess({
    command,
    user: gatewayUser,
    hasLowPort: listen.port > 0 && listen.port < 1024,
    logging,
    limits: settings,
    onStart: (send) => door.serve(send),
  });
  gateway.start();
  const stop = async (reason: string): Promise<void> => {
    await gateway.stop(reason);
    removeStatusFile(stateDir);
    log('monitor.stopped', { reason });
  };
  try {
    const { metrics, ...address } = await door.listening;
    const url = listenUrl(address);
    writeStatusFile(stateDir, { url, metrics, ...about }, log);
    log('monitor.started', { url, pid: process.pid, gatewayUser: gatewayUser.user, hostsBy: by });
    return { url, hostKey, gatewayUser, hosts, settings, log, stop };
  } catch (error) {
    await stop('It does not listen');
    throw error;
  }
}

/** What it makes for others is as at a login, and no group of root's is with it when it acts as a user. */
function becomeMonitor(): void {
  process.umask(loginMask());
  process.setgroups?.([]);
}

async function loadTrust(
  { stateDir, hostKey: file }: MonitorOptions,
  { configFile, log }: { configFile: string | undefined; log: Log },
  { lookupMs, readKeysMs, ticketLifetimeMs, configSettledMs }: GatewaySettings,
) {
  const self = ownCommand();
  const rules = followAccessRules(configFile, { log, settledMs: configSettledMs });
  const [hostKey, tickets] = await Promise.all([
    loadHostKey({ stateDir, file, configFile }),
    loadTicketStore({ stateDir, lifetimeMs: ticketLifetimeMs }),
    checkTrustFiles(rules()),
  ]);
  const authorize = createUsersAuthorize({
    get rules() {
      return rules();
    },
    lookupMs,
    readKeys: (owner, keys) => readKeysAs({ self, limitMs: readKeysMs }, owner, keys),
  });
  return { hostKey, tickets, authorize };
}

function userHosts(
  { runtimeDir }: MonitorOptions,
  { lookupMs }: GatewaySettings,
  options: HostStarterOptions,
): UserHosts {
  const kind = hostKind(BUILD_ID, options.configFile);
  return new UserHosts({ runtimeDir, kind, lookupMs, startHost: hostStarter(options) });
}

/** The umask of a login (login.defs(5)); what PAM would make of it is out of reach. */
function loginMask(): number {
  try {
    const found = /^\s*UMASK\s+([0-7]+)/m.exec(readFileSync('/etc/login.defs', 'utf8'))?.[1];
    return found === undefined ? 0o022 : Number.parseInt(found, 8);
  } catch {
    // There is no such file: what it says without one.
    return 0o022;
  }
}
