import { FromGateway, FromMonitor } from '../../../packages/agent/src/monitor/messages.ts';
import { assertOnlyKnown } from '../known-fields.ts';
import type { FuzzTarget } from '../target.ts';

const BYTES = Buffer.from('bytes of a handshake').toString('base64');
const SEEDS = [
  { type: 'gateway.listening', host: '127.0.0.1', port: 7433 },
  { type: 'gateway.failed', message: 'no' },
  { type: 'visit.begin', visit: 1, address: '10.0.0.1', exporter: Buffer.alloc(32, 7).toString('base64') },
  { type: 'visit.message', visit: 1, data: BYTES },
  { type: 'visit.lost', visit: 1, error: 'ConnectionLost', message: 'gone' },
  { type: 'visit.end', visit: 1 },
  { type: 'hosts.names', id: 1, visit: 1 },
  { type: 'hosts.connect', id: 2, visit: 1, name: 'aaaaaaaaa-testbuil.sock' },
  { type: 'visit.receive', visit: 1 },
  { type: 'visit.refused', visit: 1, refusal: { user: 'ann', key: 'SHA256:x', reason: 'no' } },
  { type: 'reply', id: 1, names: ['a', 'b'] },
  { type: 'error', id: 1, error: 'AccessDenied', message: 'no' },
];

/** What gateway and monitor say to each other: as agreed and nothing more, or no message at all. */
export function makeTarget(): FuzzTarget {
  const sides = { FromGateway, FromMonitor };
  return {
    inputs: 'json',
    dictionary: [...SEEDS.flatMap(Object.keys), ...SEEDS.map(({ type }) => type)],
    maxBytes: 4096,
    seeds: SEEDS.map((seed) => Buffer.from(JSON.stringify(seed))),
    run(input) {
      const message = parsed(input);
      return Object.entries(sides)
        .map(([name, schema]) => {
          const result = schema['~standard'].validate(message);
          if (result instanceof Promise) throw new Error(`${name} waits for something`);
          if (result.issues !== undefined) return result.issues[0]?.message.replaceAll(/"[^"]*"|\d+/g, '') ?? '';
          const { type } = result.value;
          const known = schema.options.find(({ entries }) => entries.type.literal === type);
          assertOnlyKnown(known, result.value, name);
          return type;
        })
        .join(' ');
    },
  };
}

function parsed(input: Buffer): unknown {
  try {
    return JSON.parse(input.toString());
  } catch {
    // Node's own IPC gives nothing that is no JSON.
    return undefined;
  }
}
