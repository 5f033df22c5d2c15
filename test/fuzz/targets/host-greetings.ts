import { RemotingError, encodeControl, FrameKind, helloAsHost, receiveHostReply } from '@holdfast/protocol';
import { FedTransport } from '../handshake-parts.ts';
import type { FuzzTarget } from '../target.ts';

/** Both greetings on a session host's socket: each is as agreed, or a declared error. */
export function makeTarget(): FuzzTarget {
  return {
    inputs: 'json',
    dictionary: [
      'hello',
      'hello.reply',
      'error',
      'type',
      'min',
      'max',
      'caller',
      'roles',
      'owner',
      'administrator',
      'key',
    ],
    maxBytes: 20 * 1024,
    async run(input) {
      const answers: string[] = [];
      const host = fed(input, (frame) => answers.push(frame.subarray(5, 30).toString()));
      const asHost = await settled(helloAsHost(host, { generation: 'g', buildId: 'b' }));
      const asClient = await settled(receiveHostReply(fed(input)));
      return `${asHost} ${asClient} ${answers.join()}`;
    },
  };
}

function fed(input: Buffer, onSent?: (frame: Buffer) => void): FedTransport {
  const transport = new FedTransport(onSent);
  queueMicrotask(() => {
    transport.feed(encodeControl(FrameKind.control, 0, input));
    transport.end();
  });
  return transport;
}

async function settled(greeting: Promise<object>): Promise<string> {
  try {
    return Object.keys(await greeting).join();
  } catch (error) {
    if (!(error instanceof RemotingError)) throw error;
    return `${error.id} ${error.message.slice(0, 60)}`.replaceAll(/\d+/g, '');
  }
}
