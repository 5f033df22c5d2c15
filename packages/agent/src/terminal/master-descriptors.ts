import { closeSync, openSync } from 'node:fs';

/**
 * Numbers of the PTY masters that are open in this process. They have no FD_CLOEXEC and Node cannot set it, so that
 * every child would inherit them and could type into other sessions.
 */
const masters = new Set<number>();

/** Must follow the opening of a master at once. */
export function addMaster(fd: number): void {
  masters.add(fd);
}

/** Must precede the closing of a master. */
export function removeMaster(fd: number): void {
  masters.delete(fd);
}

/**
 * Runs `fork`, whose child makes its descriptors close-on-exec from 3 up to the first gap behind 15 (node-pty's
 * fallback for close_range) and first makes a gap where the new master was. So all gaps below the highest master are
 * filled meanwhile, and the new master gets a number above all others. A thread that closes a descriptor in this very
 * instant could open a gap; then a session of this user sees another session of this user.
 */
export function withoutGaps<T>(fork: () => T): T {
  const highest = Math.max(...masters, 0);
  const plugs: number[] = [];
  try {
    let next = openSync('/dev/null', 'r');
    while (next < highest) {
      plugs.push(next);
      next = openSync('/dev/null', 'r');
    }
    closeSync(next);
    return fork();
  } finally {
    for (const plug of plugs) closeSync(plug);
  }
}

/** Entries of child_process's `stdio` option. */
export type StdioEntry = 'pipe' | 'ignore' | 'inherit' | 'ipc' | number;

/**
 * The `stdio` option for child_process.spawn() under which the child has /dev/null where this process has a PTY
 * master: libuv copies descriptors that it was given over the inherited ones. Each such spawn must use it; `close`
 * (or `using`) frees the descriptor of /dev/null after spawn() has returned.
 */
export function stdioWithoutMasters(stdio: readonly StdioEntry[]): {
  stdio: StdioEntry[];
  close: () => void;
  [Symbol.dispose]: () => void;
} {
  const length = Math.max(stdio.length - 1, ...masters) + 1;
  const nothing = masters.size > 0 ? openSync('/dev/null', 'r') : undefined;
  const entries = Array.from({ length }, (_, fd): StdioEntry => {
    const asked = stdio[fd];
    if (asked !== undefined) return asked;
    return nothing !== undefined && masters.has(fd) ? nothing : 'ignore';
  });
  const close = (): void => {
    if (nothing !== undefined) closeSync(nothing);
  };
  return { stdio: entries, close, [Symbol.dispose]: close };
}
