/** Takes typed bytes as they come. */
export type TerminalReader = (bytes: Buffer) => void;

/** The person's terminal: bytes in, bytes out, size. It is lent to one reader at a time. */
export interface Terminal {
  /** Size in cells. */
  readonly columns: number;
  readonly rows: number;
  /** Writes in order; `done` is called when the terminal has taken the bytes, however slow it is. */
  write(data: string | Uint8Array, done?: () => void): void;
  /** Typed bytes go to `reader` from now on; with undefined they are held until the next one. */
  read(reader: TerminalReader | undefined): void;
  /** When something was typed last, performance.now() milliseconds; -Infinity before. */
  readonly typedAt: number;
  /** Bytes were typed or put back that nobody has read. */
  readonly waiting: boolean;
  /** Puts bytes that were not the reader's before those that are to come. */
  unread(bytes: Buffer): void;
  /** @returns a function that ends the listening */
  onResize(listener: (columns: number, rows: number) => void): () => void;
}
