import { constants, fstatSync, openSync, closeSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';

/** Takes lines of the log. */
export type LogOutput = {
  /** Never waits and never throws. */
  write(line: string): void;
  /** Lines that were not taken: all, and those since the last one that was. */
  readonly dropped: number;
  readonly unsaid: number;
  /** Opens the file anew, after somebody moved it away. */
  reopen(): void;
};

/** Bytes that may wait for whoever reads a socket. */
const MAX_WAITING = 256 * 1024;

/** Counts what a way of writing does not take. */
class CountedOutput implements LogOutput {
  dropped = 0;
  unsaid = 0;
  readonly reopen: () => void;
  readonly #take: (line: string) => boolean;

  /** @param take false, or an error, when the line was not taken */
  constructor(take: (line: string) => boolean, reopen: () => void = ignore) {
    this.#take = take;
    this.reopen = reopen;
  }

  write(line: string): void {
    if (this.#isTaken(line)) {
      this.unsaid = 0;
    } else {
      this.dropped += 1;
      this.unsaid += 1;
    }
  }

  #isTaken(line: string): boolean {
    try {
      return this.#take(line);
    } catch {
      // Nowhere is left to say it but the next line: a full pipe, a full disk, a closed terminal.
      return false;
    }
  }
}

/** A descriptor that this process was given: a pipe, a terminal, a file, or a socket, as of the journal. */
export function openDescriptor(descriptor: number): LogOutput {
  const stat = fstatSync(descriptor);
  if (stat.isSocket()) return openSocket(descriptor);
  // Never full for long; and with a place of its own in it, others who write there would write over each other's lines.
  if (stat.isFile()) return new CountedOutput((line) => writeSync(descriptor, line) > 0);
  // A second open file, so that O_NONBLOCK does not change the one that is shared with whoever started this process.
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK;
  const out = openSync(`/proc/self/fd/${descriptor}`, flags);
  return new CountedOutput((line) => writeSync(out, line) > 0);
}

/**
 * A file that is appended to, made for its owner and group only.
 * @throws Error of node:fs
 */
export function openFile(file: string): LogOutput {
  const open = (): number => openSync(file, 'a', 0o640);
  let descriptor = open();
  return new CountedOutput(
    (line) => writeSync(descriptor, line) > 0,
    () => {
      const former = descriptor;
      descriptor = open();
      closeSync(former);
    },
  );
}

/** A socket has no name in /proc to open it by; Node writes to it without waiting, and keeps what does not fit. */
function openSocket(descriptor: number): LogOutput {
  const socket = new Socket({ fd: descriptor, readable: false, writable: true });
  // What is written afterwards is not taken.
  socket.on('error', ignore).unref();
  return new CountedOutput((line) => {
    if (!socket.writable || socket.writableLength + line.length > MAX_WAITING) return false;
    socket.write(line);
    return true;
  });
}

function ignore(): void {}
