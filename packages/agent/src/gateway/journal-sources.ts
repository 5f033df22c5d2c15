import type { HostLink } from './host-link.ts';
import type { HostLinks } from './host-links.ts';

/** Where a gateway gets the journals of session hosts from. */
export interface JournalSources {
  /** A client's link to the session host for its new sessions is up. */
  onLink(link: HostLink): void;
  /** The client of a link has gone, which is closed when this is over: never later than a session host may answer. Never throws. */
  lastLook(link: HostLink): Promise<void>;
  /**
   * Takes in what a client may ask for now, from the session hosts that `links` reach if need be: those of `user`, who is a
   * guest at others, or of all. Never throws.
   */
  refresh(links: HostLinks, user: string | undefined): Promise<void>;
  /** Looks no more; the record may be closed then. */
  close(): Promise<void>;
}
