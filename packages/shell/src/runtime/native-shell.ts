/** How a native command runs. */
export type NativeRun = {
  /** Absent: no input, or the terminal's where the output goes there. */
  readonly stdin: AsyncIterable<Uint8Array> | undefined;
  /**
   * Resolves when the bytes are used up; the command waits for that. Absent: its output is the terminal's, and so are its
   * errors and its keys; only for a shell that has one.
   */
  readonly onStdout: ((bytes: Uint8Array) => void | Promise<void>) | undefined;
  readonly onStderr: (bytes: Uint8Array) => void | Promise<void>;
  /** Nothing else runs meanwhile: the shell itself runs it, and keeps what it changes. */
  readonly alone: boolean;
  readonly signal: AbortSignal;
};

/** The shell in which native commands of a pipeline run. */
export interface NativeShell {
  /** Its working directory. */
  readonly cwd: string;
  /** Commands may have the terminal. */
  readonly hasTerminal: boolean;
  /** A command that runs alone may change the shell itself: its folder, its variables. */
  readonly isLasting: boolean;
  /** Runs shell text. @returns its exit status, 128 + n for a signal */
  run(text: string, options: NativeRun): Promise<number>;
  /** The exported variables as they are now. */
  environment(): Promise<ReadonlyMap<string, string>>;
  /** Exports a variable; without a value it is unset. */
  export(name: string, value: string | undefined): Promise<void>;
}
