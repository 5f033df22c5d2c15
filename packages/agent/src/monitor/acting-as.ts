/**
 * Does `work` with the ids of a user as the effective ones, so that the kernel decides what it may open: nothing of it
 * may wait. This process must be root's, without supplementary groups.
 */
export function actingAs<T>({ uid, gid }: { uid: number; gid: number }, work: () => T): T {
  process.setegid?.(gid);
  try {
    process.seteuid?.(uid);
    try {
      return work();
    } finally {
      process.seteuid?.(0);
    }
  } finally {
    process.setegid?.(0);
  }
}
