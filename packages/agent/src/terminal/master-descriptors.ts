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
 * Runs `fork`, whose child marks its descriptors close-on-exec from 3 up to the first gap behind 15 (node-pty's
 * fallback for close_range): fills all gaps below the highest master meanwhile, but for one, which the new master
 * takes; so numbers do not grow with time. Another thread that closes a descriptor in this instant could open a gap;
 * then a session of this user sees another session of this user.
 */
export function withoutGaps<T>(fork: () => T): T {
  const highest = Math.max(...masters, 0);
  const plugs: number[] = [];
  try {
    do plugs.push(openSync('/dev/null', 'r'));
    while ((plugs.at(-1) ?? 0) < highest);
    const lowest = plugs.shift();
    if (lowest !== undefined) closeSync(lowest);
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
