import { CallerStamp } from '@holdfast/protocol';
import * as v from 'valibot';
import { MetricsPlace } from '../gateway/metrics/metrics-settings.ts';
import { SessionFigures } from '../gateway/metrics/session-figures.ts';
import { GatewaySettings } from '../gateway/settings.ts';
import { RecordSettings } from '../record/record-settings.ts';

/** A connection's number: of a visit first, and of the login that it becomes. */
const visit = v.pipe(v.number(), v.integer(), v.minValue(1));
/** A question's number. */
const id = v.pipe(v.number(), v.integer(), v.minValue(1));
const text = v.pipe(v.string(), v.maxLength(4096));
/** The longest is a handshake message of 16 KiB. */
const bytes = v.pipe(
  v.string(),
  v.maxLength(32 * 1024),
  v.base64(),
  v.transform((encoded) => Buffer.from(encoded, 'base64')),
);
const error = v.object({ error: text, message: text });

/** What a gateway may say to its monitor, which believes none of it: each is checked against what was proved. */
export const FromGateway = v.variant('type', [
  v.object({ type: v.literal('gateway.listening'), host: text, port: v.number(), metrics: v.optional(text) }),
  v.object({ type: v.literal('gateway.failed'), message: text }),
  v.object({ type: v.literal('visit.begin'), visit, address: text, exporter: v.pipe(bytes, v.length(32)) }),
  v.object({ type: v.literal('visit.message'), visit, data: bytes }),
  v.object({ type: v.literal('visit.lost'), visit, ...error.entries }),
  v.object({ type: v.literal('visit.end'), visit }),
  v.object({ type: v.literal('hosts.names'), id, visit }),
  v.object({ type: v.literal('hosts.current'), id, visit }),
  v.object({ type: v.literal('hosts.start'), id, visit }),
  v.object({ type: v.literal('hosts.connect'), id, visit, name: text }),
  v.object({ type: v.literal('sessions.count'), id }),
  v.object({ type: v.literal('monitor.ping'), id }),
]);
export type FromGateway = v.InferOutput<typeof FromGateway>;
/** A question of a gateway about the session hosts of somebody who came in. */
export type HostsQuestion = Extract<FromGateway, { id: number; visit: number }>;

/** What a gateway says of itself, and asks of no connection. */
export type GatewayNews = Extract<
  FromGateway,
  { type: 'gateway.listening' | 'gateway.failed' | 'sessions.count' | 'monitor.ping' }
>;

const HandshakeResult = v.object({
  caller: CallerStamp,
  clientId: v.string(),
  clientName: v.string(),
  version: v.number(),
  capabilities: v.array(v.string()),
  resumed: v.boolean(),
});

/** What a gateway is started with. */
const GatewayStart = v.object({
  type: v.literal('gateway.start'),
  listen: v.object({ host: v.string(), port: v.number() }),
  stateDir: v.string(),
  settings: GatewaySettings,
  record: RecordSettings,
  hostKey: v.string(),
  version: v.string(),
  buildId: v.string(),
  startedAt: v.number(),
  metrics: v.optional(MetricsPlace),
});
export type GatewayStart = v.InferOutput<typeof GatewayStart>;

/** What a monitor says to its gateway; with the reply to hosts.connect comes a socket. */
export const FromMonitor = v.variant('type', [
  GatewayStart,
  v.object({ type: v.literal('gateway.stop'), reason: v.string() }),
  v.object({ type: v.literal('visit.receive'), visit }),
  v.object({ type: v.literal('visit.send'), visit, data: bytes }),
  v.object({
    type: v.literal('visit.refused'),
    visit,
    refusal: v.object({ user: v.string(), key: v.optional(v.string()), reason: v.string() }),
  }),
  v.object({ type: v.literal('visit.done'), visit, result: HandshakeResult }),
  v.object({ type: v.literal('visit.failed'), visit, error: v.string(), message: v.string() }),
  /** `owner`: whose session host the socket leads to. */
  v.object({ type: v.literal('reply'), id, names: v.array(v.string()), owner: v.optional(v.string()) }),
  v.object({ type: v.literal('sessions.counted'), id, figures: SessionFigures }),
  /** `code`: Node's of its cause, by which a session host that is gone is told from one that hangs. */
  v.object({
    type: v.literal('error'),
    id,
    error: v.string(),
    message: v.string(),
    code: v.optional(v.string()),
  }),
]);
export type FromMonitor = v.InferInput<typeof FromMonitor>;
