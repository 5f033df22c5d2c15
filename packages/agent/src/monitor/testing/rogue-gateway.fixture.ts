import { connect, Socket } from 'node:net';
import { createInterface } from 'node:readline';

// Stands in the gateway's place and does what a test tells it over a socket: a gateway in strange hands. Each line of the
// test is a message for the monitor, or `host.send`: bytes for the session host whose socket came last; each message of the
// monitor is a line for the test, with whether a socket came along, and what such a host says is one.
const test = connect({ port: Number(process.argv[2]), host: '127.0.0.1' });
let host: Socket | undefined;
test.on('close', () => process.exit(0));
createInterface({ input: test }).on('line', (line) => {
  const message = JSON.parse(line) as { type: string; data?: string };
  if (message.type === 'host.send') host?.write(Buffer.from(message.data ?? '', 'base64'));
  else process.send?.(message);
});
process.on('message', (message: object, handle) => {
  if ('type' in message && message.type === 'gateway.stop') process.exit(0);
  if (handle instanceof Socket) {
    host = handle;
    host.on('data', (data) => tell({ type: 'host.said', data: data.toString('latin1') }, false));
  }
  tell(message, handle !== undefined && handle !== null);
});
process.on('disconnect', () => process.exit(0));

function tell(message: object, hasSocket: boolean): void {
  test.write(`${JSON.stringify({ message, hasSocket })}\n`);
}
