import {
  FrameKind,
  MAX_HANDSHAKE_BYTES,
  RemotingError,
  encodeControl,
  handshakeAsClient,
  handshakeAsHost,
  type TransportHandshakeIo,
} from '@holdfast/protocol';
import { readCorpus } from '../corpus.ts';
import {
  FedTransport,
  clientOptions,
  connected,
  hostOptions,
  ioOver,
  makeParties,
  type ClientWay,
  type Parties,
} from '../handshake-parts.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import { mutateJson } from '../mutate-json.ts';
import { Randomness } from '../randomness.ts';
import type { FuzzTarget } from '../target.ts';

const RECORDED_KEY = recordedKey();
const WORDS = `
  hello hello.reply hello.proof auth.try auth.sign auth.ticket auth.continue auth.refused auth.ok
  error type user nonce publicKey signature ticket proof sealed ann roles AAAAC3NzaC1lZDI1NTE5 min max
  version capabilities hostKey secret expiresAt message
`;
const DICTIONARY = WORDS.trim().split(/\s+/);
/** Words of the first line: who hears the lines that follow. */
const WAYS: readonly ClientWay[] = ['signs', 'asks first', 'has a ticket'];

/**
 * What a host or a client hears in a handshake, a message a line, or both sides with one message changed between them.
 * Nobody gets in by what was recorded, nobody believes what was changed, all ends with a declared error, no more than the
 * budget is taken, and no more than that and one frame is kept in memory.
 */
export function makeTarget(): FuzzTarget {
  const parties = makeParties(new AbortController().signal, RECORDED_KEY);
  return {
    inputs: 'lines',
    dictionary: DICTIONARY,
    maxBytes: 24 * 1024,
    parallel: 64,
    run(input) {
      const [side = '', ...lines] = input.toString('latin1').split('\n');
      if (side.startsWith('b')) return between(parties, lines);
      return side.startsWith('c') ? clientHears(parties, lines) : hostHears(parties, lines);
    },
  };
}

async function hostHears(parties: Parties, lines: readonly string[]): Promise<string> {
  const answers: string[] = [];
  const transport = fed(lines, answers);
  // What it proves of itself nobody looks at here, and would take most of the time.
  const hostKey = { ...parties.hostKey, sign: () => Promise.resolve(Buffer.from('signed')) };
  const options = { ...hostOptions(parties, RECORDED_KEY), hostKey };
  const outcome = await settled(transport.feedAll(), (io) => handshakeAsHost(io, options));
  if (outcome.result !== undefined) throw new Error('A recorded handshake was let in');
  return `host ${answers.join(' ')} ${outcome.error}`;
}

async function clientHears(parties: Parties, lines: readonly string[]): Promise<string> {
  const said: string[] = [];
  let believed = false;
  const options = clientOptions(parties, 'asks first', () => (believed = true));
  const outcome = await settled(fed(lines, said).feedAll(), (io) => handshakeAsClient(io, options));
  if (believed || outcome.result !== undefined) throw new Error('A recorded host was believed');
  return `client ${outcome.error}`;
}

/** `way`, the number of the message that is changed, and the seed of its change. */
async function between(parties: Parties, [way = '', number = '', seed = '']: readonly string[]): Promise<string> {
  const changing = new Randomness(Number.parseInt(seed, 10) || 0);
  const { host, client, messages } = connected((message, at) =>
    at === Number.parseInt(number, 10) ? changed(message, changing) : message,
  );
  let believed = false;
  const known = WAYS.find((each) => each === way) ?? 'signs';
  const ends = (end: FedTransport, other: FedTransport) => (result: Outcome) => {
    end.end();
    other.end();
    return result;
  };
  const [inside, outside] = await Promise.all([
    settled(host, (io) => handshakeAsHost(io, hostOptions(parties, parties.userKey.publicKey))).then(
      ends(host, client),
    ),
    settled(client, (io) =>
      handshakeAsClient(
        io,
        clientOptions(parties, known, () => (believed = true)),
      ),
    ).then(ends(client, host)),
  ]);
  assertNobodyFooled(messages, { hostLetIn: inside.result !== undefined, clientBelieved: believed });
  // In few words, for such an input costs ten times what others do.
  return `between ${messages.length} ${inside.error?.split(' ', 1)[0]} ${outside.error?.split(' ', 1)[0]}`;
}

type Passed = { from: 'client' | 'host'; sent: Buffer; received: Buffer };

/** Both hellos to the byte; of proofs what they hold, for no signature is over its own text. */
function assertNobodyFooled(
  messages: readonly Passed[],
  { hostLetIn, clientBelieved }: { hostLetIn: boolean; clientBelieved: boolean },
): void {
  const [hello, reply, proof] = messages;
  const sameHellos = [hello, reply].every((message) => message?.sent.equals(message.received) === true);
  if ((hostLetIn || clientBelieved) && !sameHellos) throw new Error('A changed hello was believed');
  if (clientBelieved && !holdsSame(proof, ['signature'])) throw new Error("A host's changed proof was believed");
  const last = messages.findLast(({ from, sent }) => from === 'client' && !sent.includes('"auth.try"'));
  if (hostLetIn && !holdsSame(last, ['publicKey', 'signature', 'proof'])) {
    throw new Error('Somebody was let in by a changed proof');
  }
}

/** A message of the same type, with those of the fields that it was sent with; a field more is ignored by the protocol. */
function holdsSame(message: Passed | undefined, fields: readonly string[]): boolean {
  if (message === undefined) return false;
  const [sent = {}, received = {}] = [message.sent, message.received].map(
    (bytes) => JSON.parse(bytes.toString()) as object,
  );
  const given = fields.filter((field) => Reflect.has(sent, field));
  if (given.length === 0 || Reflect.get(sent, 'type') !== Reflect.get(received, 'type')) return false;
  return given.every((field) => {
    const [one, other] = [sent, received].map((each) => Buffer.from(String(Reflect.get(each, field)), 'base64'));
    return one !== undefined && other?.equals(one) === true;
  });
}

function changed(message: Buffer, random: Randomness): Buffer {
  const material = { random, dictionary: DICTIONARY, other: () => message };
  return (random.oneIn(2) ? mutateJson(message.toString(), material) : undefined) ?? mutateBytes(message, material);
}

/** A transport that is to be given a frame for each line: the first digit is its kind. */
function fed(lines: readonly string[], answers: string[]): { feedAll: () => FedTransport } {
  const transport = new FedTransport((frame) => answers.push(/"type":"([\w.]+)"/.exec(frame.toString())?.[1] ?? ''));
  const frames = lines.map((line) => {
    const kind = Number.parseInt(line.slice(0, 1), 10) || FrameKind.control;
    return Buffer.concat([Buffer.of(kind, 0, 0, 0, 0), Buffer.from(line.slice(1), 'latin1')]);
  });
  return {
    feedAll() {
      // The handshake takes its listeners first.
      queueMicrotask(() => {
        for (const frame of frames) transport.feed(frame);
        transport.end();
        // Nothing was taken of it yet, for that is done in later turns.
        if (transport.deliveredBytes - transport.lastBytes > MAX_HANDSHAKE_BYTES)
          throw new Error('More than the budget and one frame is kept in memory');
      });
      return transport;
    },
  };
}

type Outcome = { result?: object; error?: string };

/** How a handshake over the transport ends. @throws Error when it took more than its budget */
async function settled(
  transport: FedTransport,
  shakeHands: (io: TransportHandshakeIo) => Promise<object>,
): Promise<Outcome> {
  const io = ioOver(transport);
  let takenBytes = 0;
  const receive = async (signal: AbortSignal): Promise<Buffer> => {
    const message = await io.receive(signal);
    takenBytes += encodeControl(FrameKind.control, 0, message).length;
    return message;
  };
  const outcome = await outcomeOf(shakeHands({ ...io, receive }));
  if (takenBytes > MAX_HANDSHAKE_BYTES) throw new Error(`${takenBytes} bytes were taken, which is over the budget`);
  return outcome;
}

async function outcomeOf(handshake: Promise<object>): Promise<Outcome> {
  try {
    return { result: await handshake };
  } catch (error) {
    if (!(error instanceof RemotingError)) throw error;
    return { error: `${error.id} ${error.message.slice(0, 80).replaceAll(/\d+|"[^"]*"/g, '')}` };
  }
}

/** The key in the recorded handshakes, which nobody has any more. */
function recordedKey(): Buffer {
  const text = readCorpus('handshake').find(
    (input) => input.toString().startsWith('host\n') && input.includes('auth.sign'),
  );
  return Buffer.from(/"publicKey":"([^"]+)"/.exec(text?.toString() ?? '')?.[1] ?? '', 'base64');
}
