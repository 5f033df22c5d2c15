/** How a native command runs: its streams are pipes. */
export type NativeRun = {
  /** Absent: no input. */
  readonly stdin: AsyncIterable<Uint8Array> | undefined;
  /** Resolves when the bytes are used up; the command waits for that. */
  readonly onStdout: (bytes: Uint8Array) => void | Promise<void>;
  readonly onStderr: (bytes: Uint8Array) => void | Promise<void>;
  readonly signal: AbortSignal;
};

/** The shell in which native commands of a pipeline run. */
export interface NativeShell {
  /** Its working directory. */
  readonly cwd: string;
  /** Runs shell text. @returns its exit status, 128 + n for a signal */
  run(text: string, options: NativeRun): Promise<number>;
}
