import { closeSync, readFileSync, readdirSync } from 'node:fs';

const O_CLOEXEC = 0o2000000;

/**
 * Closes descriptors that this process was given by whoever started it, except standard streams and `kept`. A host
 * outlives its starter, whose pipes it must neither keep open nor pass on. What Node opens itself is close-on-exec,
 * so it is told apart (proc_pid_fdinfo(5)); call this before anything else opens descriptors.
 */
export function closeInheritedDescriptors(kept: number | undefined): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const descriptor = Number(name);
    if (descriptor > 2 && descriptor !== kept && isInherited(descriptor)) closeSync(descriptor);
  }
}

function isInherited(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    // The descriptor by which the folder was read is closed by now.
    return false;
  }
}
