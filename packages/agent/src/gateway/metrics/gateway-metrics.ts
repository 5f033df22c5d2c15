import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { GatewayContext } from '../gateway-context.ts';
import { COUNTED, type Counted } from './counters.ts';
import { DroppedOutput } from './dropped-output.ts';
import { expose, type Family, type Sample } from './exposition.ts';
import type { SessionFigures } from './session-figures.ts';

/** What is there at this moment. */
export type GatewayFigures = {
  /** False once it has stopped to. */
  listens: boolean;
  /** Connections that have not authenticated, and clients. */
  waiting: number;
  clients: number;
  /** Bytes that wait for clients to read: all, and the client with most. */
  queuedBytes: number;
  largestQueueBytes: number;
};

export type MetricsSource = {
  context: GatewayContext;
  figures: () => GatewayFigures;
};

const NS_PER_SECOND = 1e9;

/** The figures of one gateway, for Prometheus and for whoever asks whether it is well. */
export class GatewayMetrics {
  readonly #source: MetricsSource;
  readonly #loopDelay = monitorEventLoopDelay({ resolution: 10 });
  readonly #dropped = new DroppedOutput();
  /** Those who ask at the same time share one question. */
  #counting: Promise<SessionFigures> | undefined;

  constructor(source: MetricsSource) {
    this.#source = source;
    this.#loopDelay.enable();
  }

  close(): void {
    this.#loopDelay.disable();
  }

  /** Why the gateway is not well, in one line; undefined when it is. */
  async problem(): Promise<string | undefined> {
    const { context, figures } = this.#source;
    const { listens, clients } = figures();
    const { maxConnections } = context.settings;
    if (!listens) return 'The gateway does not listen';
    if (clients >= maxConnections) return `The gateway takes nobody in: ${clients} clients are the limit`;
    const unwritten = context.registry.problem();
    if (unwritten !== undefined) return `The registry cannot be written: ${unwritten}`;
    try {
      await context.door.answers(context.settings.hostAnswerMs);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** Everything, in Prometheus' text format. Without an answer of the session hosts their figures are left out. */
  async text(): Promise<string> {
    const sessions = await this.#countSessions().catch(() => undefined);
    return expose([...this.#counted(), ...this.#present(), ...this.#process(), ...this.#inHosts(sessions)]);
  }

  #countSessions(): Promise<SessionFigures> {
    const { door, settings } = this.#source.context;
    this.#counting ??= door.countSessions(settings.hostAnswerMs).finally(() => {
      this.#counting = undefined;
    });
    return this.#counting;
  }

  #counted(): Family[] {
    const { counters } = this.#source.context;
    const { framesIn, framesOut, bytesIn, bytesOut } = counters.traffic;
    const both = (received: number, sent: number): Sample[] => [
      { labels: { direction: 'in' }, value: received },
      { labels: { direction: 'out' }, value: sent },
    ];
    const kinds = Object.keys(COUNTED) as Counted[];
    return [
      ...kinds.map((what): Family => {
        const { name, label, help } = COUNTED[what];
        const counts = counters.of(what);
        if (label === undefined) return counter(name, help, [{ value: counts[0]?.[1] ?? 0 }]);
        return counter(
          name,
          help,
          counts.map(([word, value]) => ({ labels: { [label]: word }, value })),
        );
      }),
      counter('holdfast_client_frames_total', 'Frames of the protocol from and to clients.', both(framesIn, framesOut)),
      counter('holdfast_client_bytes_total', 'Bytes of those frames.', both(bytesIn, bytesOut)),
    ];
  }

  #present(): Family[] {
    const { context, figures } = this.#source;
    const { waiting, clients, queuedBytes, largestQueueBytes } = figures();
    const { version, buildId } = context.identity;
    const events = context.registry.waiting;
    return [
      gauge('holdfast_build_info', 'Always 1; which program this is.', 1, { version, build: buildId }),
      gauge('holdfast_clients', 'Clients that are connected.', clients),
      gauge('holdfast_unauthenticated_connections', 'Connections that have not authenticated yet.', waiting),
      gauge('holdfast_client_queue_bytes', 'Bytes that wait until clients read them.', queuedBytes),
      gauge('holdfast_client_queue_largest_bytes', 'The same of the client with most.', largestQueueBytes),
      gauge('holdfast_registry_waiting_events', 'Events that are not written to the disk yet.', events.count),
      counter('holdfast_registry_lost_events_total', 'Events that did not fit in memory while the disk was full.', [
        { value: events.lost },
      ]),
      counter('holdfast_log_lines_dropped_total', 'Lines that whoever reads the log did not take.', [
        { value: context.log.droppedLines ?? 0 },
      ]),
    ];
  }

  #inHosts(figures: SessionFigures | undefined): Family[] {
    const up = gauge('holdfast_session_hosts_up', 'Whether the session hosts answered.', figures === undefined ? 0 : 1);
    if (figures === undefined) return [up];
    const dropped = [{ value: this.#dropped.look(figures.dropped) }];
    const help = 'Output that nobody had read and the policy Drop has discarded.';
    return [up, ...sessionFamilies(figures), counter('holdfast_output_dropped_bytes_total', help, dropped)];
  }

  #process(): Family[] {
    const { startedAt } = this.#source.context.identity;
    const { user, system } = process.cpuUsage();
    const delay = this.#loopDelay;
    const [typical, slow, slowest] = [delay.percentile(50), delay.percentile(99), delay.max];
    // Each scrape tells of the time since the one before.
    delay.reset();
    const seconds = 'How late timers were since the scrape before.';
    return [
      gauge('holdfast_event_loop_delay_p50_seconds', seconds, typical / NS_PER_SECOND),
      gauge('holdfast_event_loop_delay_p99_seconds', seconds, slow / NS_PER_SECOND),
      gauge('holdfast_event_loop_delay_max_seconds', seconds, slowest / NS_PER_SECOND),
      gauge('process_start_time_seconds', 'Start of the agent since 1970.', startedAt / 1000),
      gauge('process_resident_memory_bytes', 'Memory of the gateway in RAM.', process.memoryUsage.rss()),
      gauge('process_open_fds', 'Descriptors that the gateway has open.', readdirSync('/proc/self/fd').length),
      counter('process_cpu_seconds_total', 'Processor time of the gateway.', [{ value: (user + system) / 1e6 }]),
    ];
  }
}

function sessionFamilies({ hosts, held, disconnected, busy, commands }: SessionFigures): Family[] {
  const states = [
    { labels: { state: 'held' }, value: held },
    { labels: { state: 'disconnected' }, value: disconnected },
  ];
  return [
    gauge('holdfast_session_hosts', 'Session hosts that run.', hosts),
    {
      name: 'holdfast_sessions',
      help: 'Sessions that run, held by a client or by nobody.',
      type: 'gauge',
      samples: states,
    },
    gauge('holdfast_sessions_busy', 'Sessions in which a command runs.', busy),
    gauge('holdfast_commands', 'Commands of holdfast run that run.', commands),
  ];
}

function gauge(name: string, help: string, value: number, labels?: Record<string, string>): Family {
  return { name, help, type: 'gauge', samples: [labels === undefined ? { value } : { labels, value }] };
}

function counter(name: string, help: string, samples: Sample[]): Family {
  return { name, help, type: 'counter', samples };
}
