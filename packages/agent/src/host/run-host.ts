import { closeSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { followConfig } from '../config.ts';
import { parseHostSettings } from '../session/host-settings.ts';
import { BUILD_ID, VERSION } from '../version.ts';
import { runtimeFolder, standardConfigFile, stateFolder } from './folders.ts';
import { findHosts, hostKind, removeDeadHosts, type HostPlace } from './host-directory.ts';
import { closeInheritedDescriptors } from './inherited-descriptors.ts';
import { SessionHost } from './session-host.ts';

const STDERR = 2;

/** How `holdfast-agent host --foreground` was called. */
export type RunHostOptions = {
  /** Absolute. */
  configFile: string | undefined;
  /** Descriptor on which its place is said once it answers; none: standard output. */
  readyDescriptor: number | undefined;
};

/**
 * Runs a session host in this process until it is idle long enough or told to stop. If another of the same kind was
 * first, says where that one is instead.
 * @throws RemotingError for settings, configuration and folders that cannot be used
 */
export async function runHost(options: RunHostOptions): Promise<void> {
  closeInheritedDescriptors(options.readyDescriptor);
  const settings = parseHostSettings(process.env['HOLDFAST_HOST_SETTINGS']);
  const folders = { runtimeFolder: runtimeFolder(), stateFolder: stateFolder() };
  const config = followConfig(options.configFile ?? standardConfigFile(), log);
  const kind = hostKind(BUILD_ID, options.configFile);
  const finished = Promise.withResolvers<void>();
  const host = await SessionHost.start({
    ...folders,
    config,
    settings,
    version: VERSION,
    buildId: BUILD_ID,
    kind,
    log,
    onIdle: finished.resolve,
  });
  const first = await firstOfKind(folders.runtimeFolder, kind, host.place, settings.answerMs);
  if (first !== undefined) {
    await host.close();
    sayReady(first, options.readyDescriptor);
    return;
  }
  // What goes wrong in one session has ended that session; the others are not to suffer for it.
  process.on('uncaughtException', (error) => log(`error: ${error.stack ?? error.message}`));
  process.on('unhandledRejection', (reason) =>
    log(`error: ${reason instanceof Error ? reason.stack : String(reason)}`),
  );
  process.on('SIGHUP', () => undefined);
  process.on('SIGPIPE', () => undefined);
  process.once('SIGTERM', finished.resolve).once('SIGINT', finished.resolve);
  host.open();
  sayReady(host.place, options.readyDescriptor);
  void removeDeadHosts(
    folders.runtimeFolder,
    join(folders.stateFolder, 'output'),
    AbortSignal.timeout(settings.answerMs),
  );
  await finished.promise;
  await host.close();
}

/** Two that start at once see each other: the younger leaves. */
async function firstOfKind(
  folder: string,
  kind: string,
  own: HostPlace,
  answerMs: number,
): Promise<HostPlace | undefined> {
  const hosts = await findHosts(folder, kind, AbortSignal.timeout(answerMs), own.generation);
  return hosts.at(-1);
}

function sayReady(place: HostPlace, descriptor: number | undefined): void {
  writeSync(descriptor ?? 1, `${JSON.stringify(place)}\n`);
  if (descriptor !== undefined) closeSync(descriptor);
}

/** Never throws, nor ends the stream for ever, as process.stderr would on a full disk. */
function log(line: string): void {
  try {
    writeSync(STDERR, `${new Date().toISOString()} host ${process.pid}: ${line}\n`);
  } catch {
    // Nowhere is left to say it.
  }
}
