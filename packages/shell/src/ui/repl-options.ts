import type { PSSession } from '../client/ps-session.ts';
import type { Remoting } from '../client/remoting.ts';
import type { Host } from '../runtime/host.ts';

/** What the prompt is made with. */
export type ReplOptions = {
  version: string;
  settings: { sessionPrompt: string; localPrompt: string; escapeKey: number; historyFile: string };
  /** Makes the client; it may ask its questions through the host. */
  createRemoting: (host: Host) => Remoting;
  /**
   * Enters this session instead of opening a local one; leaving it ends the prompt (`holdfast enter`). Undefined when the host
   * has been asked already for what there was to do.
   */
  enter?: (
    remoting: Remoting,
    host: Host,
    signal: AbortSignal,
  ) => Promise<{ session: PSSession; temporary: boolean } | undefined>;
};
