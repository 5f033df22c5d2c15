/** What the gateway counts from its start on. */
export const COUNTED = {
  admitted: {
    name: 'holdfast_clients_admitted_total',
    label: 'how',
    help: 'Clients let in: by key, or again by ticket.',
  },
  refused: {
    name: 'holdfast_connections_refused_total',
    label: 'reason',
    help: 'Connections that did not get in, by the reason.',
  },
  keysRefused: {
    name: 'holdfast_keys_refused_total',
    label: undefined,
    help: 'Keys and tickets that were offered and not accepted.',
  },
  acts: { name: 'holdfast_acts_total', label: 'act', help: 'What clients did with sessions.' },
  hostsLost: {
    name: 'holdfast_session_hosts_lost_total',
    label: undefined,
    help: 'Session hosts that went away while a client had a session there.',
  },
} as const;
export type Counted = keyof typeof COUNTED;

/** Frames and bytes between this gateway and its clients. */
export type Traffic = { framesIn: number; bytesIn: number; framesOut: number; bytesOut: number };

/** Counts for the metrics; labels are words of ours, never what a client says, so that there are few. */
export class Counters {
  readonly traffic: Traffic = { framesIn: 0, bytesIn: 0, framesOut: 0, bytesOut: 0 };
  readonly #counts = new Map<Counted, Map<string, number>>();

  add(what: Counted, label = ''): void {
    const counts = this.#counts.get(what) ?? new Map<string, number>();
    this.#counts.set(what, counts);
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }

  /** Each label with its count. */
  of(what: Counted): [label: string, count: number][] {
    return [...(this.#counts.get(what) ?? [])];
  }
}
