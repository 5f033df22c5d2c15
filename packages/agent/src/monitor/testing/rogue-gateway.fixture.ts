import { connect } from 'node:net';
import { createInterface } from 'node:readline';

// Stands in the gateway's place and does what a test tells it over a socket: a gateway in strange hands. Each line of the
// test is a message for the monitor; each message of the monitor is a line for the test, with whether a socket came along.
const test = connect({ port: Number(process.argv[2]), host: '127.0.0.1' });
test.on('close', () => process.exit(0));
createInterface({ input: test }).on('line', (line) => process.send?.(JSON.parse(line)));
process.on('message', (message: object, handle) => {
  if ('type' in message && message.type === 'gateway.stop') process.exit(0);
  test.write(`${JSON.stringify({ message, hasSocket: handle !== undefined && handle !== null })}\n`);
});
process.on('disconnect', () => process.exit(0));
