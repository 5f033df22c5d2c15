import {
  FrameKind,
  Link,
  MessageAssembler,
  RemotingError,
  encodeControl,
  encodeMessage,
  parseRequest,
  EVENTS,
  REQUESTS,
  type AnyEvent,
  type IncomingRequest,
  type RequestType,
} from '@holdfast/protocol';
import { FedTransport } from '../handshake-parts.ts';
import { assertOnlyKnown } from '../known-fields.ts';
import type { Randomness } from '../randomness.ts';
import { REQUEST_TYPES } from '../request-types.ts';
import type { FuzzTarget } from '../target.ts';

/** Why a link may close for what came in. */
const DECLARED =
  /^(A control message (is not JSON|has no type|is over)|[\w.]+ (is not as agreed: |goes the other way$)|There is an answer)/;
const EXTRA_WORDS = ['type', 'id', 'of', 'reply', 'error', 'message', 'target', 'channel', 'INT', 'Drop', 'None'];

/**
 * Control messages as they come to a link of either side, in one piece or several. A listener sees nothing but what the
 * schema names, nothing is lost when it is sent on, and a link closes or refuses without another error.
 */
export function makeTarget(random: Randomness): FuzzTarget {
  return {
    inputs: 'json',
    dictionary: [...REQUEST_TYPES, ...Object.keys(EVENTS), ...EXTRA_WORDS],
    maxBytes: 4096,
    async run(input) {
      const seen: string[] = [];
      // What a listener throws, its link takes for the fault of the other side.
      const faults: unknown[] = [];
      const check = (one: () => void): void => {
        try {
          one();
        } catch (error) {
          faults.push(error);
        }
      };
      const transport = new FedTransport((frame) => seen.push(`sent ${shortened(frame.subarray(5))}`));
      transport.close = (_code, reason) => {
        seen.push(`closed ${shortened(reason)}`);
        if (!DECLARED.test(reason)) faults.push(new Error(`The link closed: ${reason}`));
      };
      const onRequest = (request: IncomingRequest): object => {
        seen.push(request.type);
        check(() => checkRequest(request));
        return {};
      };
      // A session host takes requests and news of its gateway, a client answers and events.
      const isHost = /"id":|client\.heard/.test(input.toString()) && !input.includes('"of":') && !random.oneIn(8);
      const link = new Link(transport, {
        ...(isHost ? { onRequest } : {}),
        onEvent: (channel: number, event: AnyEvent) => {
          seen.push(event.type);
          check(() => checkEvent(channel, event));
        },
        onClose: () => undefined,
      });
      const asked = ask(link, input);
      for (const frame of inPieces(input, random)) transport.feed(frame);
      transport.end();
      const answered = await asked;
      if (faults.length > 0) throw faults[0];
      return `${seen.join(' ')} ${answered}`;
    },
  };
}

/** Asks what the input answers, if it is an answer; what came of that. */
async function ask(link: Link, input: Buffer): Promise<string> {
  const of = /"of":"([\w.]+)"/.exec(input.toString())?.[1] ?? '';
  if (!Object.hasOwn(REQUESTS, of)) return '';
  const type = of as RequestType;
  try {
    // The request itself is not looked at here.
    const reply: unknown = await link.request(type, {});
    assertOnlyKnown(REQUESTS[type].reply, reply);
    return `answered ${Object.keys(Object(reply)).join()}`;
  } catch (error) {
    if (error instanceof RemotingError) return shortened(error.message);
    throw error;
  }
}

function inPieces(input: Buffer, random: Randomness): Buffer[] {
  const pieces = random.oneIn(4) ? 1 + random.below(4) : 1;
  const length = Math.ceil(input.length / pieces);
  return Array.from({ length: pieces }, (_, index) => {
    const kind = index === pieces - 1 ? FrameKind.control : FrameKind.controlPart;
    return encodeControl(kind, random.below(2), input.subarray(index * length, (index + 1) * length));
  });
}

function checkRequest({ type, body }: IncomingRequest): void {
  assertOnlyKnown(REQUESTS[type].request, body);
  const again = parseRequest(decoded({ ...body, type, id: 1 }));
  if (JSON.stringify(again.body) !== JSON.stringify(body)) throw new Error(`${type} is another one when it is sent on`);
}

function checkEvent(channel: number, event: AnyEvent): void {
  const { type, ...fields } = event;
  assertOnlyKnown(EVENTS[type], fields);
  if (!Number.isInteger(channel)) throw new Error(`The channel is ${channel}`);
}

function decoded(message: object): Parameters<typeof parseRequest>[0] {
  const assembler = new MessageAssembler();
  for (const frame of encodeMessage(0, message)) {
    const raw = assembler.accept(0, frame.subarray(5), frame[0] === FrameKind.control);
    if (raw !== undefined) return raw;
  }
  throw new Error('The message has no end');
}

/** What was said, without the values in it. */
function shortened(text: Buffer | string): string {
  return text
    .toString()
    .slice(0, 200)
    .replaceAll(/"[^"]{12,}"|\d+|[^\x20-\x7e]+/g, '');
}
