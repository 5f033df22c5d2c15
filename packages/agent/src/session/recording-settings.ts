/** How the sessions of a configuration are recorded. */
export type RecordingSettings = {
  enabled: boolean;
  /** What ends when no more can be recorded: the session, which then shows nothing unrecorded, or the recording. */
  onFullDisk: 'stopSession' | 'stopRecording';
  /** A recording of this size is full too. */
  maxBytes: number;
};
