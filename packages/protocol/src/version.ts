/** The WebSocket subprotocol; its number changes only when the frame layout does. */
export const SUBPROTOCOL = 'holdfast.v1';

/** Port of the gateway when none is named. */
export const DEFAULT_PORT = 7433;

/** An inclusive range of protocol versions that one side can speak. */
export type VersionRange = { min: number; max: number };

export const SUPPORTED_VERSIONS: VersionRange = { min: 1, max: 1 };

/** Highest version that both ranges hold, or undefined when they do not meet. */
export function negotiateVersion(ours: VersionRange, theirs: VersionRange): number | undefined {
  const version = Math.min(ours.max, theirs.max);
  return version >= Math.max(ours.min, theirs.min) ? version : undefined;
}
