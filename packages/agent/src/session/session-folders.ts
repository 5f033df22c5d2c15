import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Folders in which every session of a host makes its own. */
export type HostFolders = {
  /** Small and short-lived: commands and marks of drivers. */
  drivers: string;
  /** Output that memory does not hold. */
  output: string;
};

/** Makes the folders of one session, which only this user may enter. */
export function makeSessionFolders(host: HostFolders, instanceId: string): HostFolders {
  const folders = { drivers: join(host.drivers, instanceId), output: join(host.output, instanceId) };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folders;
}

/** Removes the folders of one session with all that is in them. */
export function removeSessionFolders(folders: HostFolders): void {
  for (const folder of Object.values(folders)) rmSync(folder, { recursive: true, force: true });
}
